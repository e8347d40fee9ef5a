/** A stack's processes as one path for each state: 300 processes are then a handful of DOM nodes. Pure. */

import type { Shape, StateKey } from '../state/words';
import { PITCH } from './bed';

export interface Mark {
  readonly key: StateKey;
  readonly shape: Shape;
  readonly filled: boolean;
}

export interface Waffle {
  /** marks that look the same, always in one order, so that counts do not change places */
  readonly groups: readonly { readonly mark: Mark; readonly count: number; readonly d: string }[];
}

const ORDER: Readonly<Record<StateKey, true>> = {
  computing: true,
  ready: true,
  waiting: true,
  sleeping: true,
  held: true,
  blocked: true,
  disk: true,
  stopped: true,
  traced: true,
  zombie: true,
  unknown: true,
  ended: true,
};

/** Small badges about (0, 0), 10 to 12 wide. */
const SHAPES: Readonly<Record<Shape, (x: number, y: number) => string>> = {
  circle: (x, y) => `M${x - 4.5} ${y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z`,
  square: (x, y) => `M${x - 4.5} ${y - 4.5}h9v9h-9z`,
  bars: (x, y) => `M${x - 4.5} ${y - 4.5}h9v9h-9zM${x - 1.5} ${y - 2.5}v5m3-5v5`,
  octagon: (x, y) => `M${x - 2.1} ${y - 5}h4.2l2.9 2.9v4.2l-2.9 2.9h-4.2l-2.9-2.9v-4.2z`,
  diamond: (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6-6z`,
  cross: (x, y) => `M${x - 4} ${y - 4}l8 8m0-8l-8 8`,
  tick: (x, y) => `M${x - 4.5} ${y + 0.5}l3 3.5l6-8`,
};

/** Marks row by row, `columns` a row, the first one's middle at half a pitch. */
export function waffleOf(marks: readonly Mark[], columns: number): Waffle {
  const groups = new Map<string, { mark: Mark; count: number; d: string }>();
  marks.forEach((mark, i) => {
    const id = `${mark.key} ${mark.shape} ${String(mark.filled)}`;
    let group = groups.get(id);
    if (!group) {
      group = { mark, count: 0, d: '' };
      groups.set(id, group);
    }
    group.count++;
    group.d += SHAPES[mark.shape]((i % columns) * PITCH + PITCH / 2, Math.floor(i / columns) * PITCH + PITCH / 2);
  });
  const order = Object.keys(ORDER);
  return { groups: [...groups.values()].sort((a, b) => order.indexOf(a.mark.key) - order.indexOf(b.mark.key)) };
}
