/** Plain data that the layouts give and the map draws. Coordinates are scene pixels: x to the right, y down, zoom 1. */

/**
 * L, S and row (in the phone's column) stand alone; M (among L), bed (among the others) and crowd (an unfolded stack)
 * stand in a bed.
 */
export type CardKind = 'L' | 'M' | 'S' | 'bed' | 'crowd' | 'row';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Where one card stands. */
export interface Spot extends Box {
  readonly id: number;
  readonly kind: CardKind;
  /** depth in the tree, 1 for the root */
  readonly level: number;
  /** place among its siblings, from 1, and how many they are */
  readonly place: number;
  readonly siblings: number;
  readonly hasChildren: boolean;
  /** key of the bed it stands in, '' for none */
  readonly bed: string;
  readonly adopted: boolean;
}

/** A dotted frame around alike siblings; folded it is a stack and its members have no cards. */
export interface Bed extends Box {
  readonly key: string;
  readonly parent: number;
  readonly label: string;
  readonly ids: readonly number[];
  readonly columns: number;
  /** true: enough of them to fold (it may be unfolded now) */
  readonly crowd: boolean;
  readonly folded: boolean;
  readonly level: number;
  readonly place: number;
  readonly siblings: number;
}

/** 'slim' is a tube that stands among many. */
export type VesselKind = 'tube' | 'slim' | 'mailbox';

/** What holds the messages of one channel; the box is its body, words stand above and below. */
export interface Vessel extends Box {
  /** of the channel */
  readonly id: number;
  readonly kind: VesselKind;
  /** slots drawn; 0 for a tube */
  readonly cells: number;
  /** the messages leave it to the left (in a phone's column: they still run to the right) */
  readonly flip: boolean;
  /** of words below it that there is room for */
  readonly lines: number;
  /** room for words above and below, in pixels */
  readonly above: number;
  readonly below: number;
}

/** A line between a process and a vessel; its path begins at the process. */
export interface Line {
  readonly key: string;
  readonly channel: number;
  readonly process: number;
  readonly writes: boolean;
  readonly reads: boolean;
  readonly d: string;
  /** path data of the arrowheads */
  readonly heads: string;
}

/** A line of parentage. */
export interface Stem {
  /** key of the bough it leads to */
  readonly key: string;
  /** path data; always the same commands in the same order, so that it can move smoothly */
  readonly d: string;
  readonly width: number;
  readonly adopted: boolean;
}

/** 'L' large cards, 'S' small ones, 'column' for a phone. */
export type Density = 'L' | 'S' | 'column';

export interface Scene {
  readonly density: Density;
  readonly spots: ReadonlyMap<number, Spot>;
  readonly beds: ReadonlyMap<string, Bed>;
  /** by the channel's id */
  readonly vessels: ReadonlyMap<number, Vessel>;
  readonly lines: readonly Line[];
  readonly stems: readonly Stem[];
  readonly bounds: Box;
  /** what arrow keys walk, top to bottom: ids of cards, keys of folded beds */
  readonly order: readonly (number | string)[];
  /** parent's id of every id in the tree */
  readonly parents: ReadonlyMap<number, number>;
}

/** The smallest box around all; an empty one at the origin for nothing. */
export function around(boxes: Iterable<Box>): Box {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (const box of boxes) {
    x0 = Math.min(x0, box.x);
    y0 = Math.min(y0, box.y);
    x1 = Math.max(x1, box.x + box.w);
    y1 = Math.max(y1, box.y + box.h);
  }
  return x0 === Infinity ? { x: 0, y: 0, w: 0, h: 0 } : { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}
