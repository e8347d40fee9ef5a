/** Sizes of what holds messages: a tube for a pipe, a mailbox for a queue. Pure. */

import type { Tie } from './links';
import type { Box, VesselKind } from './scene';

/** A queue with more slots than this shows NINE of them and a count. */
export const SLOTS_SHOWN = 10;
const NINE = 9;
/** of a queue that does not say how many it can hold */
const SLOTS_UNKNOWN = 5;

export interface VesselShape {
  readonly kind: VesselKind;
  readonly w: number;
  readonly h: number;
  /** slots drawn; 0 for a tube */
  readonly cells: number;
  /** room for the words above and below */
  readonly above: number;
  readonly below: number;
  /** of words below it */
  readonly lines: number;
}

export const TUBE = { w: 104, h: 58 };
export const SLIM = { w: 104, h: 26 };
export const CELL_GAP = 6;
/** of a mailbox's rim */
export const RIM = 11;

export function cellWidth(cells: number): number {
  return cells <= 5 ? 46 : 38;
}

/** tight: many tubes stand one above the other; small: among small cards. */
export function shapeOf(t: Pick<Tie, 'kind' | 'slots'>, size: 'large' | 'small' | 'tight' = 'large'): VesselShape {
  if (t.kind !== 'queue') {
    if (size === 'tight') return { kind: 'slim', ...SLIM, cells: 0, above: 0, below: 17, lines: 1 };
    return size === 'small' ? { kind: 'tube', ...TUBE, cells: 0, above: 4, below: 42, lines: 2 } : { kind: 'tube', ...TUBE, cells: 0, above: 8, below: 76, lines: 4 };
  }
  const cells = t.slots === null ? SLOTS_UNKNOWN : t.slots > SLOTS_SHOWN ? NINE : t.slots;
  return { kind: 'mailbox', w: Math.max(2 * RIM + cells * (cellWidth(cells) + CELL_GAP) - CELL_GAP, 132), h: cells <= 5 ? 82 : 72, cells, above: 34, below: 48, lines: 2 };
}

/** The box with the words above and below it. */
export function withWords(box: Box, shape: { readonly above: number; readonly below: number }): Box {
  return { x: box.x, y: box.y - shape.above, w: box.w, h: box.h + shape.above + shape.below };
}
