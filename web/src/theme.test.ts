/** The colours as theme.css has them: text ≥ 4.5:1, shapes ≥ 3:1, in each theme. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('web/src/theme.css', 'utf8');

function block(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  if (start < 0) throw new Error(`theme.css has no ${selector}`);
  const body = css.slice(start, css.indexOf('}', start));
  return new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

const light = block(':root');
const dark = new Map([...light, ...block(":root[data-theme='dark']")]);
const projector = new Map([...light, ...block(":root[data-theme='projector']")]);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const states = ['computing', 'ready', 'waiting', 'sleeping', 'blocked', 'disk', 'stopped', 'traced', 'held', 'zombie', 'ended', 'unknown'];

describe.each([
  ['light', light],
  ['dark', dark],
  ['projector', projector],
])('%s', (_, theme) => {
  const on = (name: string, ground: string): number => contrast(theme.get(name) ?? '', theme.get(ground) ?? '');

  it.each(['ink', 'ink2', 'ink3', 'danger', 'acc', ...states.map((s) => `state-${s}-text`)])('%s reads as text', (name) => {
    for (const ground of ['bg', 'surface', 'sunk']) expect(on(name, ground), ground).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['edge', 'stem', 'chan', ...states.map((s) => `state-${s}`)])('%s is seen as a shape', (name) => {
    for (const ground of ['bg', 'surface']) expect(on(name, ground), ground).toBeGreaterThanOrEqual(3);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('the number is read on hue %i', (hue) => {
    expect(on('hue-ink', `hue-${hue}`)).toBeGreaterThanOrEqual(6.5);
  });

  it('a button in the accent colour is read', () => {
    expect(on('on-acc', 'acc')).toBeGreaterThanOrEqual(4.5);
  });
});

it('the dark of the system and the chosen dark are the same', () => {
  expect(block(":root:not([data-theme='light'], [data-theme='projector'])")).toEqual(block(":root[data-theme='dark']"));
});
