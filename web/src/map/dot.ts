/** Writes a message into its mark; only what changed. */

import { numbers } from '../badge/numbers';
import { mapTexts } from '../i18n/map';
import { spoken, type Dot } from './contents';

/** More figures than this would not be legible: the last ones tell messages apart. */
const FIGURES = 3;

export function figures(n: number | null): string {
  if (n === null) return '';
  const all = String(n);
  return all.length <= FIGURES ? all : `…${all.slice(-2)}`;
}

/** null hides it. */
export function paintDot(mark: SVGElement, dot: Dot | null): void {
  const key = dot === null ? '' : `${dot.sender}/${dot.number ?? ''}`;
  const hue = dot === null ? undefined : numbers.peek().get(dot.sender);
  const shown = hue === undefined ? 'none' : String((hue - 1) % 8);
  if (mark.dataset['message'] === key && mark.dataset['hue'] === shown) return;
  mark.dataset['message'] = key;
  mark.dataset['hue'] = shown;
  if (dot === null) return;
  const [title, , text] = mark.children;
  const label = figures(dot.number);
  if (title) title.textContent = mapTexts().message(dot.number, spoken(dot.text));
  if (!text) return;
  text.textContent = label;
  text.setAttribute('class', label.length > 2 ? 'long' : '');
}
