/** What the person chose to look at on the timeline; it stays when the strip is closed. */
import { signal } from '@preact/signals';
import { numbers } from '../badge/numbers';
import { processName } from '../i18n/names';
import { literal } from '../log/literal';
import { plainName } from '../map/seeds';
import type { Lane } from '../state/lanes';
import { store } from '../state/store';
import { LIVE, type Span } from './span';

export const span = signal<Span>(LIVE);
export const asTable = signal(false);

/** Numbers of processes that have ended: their siblings' chips forget them after 3 s, their lanes do not. */
const kept = new Map<number, number>();

/** Its number among its alike siblings, undefined for one that stands alone. Call keepNumbers() now and then. */
export const numberOf = (id: number): number | undefined => kept.get(id);

export function keepNumbers(): void {
  for (const [id, number] of numbers.value) kept.set(id, number);
  const lanes = store.lanes.all();
  for (const id of kept.keys()) if (!lanes.has(id)) kept.delete(id);
}

/** A lane's name as it is shown; hostile text made visible. */
export function laneName(lane: Lane): string {
  const number = numberOf(lane.id);
  const shown = (name: string): string => literal(name).replace(/\s+/g, ' ');
  // As on its card, where the chip has the number.
  return number === undefined ? shown(processName(lane.row)) : `${shown(plainName(lane.row))} ${number}`;
}
