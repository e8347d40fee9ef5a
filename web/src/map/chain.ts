/**
 * The inside of a chain: processes in layers, left to right as their messages go, each channel between its writers and
 * its readers. What the parent talks on stands on the left. Coordinates from the chain's left edge; y = 0 is its axis.
 */

import { SIZES } from './bed';
import { PARENT, siblingsOf, type Tie } from './links';
import { layers, stand, untangle, type Node } from './order';
import type { Point } from './path';
import type { Box, CardKind, Vessel } from './scene';
import { shapeOf, type VesselShape } from './vessel';

export interface Member {
  readonly id: number;
  /** siblings with the same text are alike */
  readonly alike: string;
  readonly label: string;
}

/** What a line is before it has a path: points from the process to the vessel. */
export interface Strand {
  readonly channel: number;
  readonly process: number;
  readonly points: readonly Point[];
  /** it goes back to the start of the next row: straight parts with round corners */
  readonly wraps: boolean;
}

export interface Card extends Box {
  readonly id: number;
  readonly kind: CardKind;
  /** index of its frame, -1 for none */
  readonly frame: number;
}

export interface Frame extends Box {
  readonly label: string;
  readonly ids: readonly number[];
}

/** A bough of the parent's stem that runs along a row, and where its twigs reach down (or up) to. */
export interface Rail {
  readonly y: number;
  readonly twigs: readonly Point[];
  /** of the member or frame that each twig leads to */
  readonly keys: readonly string[];
}

export interface Chain {
  readonly w: number;
  readonly up: number;
  readonly down: number;
  readonly cards: readonly Card[];
  readonly frames: readonly Frame[];
  readonly vessels: readonly Vessel[];
  readonly strands: readonly Strand[];
  readonly rails: readonly Rail[];
}

const CHAIN_CARD = { L: { kind: 'L', w: 178, h: 152 }, S: { kind: 'S', w: 208, h: 58 } } as const;
const FRAME_HEAD = 36;
const FRAME_PAD = 12;
const GAP = 8;
/** from a card to a tube straight ahead: at the writer's side there is room for the valve */
const STUB = { writer: 11, reader: 14, mailbox: 42, fan: 54 } as const;
const RAIL = 26;
const TURN = 20;
const PORCH = 44;
const ROW_GAP = 52;
/** More tubes than this in one column are slim. */
const SLIM_OVER = 2;
/** More members than this in one column are small. */
const MEDIUM_UP_TO = 5;

interface Spot extends Node {
  readonly of: 'card' | 'vessel' | 'bend';
  readonly id: number;
  readonly w: number;
  readonly h: number;
  readonly shape: VesselShape | null;
  x: number;
}

export function chain(members: readonly Member[], all: readonly Tie[], density: 'L' | 'S', room: number): Chain {
  const index = new Map(members.map((member, i) => [member.id, i]));
  const layer = layers(
    members.length,
    all.flatMap((t) => arcs(t).map(([from, to]) => [index.get(from) as number, index.get(to) as number] as const)),
  );
  // Column 0 is for what stands before the first layer; layer n is column 2n + 1.
  const columnOf = (id: number): number => 2 * (layer[index.get(id) as number] as number) + 1;
  const last = 2 * Math.max(...layer) + 3;
  const columns: Spot[][] = Array.from({ length: last }, () => []);

  // What goes forward stands above what comes back.
  const back = (t: Tie): number => (flips(t, placeOf(t, columnOf), columnOf) ? 1 : 0);
  const ties = [...all].sort((a, b) => back(a) - back(b) || compare(siblingsOf(a), siblingsOf(b)) || a.id - b.id);
  const places = ties.map((t) => placeOf(t, columnOf));
  const tubes = columns.map((_, c) => ties.filter((t, i) => places[i] === c && t.kind !== 'queue').length);
  const nodes = new Map<string, Spot>();
  const add = (column: number, spot: Pick<Spot, 'of' | 'id' | 'w' | 'h' | 'shape'> & { up: number; down: number }): Spot => {
    const made: Spot = { ...spot, left: [], right: [], x: 0, y: 0 };
    columns[column]?.push(made);
    return made;
  };
  columns.forEach((_, c) => {
    const here = members.filter((member) => columnOf(member.id) === c);
    here.forEach((member, i) => {
      const size = cardOf(here, density);
      const framed = here.length > 1;
      nodes.set(`p${member.id}`, add(c, { of: 'card', id: member.id, w: size.w, h: size.h, shape: null, up: size.h / 2 + (framed && i === 0 ? headOf(here) : 0), down: size.h / 2 + (framed && i === here.length - 1 ? FRAME_PAD : 0) }));
    });
  });
  ties.forEach((t, i) => {
    const shape = shapeOf(t, (tubes[places[i] as number] as number) > SLIM_OVER ? 'tight' : density === 'L' ? 'large' : 'small');
    nodes.set(`c${t.id}`, add(places[i] as number, { of: 'vessel', id: t.id, w: shape.w, h: shape.h, shape, up: shape.h / 2 + shape.above, down: shape.h / 2 + shape.below }));
  });

  /** From vessel to card, with a bend in each column between them. */
  const runs: { readonly tie: Tie; readonly process: number; readonly spots: readonly Spot[] }[] = [];
  ties.forEach((t, i) => {
    for (const id of siblingsOf(t)) {
      const from = places[i] as number;
      const to = columnOf(id);
      const step = Math.sign(to - from);
      const spots = [nodes.get(`c${t.id}`) as Spot];
      for (let c = from + step; c !== to; c += step) spots.push(add(c, { of: 'bend', id: t.id, w: 0, h: 12, shape: null, up: 6, down: 6 }));
      spots.push(nodes.get(`p${id}`) as Spot);
      for (let k = 1; k < spots.length; k++) {
        const [a, b] = step > 0 ? [spots[k - 1] as Spot, spots[k] as Spot] : [spots[k] as Spot, spots[k - 1] as Spot];
        a.right.push(b);
        b.left.push(a);
      }
      runs.push({ tie: t, process: id, spots });
    }
  });
  untangle(columns);
  reframe(columns, members);
  stand(columns, GAP);
  level(columns);
  const breaks = across(columns, room);
  return finish(columns, breaks, runs, places, ties, members, density, columnOf);
}

/** Of two lists of ids, by the first that differs. */
function compare(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [[...a].sort((m, n) => m - n), [...b].sort((m, n) => m - n)];
  const at = p.findIndex((id, i) => id !== q[i]);
  return at < 0 ? p.length - q.length : (p[at] as number) - (q[at] ?? 0);
}

/** Who stands before whom. Of what both ends write and read the elder stands first. */
function arcs(t: Tie): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  for (const from of t.writers) {
    for (const to of t.readers) {
      if (from === to || from === PARENT || to === PARENT) continue;
      const mutual = t.writers.includes(to) && t.readers.includes(from);
      if (!mutual || from < to) out.push([from, to]);
    }
  }
  return out;
}

/** The column of a channel: the gap after its writers, or before its readers; what the parent holds stands first of all. */
function placeOf(t: Tie, columnOf: (id: number) => number): number {
  if (t.writers.includes(PARENT) || t.readers.includes(PARENT)) return 0;
  const writers = t.writers.map(columnOf);
  const readers = t.readers.map(columnOf);
  if (readers.length === 0) return Math.max(...writers) + 1;
  if (writers.length === 0) return Math.min(...readers) - 1;
  const forward = Math.max(...writers) < Math.min(...readers);
  return forward ? Math.max(...writers) + 1 : Math.min(...writers, ...readers) + 1;
}

function cardOf(here: readonly Member[], density: 'L' | 'S'): { readonly kind: CardKind; readonly w: number; readonly h: number } {
  const n = here.length;
  if (n === 1) return CHAIN_CARD[density];
  // The name stands once, in the frame's head; where there is none that all share, each needs its own.
  if (!same(here)) return CHAIN_CARD.S;
  return density === 'L' && n <= MEDIUM_UP_TO ? { kind: 'M', ...SIZES.M } : { kind: 'bed', ...SIZES.bed };
}

const same = (here: readonly Member[]): boolean => new Set(here.map((member) => member.alike)).size === 1;
const headOf = (here: readonly Member[]): number => (same(here) ? FRAME_HEAD : FRAME_PAD);

/** The frame's head belongs to whoever stands first in it now. */
function reframe(columns: Spot[][], members: readonly Member[]): void {
  for (const column of columns) {
    const cards = column.filter((spot) => spot.of === 'card');
    if (cards.length < 2) continue;
    const head = headOf(cards.flatMap((card) => members.filter((member) => member.id === card.id)));
    cards.forEach((card, i) => {
      Object.assign(card, { up: card.h / 2 + (i === 0 ? head : 0), down: card.h / 2 + (i === cards.length - 1 ? FRAME_PAD : 0) });
    });
  }
}

/** The axis, at which the parent stands, runs through the middle of the cards, whatever words the vessels have. */
function level(columns: readonly Spot[][]): void {
  const cards = columns.flat().filter((spot) => spot.of === 'card');
  const middle = Math.round(cards.reduce((sum, spot) => sum + spot.y, 0) / Math.max(1, cards.length));
  for (const spot of columns.flat()) spot.y -= middle;
}

/** Gives each column its x; columns at which a new row begins, for a chain too long for the room. */
function across(columns: readonly Spot[][], room: number): ReadonlySet<number> {
  const widths = columns.map((column, c) => {
    const w = Math.max(0, ...column.map((spot) => spot.w));
    const framed = column.filter((spot) => spot.of === 'card').length > 1;
    if (column.length > 0 && c % 2 === 0 && w === 0) return STUB.fan; // bends alone
    return w + (framed ? 2 * FRAME_PAD : 0);
  });
  const plain = columns.every((column, c) => (c % 2 === 1 ? column.length === 1 && column[0]?.of === 'card' : column.every((spot) => spot.of === 'vessel')));
  const breaks = new Set<number>();
  // Lines from the parent need room to part from the stem.
  let x = (columns[0]?.length ?? 0) > 0 ? PORCH : 0;
  columns.forEach((column, c) => {
    const w = widths[c] as number;
    if (column.length === 0) return;
    if (c > 0 && x > 0) x += lead(columns[c - 1] ?? [], column);
    const next = columns[c + 1];
    const end = x + w + (next && next.length > 0 ? lead(column, next) + (widths[c + 1] as number) : 0);
    // The line to the next row turns to the right of its card.
    if (plain && c > 1 && c % 2 === 0 && column.length === 1 && (next?.length ?? 0) > 0 && end + (columns.slice(c + 2).some((later) => later.length > 0) ? TURN : 0) > room) {
      breaks.add(c);
      x = STUB.fan; // the line that comes back needs room to turn
    }
    for (const spot of column) spot.x = x + (w - spot.w) / 2;
    x += w;
  });
  return breaks;
}

/** Between a column and the next one. */
function lead(left: readonly Spot[], right: readonly Spot[]): number {
  const before = left.some((spot) => spot.of === 'card'); // the vessel stands on the right
  const straight = (before ? right : left).every((vessel) => {
    const near = before ? vessel.left : vessel.right;
    const card = near[0];
    return vessel.of !== 'vessel' || near.length === 0 || (near.length === 1 && card !== undefined && (before ? card.right : card.left).length === 1 && card.y === vessel.y);
  });
  if (!straight) return STUB.fan;
  if ((before ? right : left).some((vessel) => vessel.shape?.kind === 'mailbox')) return STUB.mailbox;
  return before ? STUB.writer : STUB.reader;
}

interface Run {
  readonly tie: Tie;
  readonly process: number;
  readonly spots: readonly Spot[];
}

function finish(
  columns: readonly Spot[][],
  breaks: ReadonlySet<number>,
  runs: readonly Run[],
  places: readonly number[],
  ties: readonly Tie[],
  members: readonly Member[],
  density: 'L' | 'S',
  columnOf: (id: number) => number,
): Chain {
  // Rows below one another, each as high as what stands in it.
  const rowOf: number[] = [];
  let row = 0;
  columns.forEach((_, c) => rowOf.push(breaks.has(c) ? ++row : row));
  const tops: number[] = Array.from({ length: row + 1 }, () => 0);
  const bottoms: number[] = Array.from({ length: row + 1 }, () => 0);
  const rails = Array.from({ length: row + 1 }, () => ({ twigs: [] as Point[], keys: [] as string[] }));
  columns.forEach((column, c) => {
    for (const spot of column) {
      const r = rowOf[c] as number;
      tops[r] = Math.min(tops[r] as number, spot.y - spot.up);
      bottoms[r] = Math.max(bottoms[r] as number, spot.y + spot.down);
    }
  });
  const shifts: number[] = [0];
  for (let r = 1; r <= row; r++) shifts.push((shifts[r - 1] as number) + (bottoms[r - 1] as number) - (tops[r] as number) + ROW_GAP);
  columns.forEach((column, c) => {
    for (const spot of column) spot.y += shifts[rowOf[c] as number] as number;
  });

  const cards: Card[] = [];
  const frames: Frame[] = [];
  columns.forEach((column, c) => {
    const here = column.filter((spot) => spot.of === 'card');
    if (here.length === 0) return;
    const boxes = here.map((spot): Box => ({ x: spot.x, y: spot.y - spot.h / 2, w: spot.w, h: spot.h }));
    const persons = here.flatMap((spot) => members.filter((member) => member.id === spot.id));
    const { kind } = cardOf(persons, density);
    const frame = here.length > 1 ? frames.length : -1;
    here.forEach((spot, i) => cards.push({ ...(boxes[i] as Box), id: spot.id, kind, frame }));
    const first = boxes[0] as Box;
    const end = boxes[boxes.length - 1] as Box;
    const top = frame < 0 ? first.y : first.y - headOf(persons);
    const bottom = end.y + end.h + (frame < 0 ? 0 : FRAME_PAD);
    if (frame >= 0) {
      frames.push({
        x: first.x - FRAME_PAD,
        y: top,
        w: first.w + 2 * FRAME_PAD,
        h: bottom - top,
        label: same(persons) ? (persons[0]?.label ?? '') : '',
        ids: here.map((spot) => spot.id),
      });
    }
    // The last of several rows is reached from below: its messages come in from above.
    const below = row > 0 && rowOf[c] === row;
    const rail = rails[rowOf[c] as number];
    rail?.twigs.push([first.x + first.w / 2, below ? bottom : top]);
    rail?.keys.push(frame < 0 ? `p${here[0]?.id ?? 0}` : `f${frame}`);
  });

  const vessels: Vessel[] = [];
  columns.forEach((column) => {
    for (const spot of column) {
      if (spot.of !== 'vessel' || spot.shape === null) continue;
      const t = ties.find((one) => one.id === spot.id) as Tie;
      const { kind, cells, above, below, lines } = spot.shape;
      vessels.push({ id: spot.id, kind, cells, above, below, lines, flip: flips(t, places[ties.indexOf(t)] as number, columnOf), x: spot.x, y: spot.y - spot.h / 2, w: spot.w, h: spot.h });
    }
  });

  const strands = strandsOf(runs, columns, rowOf, (r) => Math.round((bottoms[r] as number) + (shifts[r] as number) + ROW_GAP / 2 - 6));
  const down = (bottoms[row] as number) + (shifts[row] as number);
  return {
    w: Math.max(0, ...strands.flatMap((strand) => strand.points.map(([x]) => x + 3)), ...columns.flat().map((spot) => spot.x + spot.w + (spot.of === 'card' && columnSize(columns, spot) > 1 ? FRAME_PAD : 0))),
    up: -(tops[0] as number) + RAIL,
    down: down + (row > 0 ? RAIL : 0),
    cards,
    frames,
    vessels,
    strands,
    rails: rails.map((rail, r) => ({
      ...rail,
      y: row > 0 && r === row ? Math.max(...rail.twigs.map(([, y]) => y)) + RAIL - 2 : (tops[r] as number) + (shifts[r] as number) - RAIL + 4,
    })),
  };
}

const columnSize = (columns: readonly Spot[][], spot: Spot): number => (columns.find((column) => column.includes(spot)) ?? []).filter((other) => other.of === 'card').length;

/** True when the messages leave the vessel to the left. */
function flips(t: Tie, column: number, columnOf: (id: number) => number): boolean {
  const side = (ids: readonly number[]): number => ids.reduce((sum, id) => sum + (id !== PARENT && columnOf(id) > column ? 1 : -1), 0) / Math.max(1, ids.length);
  if (t.readers.length === 0) return side(t.writers) > 0;
  if (t.writers.length === 0) return side(t.readers) < 0;
  return side(t.readers) < side(t.writers);
}

/** Runs get their points: each side of a card or a vessel has as many ports as it has lines, in the order of where they come from. */
function strandsOf(runs: readonly Run[], columns: readonly Spot[][], rowOf: readonly number[], gutter: (row: number) => number): Strand[] {
  const at = new Map<Spot, number>();
  columns.forEach((column, c) => {
    for (const spot of column) at.set(spot, c);
  });
  const columnAt = (spot: Spot): number => at.get(spot) ?? 0;
  const ports = new Map<string, { readonly run: Run; readonly from: number }[]>();
  const portKey = (spot: Spot, right: boolean): string => `${spot.of}${spot.id}${right ? '>' : '<'}`;
  const ends = (run: Run): { readonly vessel: Spot; readonly card: Spot; readonly right: boolean; readonly near: readonly [Spot, Spot] } => {
    const vessel = run.spots[0] as Spot;
    const card = run.spots[run.spots.length - 1] as Spot;
    return { vessel, card, right: columnAt(card) > columnAt(vessel), near: [run.spots[1] as Spot, run.spots[run.spots.length - 2] as Spot] };
  };
  const offer = (key: string, run: Run, from: number): void => {
    const list = ports.get(key) ?? [];
    list.push({ run, from });
    ports.set(key, list);
  };
  for (const run of runs) {
    const { vessel, card, right, near } = ends(run);
    offer(portKey(vessel, right), run, near[0].y);
    offer(portKey(card, !right), run, near[1].y);
  }
  for (const list of ports.values()) list.sort((a, b) => a.from - b.from || a.run.tie.id - b.run.tie.id || a.run.process - b.run.process);
  const port = (spot: Spot, right: boolean, run: Run): Point => {
    const list = ports.get(portKey(spot, right)) ?? [];
    const i = list.findIndex((one) => one.run === run);
    const step = Math.min(spot.of === 'card' ? 18 : 12, (spot.h - 20) / Math.max(1, list.length));
    return [right ? spot.x + spot.w : spot.x, Math.round(spot.y + (i - (list.length - 1) / 2) * step)];
  };
  return runs.map((run): Strand => {
    const { vessel, card, right } = ends(run);
    const from = port(card, !right, run);
    const to = port(vessel, right, run);
    const base = { channel: run.tie.id, process: run.process };
    const row = rowOf[columnAt(card)] as number;
    if (row !== rowOf[columnAt(vessel)]) {
      // Out to the right, back between the rows, and in from the left.
      const y = gutter(row);
      const out = from[0] + TURN - 3;
      const into = to[0] - STUB.fan / 2;
      return { ...base, wraps: true, points: [from, [out, from[1]], [out, y], [into, y], [into, to[1]], to] };
    }
    const points: Point[] = [from];
    for (const bend of run.spots.slice(1, -1).reverse()) {
      const column = columns[columnAt(bend)] as Spot[];
      const x0 = Math.min(...column.map((spot) => spot.x));
      const x1 = Math.max(...column.map((spot) => spot.x + spot.w));
      points.push(...((right ? [[x1, bend.y], [x0, bend.y]] : [[x0, bend.y], [x1, bend.y]]) as Point[]));
    }
    points.push(to);
    return { ...base, wraps: false, points };
  });
}
