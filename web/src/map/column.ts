/** The phone's map: one column from top to bottom, the stems down its left margin. Pure, as layout is. */

import { inside } from './bed';
import { standBed, stemWidth, type Options } from './layout';
import { around, type Bed, type Box, type Scene, type Spot, type Stem } from './scene';
import { grow, type Bough, type Seed } from './structure';

const LEFT = 12;
const RIGHT = 16;
/** A child stands this much further in; from the fifth level on no further, or no room is left for words. */
const INDENT = 20;
const DEEPEST = 4;
const GAP = 12;
const HEIGHT = 84;
const ROOT_HEIGHT = 64;
/** where a stem leaves its parent, from the parent's left edge */
const STEM_AT = 10;
const BEND = 10;

/** `width` is that of the screen in CSS pixels. */
export function column(seeds: readonly Seed[], options: Options, width: number): Scene {
  const previous = options.previous?.density === 'column' ? options.previous : null;
  const parents = new Map(seeds.map((seed) => [seed.id, seed.parent]));
  const spots = new Map<number, Spot>();
  const beds = new Map<string, Bed>();
  const stems: Stem[] = [];
  const order: (number | string)[] = [];
  let y = GAP;

  const stand = (bough: Bough, place: number, siblings: number, parent: Box | null): void => {
    const depth = Math.min(bough.level - 1, DEEPEST);
    const x = LEFT + depth * INDENT;
    const w = width - RIGHT - x;
    let box: Box;
    if (bough.kind === 'bed') {
      const interior = inside(bough, 'column', options.unfolded, previous, w);
      box = { x, y, w: interior.w, h: interior.h };
      standBed(bough, interior, box, place, siblings, parents, spots, beds, order);
    } else {
      const id = bough.ids[0] as number;
      box = { x, y, w: bough.level === 1 ? Math.min(w, 232) : w, h: bough.level === 1 ? ROOT_HEIGHT : HEIGHT };
      order.push(id);
      spots.set(id, {
        ...box,
        id,
        kind: 'row',
        level: bough.level,
        place,
        siblings,
        hasChildren: bough.boughs.length > 0,
        bed: '',
        adopted: bough.adopted,
      });
    }
    if (parent) {
      const to = box.y + Math.min(box.h, HEIGHT) / 2;
      const inset = Math.min(BEND, Math.max(0, x - parent.x - STEM_AT));
      const from = parent.x + STEM_AT - (inset < 4 ? STEM_AT + 6 : 0);
      stems.push({
        key: bough.key,
        d: `M${from} ${parent.y + parent.h}L${from} ${to - BEND}Q${from} ${to} ${from + BEND} ${to}L${x} ${to}`,
        width: stemWidth(bough.level),
        adopted: bough.adopted,
      });
    }
    y = box.y + box.h + GAP;
    let nth = 1;
    const all = bough.boughs.reduce((sum, child) => sum + child.ids.length, 0);
    for (const child of bough.boughs) {
      stand(child, nth, all, box);
      nth += child.ids.length;
    }
  };
  const roots = grow(seeds);
  roots.forEach((root, i) => stand(root, i + 1, roots.length, null));
  return {
    density: 'column',
    spots,
    beds,
    stems,
    bounds: around([...spots.values(), ...beds.values()]),
    order,
    parents,
  };
}
