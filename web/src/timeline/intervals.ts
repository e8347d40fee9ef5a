/** A lane as a table tells it: what it did, from when to when. Pure. */
import { CELL_MS, cellAt, KEPT_CELLS, type Cell, type Doing, type Lane } from '../state/lanes';

export type What = Exclude<Doing, 'running'> | 'computing' | 'ready';

export interface Interval {
  readonly what: What;
  /** ms since the epoch */
  readonly from: number;
  readonly to: number;
  /** share of it on a core, 0..1 */
  readonly ran: number;
}

/** Rows of the table at most, the newest ones. */
export const KEPT_INTERVALS = 200;

/** The one word for a cell: computing or ready by what it did more of, otherwise what it waited for. */
export function whatOf({ doing, ran, ready }: Cell): What {
  if (doing === 'unseen') return doing;
  const waited = ready ?? 0;
  if (ran >= 0.5 || (doing === 'running' && ran >= waited)) return 'computing';
  if (waited >= 0.5 || doing === 'running') return 'ready';
  return doing;
}

/** Newest first; neighbours that did the same are one. */
export function intervalsOf(lane: Lane): readonly Interval[] {
  const out: Interval[] = [];
  let open: { what: What; from: number; to: number; ran: number } | undefined;
  const close = (): void => {
    if (open !== undefined && open.what !== 'unseen') out.push({ what: open.what, from: open.from * CELL_MS, to: (open.to + 1) * CELL_MS, ran: open.ran / (open.to - open.from + 1) });
  };
  for (let cell = lane.to; cell >= Math.max(lane.from, lane.to - KEPT_CELLS) && out.length < KEPT_INTERVALS; cell--) {
    const one = cellAt(lane, cell);
    const what = whatOf(one);
    if (open?.what === what) {
      open.from = cell;
      open.ran += one.ran;
      continue;
    }
    close();
    open = { what, from: cell, to: cell, ran: one.ran };
  }
  if (out.length < KEPT_INTERVALS) close();
  return out;
}
