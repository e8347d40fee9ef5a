/**
 * Beds in a tidy tree, left to right: a pure function of the structure (and of the layout before it, so that what stays
 * keeps its place). It is computed only when the structure changes, never because a value did.
 *
 * Subtrees are packed by their outlines, each child beside its own parent, not in layers of one depth as d3-hierarchy
 * does it: a bed is 480 wide and a layer would push everything of its depth off a projector.
 */

import { around, type Bed, type Box, type Density, type Line, type Scene, type Spot, type Stem, type Vessel } from './scene';
import { inside, SIZES, type Inside } from './bed';
import { chain, type Chain } from './chain';
import { join, push, shift, type Contour } from './contour';
import { farLines, innerLines } from './lines';
import type { Link } from './links';
import { rounded } from './path';
import { grow, type Bough, type Seed } from './structure';
import { withWords } from './vessel';

export interface Options {
  readonly density: 'L' | 'S';
  /** keys of stacks that somebody has unfolded */
  readonly unfolded: ReadonlySet<string>;
  /** the scene on the screen; null at first */
  readonly previous: Scene | null;
  /** what must not move: the card under the pointer, by id, or a bed by its key; null: as many as possible stay */
  readonly anchor: number | string | null;
  /** who talks with whom; none by default */
  readonly links?: readonly Link[];
  /** what a chain may take of the width before it goes on in another row; a projector's by default */
  readonly width?: number;
}

const PROJECTOR = 1248;

/** Between a parent's right edge and its children's left one; room for the stems. */
const REACH = { L: 56, S: 48 } as const;
const GAP = { L: 20, S: 12 } as const;
/** Outlines are this much wider on both sides than what they enclose. */
const MARGIN = 8;
const ROOT_WIDTH = 144;
/** Where a chain would not fit beside a large root, the root gives way: it says the least. */
const SLIGHT_ROOT = 114;
const SLIGHT_REACH = 30;

/** What placing a bough gives; y is relative to its own middle. */
interface Placed {
  readonly bough: Bough;
  readonly inside: Inside | null;
  readonly chain: Chain | null;
  readonly x: number;
  readonly w: number;
  /** room above and below the middle */
  readonly up: number;
  readonly down: number;
  readonly children: readonly Placed[];
  /** of the children's middles, from this one's */
  readonly dy: readonly number[];
  readonly top: Contour;
  readonly bottom: Contour;
}

export function layout(seeds: readonly Seed[], options: Options): Scene {
  const whole = arrange(seeds, options, false);
  if (options.density === 'S' || whole.vessels.size === 0) return whole;
  const room = options.width ?? PROJECTOR;
  const wraps = whole.stems.some((stem) => stem.key.includes('#'));
  if (!wraps && whole.bounds.w <= room) return whole;
  const slight = arrange(seeds, options, true);
  return slight.bounds.w <= room && slight.bounds.h < whole.bounds.h + 1 ? slight : whole;
}

/** slight: with a small root close to its children. */
function arrange(seeds: readonly Seed[], options: Options, slight: boolean): Scene {
  const { density, previous } = options;
  const before = previous && previous.density === density ? previous : null;
  const middles = before ? middlesOf(before) : new Map<string, number>();
  const links = options.links ?? [];
  const roots = grow(seeds, links);

  const place = (bough: Bough, x: number): Placed => {
    const interior = bough.kind === 'bed' ? inside(bough, density, options.unfolded, before) : null;
    const woven = bough.kind === 'chain' ? chain(bough.members, bough.ties, density, (options.width ?? PROJECTOR) - x) : null;
    const root = bough.level === 1;
    const kind = root && slight ? 'S' : density;
    const reach = root && slight ? SLIGHT_REACH : REACH[density];
    const w = woven ? woven.w : interior ? interior.w : root && slight ? SLIGHT_ROOT : root && kind === 'S' ? ROOT_WIDTH : SIZES[density].w;
    const h = interior ? interior.h : SIZES[kind].h;
    const up = woven ? woven.up : h / 2;
    const down = woven ? woven.down : h / 2;
    const children = bough.boughs.map((child) => place(child, x + w + reach));
    const packed = pack(children, GAP[density]);
    const own = middle(bough, packed.dy, children, middles, h);
    let top: Contour = [[x - MARGIN, x + w + MARGIN, -up]];
    let bottom: Contour = [[x - MARGIN, x + w + MARGIN, down]];
    const dy = packed.dy.map((y) => y - own);
    if (children.length > 0) {
      // The strip of the stems is part of the outline: nothing may come to stand on it.
      const strip = [x + w, x + w + reach] as const;
      top = join(join(top, [[...strip, Math.min(0, dy[0] as number) - 4]], Math.min), shift(packed.top, -own), Math.min);
      bottom = join(
        join(bottom, [[...strip, Math.max(0, dy[dy.length - 1] as number) + 4]], Math.max),
        shift(packed.bottom, -own),
        Math.max,
      );
    }
    return { bough, inside: interior, chain: woven, x, w, up, down, children, dy, top, bottom };
  };

  const forest = roots.map((root) => place(root, 0));
  const rows = pack(forest, GAP[density] * 2).dy;

  const spots = new Map<number, Spot>();
  const beds = new Map<string, Bed>();
  const order: (number | string)[] = [];
  /** where each chain's axis begins */
  const chains = new Map<string, { readonly x: number; readonly y: number }>();
  const stand = (placed: Placed, y: number, place: number, siblings: number): void => {
    const { bough } = placed;
    const box: Box = { x: placed.x, y: Math.round(y - placed.up), w: placed.w, h: placed.up + placed.down };
    if (placed.chain) {
      chains.set(bough.key, { x: box.x, y: box.y + placed.up });
      standChain(placed, box.x, box.y + placed.up, place, siblings, parentOf, spots, beds, order);
    } else if (placed.inside) standBed(bough, placed.inside, box, place, siblings, parentOf, spots, beds, order);
    else {
      const id = bough.ids[0] as number;
      order.push(id);
      spots.set(id, {
        ...box,
        id,
        kind: bough.level === 1 && slight ? 'S' : density,
        level: bough.level,
        place,
        siblings,
        hasChildren: placed.children.length > 0,
        bed: '',
        adopted: bough.adopted,
      });
    }
    let nth = 1;
    const all = bough.boughs.reduce((sum, child) => sum + child.ids.length, 0);
    placed.children.forEach((child, i) => {
      stand(child, y + (placed.dy[i] as number), nth, all);
      nth += child.bough.ids.length;
    });
  };
  const parentOf = new Map(seeds.map((seed) => [seed.id, seed.parent]));
  forest.forEach((root, i) => stand(root, rows[i] as number, i + 1, forest.length));

  const moved = before ? settle(spots, beds, before, options.anchor) : 0;
  if (moved !== 0) {
    for (const [id, spot] of spots) spots.set(id, { ...spot, y: spot.y + moved });
    for (const [key, bed] of beds) beds.set(key, { ...bed, y: bed.y + moved });
    for (const [key, at] of chains) chains.set(key, { ...at, y: at.y + moved });
  }
  const vessels = new Map<number, Vessel>();
  const lines: Line[] = [];
  const linkOf = new Map(links.map((link) => [link.id, link]));
  const weave = (placed: Placed): void => {
    const at = chains.get(placed.bough.key);
    if (placed.chain && at) {
      for (const vessel of placed.chain.vessels) vessels.set(vessel.id, { ...vessel, x: vessel.x + at.x, y: vessel.y + at.y });
      lines.push(...innerLines(placed.chain, at.x, at.y, linkOf));
    }
    placed.children.forEach(weave);
  };
  forest.forEach(weave);
  lines.push(...farLines(links, spots, vessels, lines));
  return {
    density,
    spots,
    beds,
    vessels,
    lines,
    stems: forest.flatMap((root) => stems(root, spots, beds, chains, parentOf)),
    bounds: around([...spots.values(), ...beds.values(), ...[...vessels.values()].map((vessel) => withWords(vessel, vessel)), ...rails(forest, chains)]),
    order,
    parents: parentOf,
  };
}

/** Members of a chain become spots, those that share a column stand in a frame. */
function standChain(
  placed: Placed,
  x: number,
  y: number,
  place: number,
  siblings: number,
  parents: ReadonlyMap<number, number>,
  spots: Map<number, Spot>,
  beds: Map<string, Bed>,
  order: (number | string)[],
): void {
  const { bough } = placed;
  const woven = placed.chain as Chain;
  const frameKey = (frame: number): string => (frame < 0 ? '' : `${bough.key}/${woven.frames[frame]?.ids[0] ?? 0}`);
  woven.frames.forEach((frame, i) => {
    beds.set(frameKey(i), {
      x: x + frame.x,
      y: y + frame.y,
      w: frame.w,
      h: frame.h,
      key: frameKey(i),
      parent: parents.get(bough.ids[0] as number) ?? 0,
      label: frame.label,
      ids: frame.ids,
      columns: 1,
      crowd: false,
      folded: false,
      level: bough.level,
      place,
      siblings,
    });
  });
  woven.cards.forEach((card, n) => {
    order.push(card.id);
    spots.set(card.id, {
      id: card.id,
      x: x + card.x,
      y: y + card.y,
      w: card.w,
      h: card.h,
      kind: card.kind,
      level: bough.level,
      place: place + n,
      siblings,
      hasChildren: bough.boughs.some((child) => parents.get(child.ids[0] as number) === card.id),
      bed: frameKey(card.frame),
      adopted: bough.members.find((member) => member.id === card.id)?.adopted ?? false,
    });
  });
}

/** Members of a bed become spots, unless it is folded; shared with the phone's column. */
export function standBed(
  bough: Bough,
  interior: Inside,
  box: Box,
  place: number,
  siblings: number,
  parents: ReadonlyMap<number, number>,
  spots: Map<number, Spot>,
  beds: Map<string, Bed>,
  order: (number | string)[],
): void {
  beds.set(bough.key, {
    ...box,
    key: bough.key,
    parent: parents.get(bough.ids[0] as number) ?? 0,
    label: bough.label,
    ids: bough.ids,
    columns: interior.columns,
    crowd: interior.crowd,
    folded: interior.folded,
    level: bough.level,
    place,
    siblings,
  });
  if (interior.folded) {
    order.push(bough.key);
    return;
  }
  bough.ids.forEach((id, n) => {
    const at = interior.at(n);
    order.push(id);
    spots.set(id, {
      id,
      x: box.x + at.x,
      y: box.y + at.y,
      w: interior.cardWidth,
      h: interior.cardHeight,
      kind: interior.card,
      level: bough.level,
      place: place + n,
      siblings,
      hasChildren: false,
      bed: bough.key,
      adopted: bough.adopted,
    });
  });
}

/** Stacks children from the top, as close as their outlines allow; middles relative to the first one's. */
function pack(children: readonly Placed[], gap: number): { dy: number[]; top: Contour; bottom: Contour } {
  const dy: number[] = [];
  let top: Contour = [];
  let bottom: Contour = [];
  for (const child of children) {
    const last = dy[dy.length - 1];
    let y = 0;
    if (last !== undefined) {
      y = Math.ceil(push(bottom, child.top, gap));
      // Order is kept to the eye as well: none stands higher than the one before it.
      if (y <= last) y = last + 1;
    }
    dy.push(y);
    top = join(top, shift(child.top, y), Math.min);
    bottom = join(bottom, shift(child.bottom, y), Math.max);
  }
  return { dy, top, bottom };
}

/**
 * A parent stands in the middle of its children. Where it stood before, beside the first child that stays, it stays as long
 * as that is in the middle half (or off by half a card): one child more or less then moves no ancestor.
 */
function middle(
  bough: Bough,
  dy: readonly number[],
  children: readonly Placed[],
  middles: ReadonlyMap<string, number>,
  height: number,
): number {
  if (dy.length === 0) return 0;
  const first = dy[0] as number;
  const last = dy[dy.length - 1] as number;
  const centre = Math.round((first + last) / 2);
  const own = middles.get(bough.key);
  if (own === undefined) return centre;
  for (let i = 0; i < children.length; i++) {
    const child = children[i] as Placed;
    const stood = middles.get(child.bough.key);
    if (stood === undefined) continue;
    const kept = (dy[i] as number) + own - stood;
    const slack = children.length === 1 ? Math.max(0, Math.min(child.up, child.down) - 16) : Math.max((last - first) / 4, height * 0.62);
    return Math.abs(kept - centre) <= slack ? kept : centre;
  }
  return centre;
}

function middlesOf(scene: Scene): Map<string, number> {
  const middles = new Map<string, number>();
  for (const spot of scene.spots.values()) if (spot.bed === '') middles.set(`p${spot.id}`, spot.y + spot.h / 2);
  for (const bed of scene.beds.values()) middles.set(bed.key, bed.y + bed.h / 2);
  return middles;
}

/** How far to move all, so that the anchor, or else as many cards as possible, stand where they stood. */
function settle(
  spots: ReadonlyMap<number, Spot>,
  beds: ReadonlyMap<string, Bed>,
  before: Scene,
  anchor: number | string | null,
): number {
  if (anchor !== null) {
    const now = typeof anchor === 'number' ? spots.get(anchor) : beds.get(anchor);
    const then = typeof anchor === 'number' ? before.spots.get(anchor) : before.beds.get(anchor);
    if (now && then) return then.y - now.y;
  }
  const votes = new Map<number, number>();
  const vote = (dy: number, weight: number): void => void votes.set(dy, (votes.get(dy) ?? 0) + weight);
  for (const [id, now] of spots) {
    const then = before.spots.get(id);
    if (then) vote(then.y - now.y, 1);
  }
  for (const [key, now] of beds) {
    const then = before.beds.get(key);
    if (then?.folded && now.folded) vote(then.y - now.y, 1);
  }
  let best = 0;
  let most = 0;
  for (const [dy, n] of votes) {
    if (n > most || (n === most && Math.abs(dy) < Math.abs(best))) {
      best = dy;
      most = n;
    }
  }
  return best;
}

/** 5, 4, then 2.5 px: boughs get thinner away from the root. */
export function stemWidth(level: number): number {
  return level <= 2 ? 5 : level === 3 ? 4 : 2.5;
}

/** Boughs along chains, so that they are in sight too. */
function rails(forest: readonly Placed[], chains: ReadonlyMap<string, { readonly x: number; readonly y: number }>): Box[] {
  return forest.flatMap((placed) => {
    const at = chains.get(placed.bough.key);
    const own = placed.chain && at && !alone(placed.chain) ? placed.chain.rails.map((rail): Box => ({ x: at.x, y: at.y + rail.y - 3, w: placed.w, h: 6 })) : [];
    return [...own, ...rails(placed.children, chains)];
  });
}

function boxOf(bough: Bough, spots: ReadonlyMap<number, Spot>, beds: ReadonlyMap<string, Bed>): Box {
  const box = bough.kind === 'bed' ? beds.get(bough.key) : spots.get(bough.ids[0] as number);
  return box ?? { x: 0, y: 0, w: 0, h: 0 };
}

/** An S where it is short; a long one runs along the trunk that all siblings share, or many would make a fat ribbon. */
function bend(x0: number, y0: number, x1: number, y1: number): string {
  // A step of a pixel or two, from halves, would be seen as a kink.
  if (Math.abs(y1 - y0) <= 2) y0 = y1;
  const x = (x0 + x1) / 2;
  const side = (x1 - x0) / 2;
  const r = Math.sign(y1 - y0) * Math.min(Math.abs(y1 - y0) / 2, 48);
  return (
    `M${x0} ${y0}C${x0 + side * 0.62} ${y0} ${x} ${y0 + r * 0.35} ${x} ${y0 + r}` +
    `L${x} ${y1 - r}C${x} ${y1 - r * 0.35} ${x1 - side * 0.62} ${y1} ${x1} ${y1}`
  );
}

type Places = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

function stems(placed: Placed, spots: ReadonlyMap<number, Spot>, beds: ReadonlyMap<string, Bed>, chains: Places, parents: ReadonlyMap<number, number>): Stem[] {
  return placed.children.flatMap((child) => {
    const from = placed.chain ? memberAbove(placed, child, spots, parents) : boxOf(placed.bough, spots, beds);
    const own = child.chain && !alone(child.chain) ? railStems(from, child, chains) : [stemTo(placed, from, child, child.chain ? (spots.get(child.bough.ids[0] as number) as Box) : boxOf(child.bough, spots, beds))];
    return [...own, ...stems(child, spots, beds, chains, parents)];
  });
}

/** One process with its channels to the right of it: an ordinary stem reaches it. */
const alone = (woven: Chain): boolean => woven.cards.length === 1 && (woven.cards[0]?.x ?? 1) === 0;

function stemTo(placed: Placed, from: Box, child: Placed, to: Box): Stem {
  const y1 = to.y + to.h / 2;
  const y0 = from.y + from.h / 2;
  const base = { key: child.bough.key, width: stemWidth(child.bough.level), adopted: child.bough.adopted };
  if (!placed.chain || from.x + from.w >= placed.x + placed.w - 1) return { ...base, d: bend(from.x + from.w, y0, to.x, y1) };
  // Inside a chain there is no way to the right: down, along under it, and up or down to the child.
  const x = from.x + 24;
  const under = from.y + from.h + 14;
  const turn = placed.x + placed.w + 24;
  return { ...base, d: rounded([[x, from.y + from.h], [x, under], [turn, under], [turn, y1], [to.x, y1]]) };
}

/** The member of a chain under which a child of it stands. */
function memberAbove(placed: Placed, child: Placed, spots: ReadonlyMap<number, Spot>, parents: ReadonlyMap<number, number>): Box {
  const parent = parents.get(child.bough.ids[0] as number);
  return spots.get(parent ?? 0) ?? { x: placed.x, y: 0, w: 0, h: 0 };
}

/** One bough above each row of a chain, with a twig to each card or frame. */
function railStems(from: Box, child: Placed, chains: Places): Stem[] {
  const at = chains.get(child.bough.key);
  if (!child.chain || !at) return [];
  const base = { width: stemWidth(child.bough.level), adopted: child.bough.adopted };
  const [x0, y0] = [from.x + from.w, from.y + from.h / 2];
  return child.chain.rails.flatMap((rail, row) => {
    const y = at.y + rail.y;
    const twigs = rail.twigs.map(([x, to]) => [at.x + x, at.y + to] as const);
    const [lastX, lastY] = twigs[twigs.length - 1] ?? [x0, y];
    const key = row === 0 ? child.bough.key : `${child.bough.key}#${row}`;
    const main = { ...base, key, d: `${bend(x0, y0, at.x - 6, y)}${corner(at.x - 6, y, lastX, lastY)}` };
    return [main, ...twigs.slice(0, -1).map(([x, to], i) => ({ ...base, key: `${child.bough.key}/${rail.keys[i] ?? ''}`, d: `M${x - 17} ${y}${corner(x - 17, y, x, to)}` }))];
  });
}

/** On from (x0, y) along to x, and round the corner to (x, to). */
function corner(x0: number, y: number, x: number, to: number): string {
  const r = Math.min(16, Math.abs(to - y), Math.max(0, x - x0));
  return `L${x - r} ${y}Q${x} ${y} ${x} ${y + Math.sign(to - y) * r}L${x} ${to}`;
}

/** The most processes that get large cards. */
export const LARGE_UP_TO = 12;

/**
 * Large cards up to 12 processes, if they then fit the room; `room` is that of the whole map, drawers closed, so that a
 * drawer never changes the cards. What is small stays small until there are two less, so that one process flips nothing.
 */
export function densityOf(
  n: number,
  before: Density | null,
  fits: () => boolean,
): 'L' | 'S' {
  if (n > LARGE_UP_TO) return 'S';
  if (before === 'S' && n > LARGE_UP_TO - 2) return 'S';
  return fits() ? 'L' : 'S';
}
