/** Where messages rest in a vessel, from its upper left corner. Pure. */

import type { Point } from './path';
import type { Vessel } from './scene';
import { CELL_GAP, RIM } from './vessel';

export const DOT = { tube: 10, slim: 10, mailbox: 15 } as const;

/** Of the nth message from the exit on. */
export function placeOf({ kind, w, h, cells, flip }: Pick<Vessel, 'kind' | 'w' | 'h' | 'cells' | 'flip'>, n: number): Point {
  const [x, y] = fromExit(kind, w, h, cells, n);
  return [flip ? x : w - x, y];
}

function fromExit(kind: Vessel['kind'], w: number, h: number, cells: number, n: number): Point {
  switch (kind) {
    case 'tube': {
      const pitch = Math.min((w - 32) / 3, 34);
      return [16 + Math.floor(n / 2) * pitch, n % 2 === 0 ? h / 2 - 11.5 : h / 2 + 11.5];
    }
    case 'slim':
      return [14 + n * Math.min((w - 28) / 3, 30), h / 2];
    case 'mailbox':
      return [RIM + (n + 0.5) * cell(w, cells) + n * CELL_GAP, h / 2];
  }
}

/** Width of one slot. */
export function cell(w: number, cells: number): number {
  return (w - 2 * RIM - (cells - 1) * CELL_GAP) / cells;
}
