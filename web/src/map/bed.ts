/** The inside of a bed: its size, and where its members stand in it. */

import type { Bough } from './structure';
import type { CardKind, Density, Scene } from './scene';

/** More alike siblings than this fold into a stack. */
export const FOLD_OVER = 60;
/** A stack stays one until it has no more than this, so that one process more or less does not flip it. */
const UNFOLD_AT = 50;

export const PITCH = 15;
const WAFFLE_COLUMNS = 32;
/** More alike siblings than this stand in more than two columns. */
const NARROW_OVER = 16;

const PADDING = 12;
const HEAD = 36;
/** of a stack: name and counts above the waffle */
export const STACK_HEAD = 50;
/** on a phone the counts stand on a line of their own */
export const STACK_HEAD_PHONE = 78;
const STACK_SUMS = 204;
const STACK_SUMS_BELOW = 36;

export const SIZES: Readonly<Record<CardKind, { readonly w: number; readonly h: number }>> = {
  L: { w: 184, h: 152 },
  S: { w: 232, h: 58 },
  M: { w: 208, h: 66 },
  bed: { w: 226, h: 40 },
  crowd: { w: 184, h: 40 },
  row: { w: 0, h: 58 },
};

export interface Inside {
  readonly crowd: boolean;
  readonly folded: boolean;
  readonly columns: number;
  readonly w: number;
  readonly h: number;
  readonly card: CardKind;
  readonly cardWidth: number;
  readonly cardHeight: number;
  /** of the nth member's card, from the bed's corner */
  at(n: number): { readonly x: number; readonly y: number };
}

/** `width` is given for a column only: as wide as the phone allows. */
export function inside(
  bough: Bough,
  density: Density,
  unfolded: ReadonlySet<string>,
  previous: Scene | null,
  width = 0,
): Inside {
  const n = bough.ids.length;
  const before = previous?.density === density ? previous.beds.get(bough.key) : undefined;
  const crowd = n > FOLD_OVER || (before !== undefined && before.crowd && n > UNFOLD_AT);
  const folded = crowd && !unfolded.has(bough.key);
  if (folded) return waffle(n, density === 'column' ? width : 0);

  // So many would be a tower: narrower cards in more columns keep them on one projector.
  const narrow = n > NARROW_OVER || (before !== undefined && before.columns > 2 && n > NARROW_OVER - 4);
  const card: CardKind = density === 'L' ? 'M' : density === 'S' && narrow ? 'crowd' : 'bed';
  const gap = card === 'crowd' ? 6 : 8;
  let columns = density === 'column' ? 1 : wanted(n, card);
  // A bed that has its columns keeps them: rows are then the only thing that grows and shrinks.
  if (before && !before.folded && before.columns > 2 === narrow) columns = Math.max(columns, before.columns);
  const cardWidth = density === 'column' ? width - 2 * PADDING : SIZES[card].w;
  const cardHeight = density === 'column' ? 48 : SIZES[card].h;
  const rows = Math.ceil(n / columns);
  return {
    crowd,
    folded,
    columns,
    w: 2 * PADDING + columns * cardWidth + (columns - 1) * gap,
    h: HEAD + PADDING + rows * cardHeight + (rows - 1) * gap,
    card,
    cardWidth,
    cardHeight,
    at: (index) => ({
      x: PADDING + (index % columns) * (cardWidth + gap),
      y: HEAD + Math.floor(index / columns) * (cardHeight + gap),
    }),
  };
}

/** Row by row, so that one more at the end moves none of the others. */
function wanted(n: number, card: CardKind): number {
  switch (card) {
    case 'L':
    case 'M':
    case 'S':
    case 'bed':
    case 'row':
      return 2;
    case 'crowd':
      return n <= 30 ? 3 : 4;
  }
}

function waffle(n: number, width: number): Inside {
  const columns = width > 0 ? Math.floor((width - 36) / PITCH) : WAFFLE_COLUMNS;
  const rows = Math.max(Math.ceil(n / columns), 3);
  return {
    crowd: true,
    folded: true,
    columns,
    w: width > 0 ? width : 18 + columns * PITCH + STACK_SUMS,
    h: width > 0 ? STACK_HEAD_PHONE + rows * PITCH + STACK_SUMS_BELOW + 8 : STACK_HEAD + rows * PITCH + 14,
    card: 'crowd',
    cardWidth: 0,
    cardHeight: 0,
    at: () => ({ x: 0, y: 0 }),
  };
}
