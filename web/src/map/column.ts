/** The phone's map: one column from top to bottom, the stems down its left margin. Pure, as layout is. */

import { inside } from './bed';
import { chain } from './chain';
import { PARENT, type Tie } from './links';
import { standBed, stemWidth, type Options } from './layout';
import { head, HEAD, rounded, type Point } from './path';
import { around, type Bed, type Box, type Line, type Scene, type Spot, type Stem, type Vessel } from './scene';
import { grow, type Bough, type Seed } from './structure';
import { CELL_GAP, RIM, shapeOf, withWords } from './vessel';

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
  const vessels = new Map<number, Vessel>();
  let y = GAP;

  const stand = (bough: Bough, place: number, siblings: number, parent: Box | null): void => {
    const depth = Math.min(bough.level - 1, DEEPEST);
    const x = LEFT + depth * INDENT;
    const w = width - RIGHT - x;
    let box: Box;
    if (bough.kind === 'chain') {
      standChain(bough, place, siblings, parent, x, w);
      return;
    }
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
    if (parent) stems.push(stemTo(bough.key, bough, parent, box));
    y = box.y + box.h + GAP;
    under(bough, box);
  };

  const under = (bough: Bough, box: Box): void => {
    let nth = 1;
    const all = bough.boughs.reduce((sum, child) => sum + child.ids.length, 0);
    for (const child of bough.boughs) {
      stand(child, nth, all, box);
      nth += child.ids.length;
    }
  };

  /** Members one below the other as their messages go, each channel across between its writers and its readers. */
  const standChain = (bough: Bough, place: number, siblings: number, parent: Box | null, x: number, w: number): void => {
    const ids = chain(bough.members, bough.ties, 'S', Infinity).cards.map((card) => card.id);
    const before = new Map<number, Tie[]>();
    for (const t of bough.ties) {
      const at = ids[placeOf(t, ids)] ?? 0;
      before.set(at, [...(before.get(at) ?? []), t]);
    }
    for (const [n, id] of [...ids, 0].entries()) {
      for (const pair of pairs(before.get(id) ?? [])) y = standVessels(pair, x, w, y, vessels);
      if (id === 0) break;
      const box: Box = { x, y, w, h: HEIGHT };
      const member = bough.members.find((one) => one.id === id);
      const boughs = bough.boughs.filter((child) => parents.get(child.ids[0] as number) === id);
      order.push(id);
      spots.set(id, { ...box, id, kind: 'row', level: bough.level, place: place + n, siblings, hasChildren: boughs.length > 0, bed: '', adopted: member?.adopted ?? false });
      if (parent) stems.push(stemTo(`p${id}`, bough, parent, box));
      y = box.y + box.h + GAP;
      under({ ...bough, boughs }, box);
    }
  };

  const stemTo = (key: string, bough: Bough, parent: Box, box: Box): Stem => {
      const to = box.y + Math.min(box.h, HEIGHT) / 2;
      const inset = Math.min(BEND, Math.max(0, box.x - parent.x - STEM_AT));
      const from = parent.x + STEM_AT - (inset < 4 ? STEM_AT + 6 : 0);
      return {
        key,
        d: `M${from} ${parent.y + parent.h}L${from} ${to - BEND}Q${from} ${to} ${from + BEND} ${to}L${box.x} ${to}`,
        width: stemWidth(bough.level),
        adopted: bough.adopted,
      };
  };
  const links = options.links ?? [];
  const roots = grow(seeds, links);
  roots.forEach((root, i) => stand(root, i + 1, roots.length, null));
  return {
    density: 'column',
    spots,
    beds,
    vessels,
    lines: links.flatMap((link) => linesOf(link, vessels.get(link.id), spots, width)),
    stems,
    bounds: around([...spots.values(), ...beds.values(), ...[...vessels.values()].map((vessel) => withWords(vessel, vessel))]),
    order,
    parents,
  };
}

/** The index of the member before which a channel stands: the first that holds its other end. */
function placeOf(t: Tie, ids: readonly number[]): number {
  const at = (end: readonly number[]): number[] => end.filter((id) => id !== PARENT).map((id) => ids.indexOf(id));
  const writers = at(t.writers);
  const readers = at(t.readers);
  if (t.writers.includes(PARENT) || t.readers.includes(PARENT)) return Math.min(...writers, ...readers);
  if (readers.length === 0) return Math.max(...writers) + 1;
  if (writers.length === 0) return Math.min(...readers);
  const both = [Math.min(...writers), Math.min(...readers)];
  const [first, then] = [Math.min(...both), Math.max(...both)];
  return first === then ? Math.min(...[...writers, ...readers].filter((i) => i > first), ids.length) : then;
}

/** Tubes stand two side by side: there and back are then one picture. */
function pairs(ties: readonly Tie[]): Tie[][] {
  const rows: Tie[][] = [];
  for (const t of ties) {
    const last = rows[rows.length - 1];
    if (last?.length === 1 && t.kind !== 'queue' && last[0]?.kind !== 'queue') last.push(t);
    else rows.push([t]);
  }
  return rows;
}

const ARROW = 22;
const ASIDE = 6;

/** Puts them across below y and returns where the next thing may stand. */
function standVessels(ties: readonly Tie[], x: number, w: number, y: number, vessels: Map<number, Vessel>): number {
  const between = 18;
  const each = (w - 2 * ASIDE - between * (ties.length - 1)) / ties.length;
  let bottom = y;
  ties.forEach((t, i) => {
    const shape = shapeOf(t);
    const queue = t.kind === 'queue';
    const lines = queue ? 1 : ties.length > 1 ? 1 : 3;
    const below = queue ? 30 : lines === 1 ? 28 : 62;
    const box: Box = { x: x + ASIDE + i * (each + between), y: y + ARROW - 6 + (queue ? 20 : 0), w: Math.round(each), h: shape.h };
    vessels.set(t.id, { ...box, id: t.id, kind: shape.kind, cells: shape.cells, flip: false, lines, above: queue ? 34 : 8, below });
    bottom = Math.max(bottom, box.y + box.h + below + (queue ? 4 : 2));
  });
  return bottom;
}

/** Straight down (or up) to the card next to it; along the right margin to those further away. */
function linesOf(link: { readonly id: number; readonly writers: readonly number[]; readonly readers: readonly number[] }, vessel: Vessel | undefined, spots: ReadonlyMap<number, Spot>, width: number): Line[] {
  if (!vessel) return [];
  const ends = [...new Set([...link.writers, ...link.readers])];
  return ends.flatMap((id): Line[] => {
    const spot = spots.get(id);
    if (!spot) return [];
    const writes = link.writers.includes(id);
    const reads = link.readers.includes(id);
    const above = spot.y < vessel.y;
    const base = { key: `c${link.id}:p${id}`, channel: link.id, process: id, writes, reads };
    const [near, far] = above ? [spot.y + spot.h, vessel.y] : [spot.y, vessel.y + vessel.h];
    const blocked = [...spots.values()].some((other) => other.id !== id && other.y > Math.min(near, far) - 1 && other.y + other.h < Math.max(near, far) + 1);
    if (!blocked && spot.x < vessel.x + vessel.w && vessel.x < spot.x + spot.w) {
      // In where the oldest stands last, out where it leaves.
      const x = Math.round(writes && !reads ? vessel.x + RIM + 20 : vessel.x + vessel.w - RIM - 20 - CELL_GAP);
      const dy = above ? 1 : -1;
      const from: Point = [x, reads ? near + dy * (HEAD - 1) : near];
      const to: Point = [x, writes && vessel.kind === 'mailbox' ? far - dy * (HEAD - 1) : far];
      const heads = (reads ? head([x, near + dy], 0, -dy) : '') + (writes && vessel.kind === 'mailbox' ? head([x, far - dy], 0, dy) : '');
      return [{ ...base, d: rounded([from, to]), heads }];
    }
    const margin = width - 6;
    const y0 = spot.y + spot.h / 2 + (writes ? 8 : -8);
    // Out of the vessel's upper edge, so that it runs through none beside it.
    const x1 = vessel.x + vessel.w - 26;
    const y1 = vessel.y - 9;
    const from: Point = [reads ? spot.x + spot.w + HEAD - 1 : spot.x + spot.w, y0];
    return [{ ...base, d: rounded([from, [margin, y0], [margin, y1], [x1, y1], [x1, vessel.y]], 6), heads: reads ? head([spot.x + spot.w + 1, y0], -1, 0) : '' }];
  });
}
