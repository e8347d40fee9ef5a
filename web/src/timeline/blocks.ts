/** A lane as rectangles: what is drawn, as plain data. Pure. Coordinates in px. */
import { CELL_MS, sumCells, type Lane, type Sum } from '../state/lanes';

/** What a rectangle is filled with. */
export const FILLS = ['computing', 'ready', 'blocked', 'held', 'stopped', 'zombie', 'alive'] as const;
export type Fill = (typeof FILLS)[number];

export const LANE = 13;
export const PITCH = 16.5;

/** Rectangles by fill, flat: x, y, width, height, x, … */
export type Blocks = Readonly<Record<Fill, number[]>>;

export const noBlocks = (): Blocks => ({ computing: [], ready: [], blocked: [], held: [], stopped: [], zombie: [], alive: [] });

interface Stretch {
  /** ms */
  readonly left: number;
  readonly length: number;
  /** px */
  readonly x: number;
  readonly width: number;
}

const sum: Sum = { seen: 0, ran: 0, ready: 0, blocked: 0, held: 0, stopped: 0, zombie: 0 };

/**
 * Adds a lane at height y (its upper edge): computing from the bottom, then ready, then what it waited for. Narrow
 * cells are added up, a px a column; alike neighbours become one rectangle.
 */
export function addLane(out: Blocks, lane: Lane, y: number, { left, length, x, width }: Stretch): void {
  const perCell = (CELL_MS / length) * width;
  const cells = perCell >= 1 ? 1 : Math.ceil(1 / perCell);
  const first = Math.max(lane.from, Math.floor(left / CELL_MS / cells) * cells);
  const last = Math.min(lane.to, Math.floor((left + length) / CELL_MS));
  const xOf = (cell: number): number => Math.min(x + width, Math.max(x, Math.round(x + ((cell * CELL_MS - left) / length) * width)));
  let key = -1;
  let begun = 0;
  const heights = [0, 0, 0, 0, 0, 0];
  const flush = (until: number): void => {
    if (key < 0) return;
    const [x0, x1] = [xOf(begun), xOf(until)];
    if (x1 > x0) {
      out.alive.push(x0, y, x1 - x0, LANE);
      let bottom = y + LANE;
      heights.forEach((height, i) => {
        const fill = FILLS[i];
        if (height === 0 || fill === undefined) return;
        if (fill === 'zombie') out.zombie.push(x0, y + 5, x1 - x0, 3);
        else {
          bottom -= height;
          out[fill].push(x0, bottom, x1 - x0, height);
        }
      });
    }
    key = -1;
  };
  // Columns begin at whole multiples, so that a column does not change its cells while time goes on.
  for (let cell = first - (first % cells); cell <= last; cell += cells) {
    sumCells(lane, cell, cell + cells, sum);
    if (sum.seen === 0) {
      flush(cell);
      continue;
    }
    const parts = [sum.ran, sum.ready, sum.blocked, sum.held, sum.stopped, sum.zombie];
    // Edges are rounded, not heights: so they add up. What there is at all is seen.
    let used = 0;
    let share = 0;
    let now = 0;
    const next = parts.map((part) => {
      share += part / sum.seen;
      const height = part / sum.seen < 0.02 ? 0 : Math.min(LANE - used, Math.max(1, Math.round(share * LANE) - used));
      used += height;
      now = now * (LANE + 1) + height;
      return height;
    });
    if (now === key) continue;
    flush(Math.max(cell, first));
    key = now;
    begun = Math.max(cell, first);
    next.forEach((height, i) => (heights[i] = height));
  }
  flush(last + 1);
}
