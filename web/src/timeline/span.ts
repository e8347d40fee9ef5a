/** Which stretch of time is in sight. Pure; times in ms since the epoch by the server's clock, x in px. */
import { CELL_MS, KEPT_CELLS } from '../state/lanes';

export interface Span {
  /** how long a stretch, in ms */
  readonly length: number;
  /** its right edge; null: it follows the newest */
  readonly right: number | null;
}

export const LIVE: Span = { length: 10_000, right: null };
export const SHORTEST = 1000;
export const LONGEST = KEPT_CELLS * CELL_MS;

/** Where the newest cell ends: cells do not move by parts of themselves. */
export const edgeOf = (at: number): number => (Math.floor(at / CELL_MS) + 1) * CELL_MS;

export const rightOf = (span: Span, at: number): number => span.right ?? edgeOf(at);

/** Moves by ms, to the past for negative ones. At the newest it follows again; nothing older than what is kept is in sight. */
export function pan(span: Span, ms: number, at: number): Span {
  const right = rightOf(span, at) + ms;
  if (right >= edgeOf(at)) return { length: span.length, right: null };
  return { length: span.length, right: Math.max(right, edgeOf(at) - LONGEST + span.length) };
}

/** Makes what is in sight factor times as long, about the moment at share (0 left, 1 right). Following goes on at the right edge. */
export function zoom(span: Span, factor: number, share: number, at: number): Span {
  const length = Math.min(LONGEST, Math.max(SHORTEST, span.length * factor));
  if (span.right === null && (share > 0.999 || factor > 1)) return { length, right: null };
  const fixed = rightOf(span, at) - (1 - share) * span.length;
  return pan({ length, right: fixed + (1 - share) * length }, 0, at);
}

/** Lets go of the newest, or follows it again. */
export const hold = (span: Span, at: number): Span => ({ length: span.length, right: span.right === null ? edgeOf(at) : null });

export interface Tick {
  readonly at: number;
  /** share of the width */
  readonly share: number;
}

const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000];

/** ms between two marks of the axis, at least `room` px apart. */
export const stepOf = (length: number, width: number, room = 90): number => STEPS.find((step) => (step / length) * width >= room) ?? STEPS.at(-1) ?? 60_000;

/** Marks of the axis: counted from the right edge while it follows, on whole times while it stands. */
export function ticksOf(span: Span, at: number, width: number): readonly Tick[] {
  const step = stepOf(span.length, width);
  const right = rightOf(span, at);
  const first = span.right === null ? right : Math.floor(right / step) * step;
  const ticks: Tick[] = [];
  for (let t = first; t >= right - span.length - 0.5; t -= step) ticks.push({ at: t, share: 1 - (right - t) / span.length });
  return ticks;
}
