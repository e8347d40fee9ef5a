/**
 * What each process did in the last ten minutes, in cells of 100 ms: three bytes a cell, so 1.8 kB a process and minute.
 * A cell holds what the tick said that fell into it; where no tick came because nothing changed, what held before.
 */
import type { Ended, Known } from './model';

export const CELL_MS = 100;
/** Ten minutes. */
export const KEPT_CELLS = 6000;
/** Cells of one piece of memory: 30 s, so that a process that lives for a moment costs 900 bytes. */
const CHUNK = 300;
const BYTES = 3;
/** Longer than that without a tick is a gap: nobody looked. The server's heartbeat is one a second. */
const GAP_CELLS = 15;
/** Processes that have ended are dropped beyond that number, the oldest first. */
export const KEPT_ENDED = 1000;

/** What a process does while it has no core. 'unseen': nobody looked. 'running': on a core or ready for one. */
export const DOINGS = ['unseen', 'running', 'sleeping', 'waiting', 'child', 'read', 'write', 'lock', 'disk', 'stopped', 'held', 'zombie'] as const;
export type Doing = (typeof DOINGS)[number];
const CODE = Object.fromEntries(DOINGS.map((doing, i) => [doing, i])) as Readonly<Record<Doing, number>>;

/** A share as a byte: 250 is the whole. */
const WHOLE = 250;
const UNKNOWN = 255;

export interface Cell {
  readonly doing: Doing;
  /** share of the cell on a core, 0..1; several cores count as one */
  readonly ran: number;
  /** share of the cell ready without a core, null unknown */
  readonly ready: number | null;
}

/** One process. Cells are counted from the epoch: cell = ⌊ms / 100⌋. */
export interface Lane {
  readonly id: number;
  /** its last row */
  row: Known | Ended;
  /** first cell that was seen */
  readonly from: number;
  /** last cell that was written */
  to: number;
  /** ms since the epoch, by the server's clock; null while it lives */
  endedAt: number | null;
  readonly chunks: Map<number, Uint8Array>;
}

export const cellOf = (at: number): number => Math.floor(at / CELL_MS);

export class Lanes {
  private readonly lanes = new Map<number, Lane>();
  private last = -1;

  /** All that are remembered, by start: the living and those that ended in the last ten minutes. */
  all(): ReadonlyMap<number, Lane> {
    return this.lanes;
  }

  /** Takes what a tick says of the living; at is in ms by the server's clock. */
  sample(at: number, processes: Iterable<Known>): void {
    const cell = cellOf(at);
    if (cell < this.last) return;
    for (const p of processes) {
      let lane = this.lanes.get(p.id);
      if (lane === undefined) {
        lane = { id: p.id, row: p, from: cell, to: cell - 1, endedAt: null, chunks: new Map() };
        this.lanes.set(p.id, lane);
      }
      // What held before holds in between; across a gap nobody knows.
      if (cell - lane.to <= GAP_CELLS && lane.to >= lane.from) for (let c = lane.to + 1; c < cell; c++) write(lane, c, lane.row);
      lane.row = p;
      lane.endedAt = null;
      write(lane, cell, p);
      lane.to = cell;
    }
    if (Math.floor(cell / CHUNK) !== Math.floor(this.last / CHUNK)) this.drop(cell - KEPT_CELLS);
    this.last = cell;
  }

  /** It has left the tree. */
  end(row: Ended, at: number): void {
    const lane = this.lanes.get(row.id);
    if (lane === undefined || lane.endedAt !== null) return;
    const cell = cellOf(at);
    if (cell - lane.to <= GAP_CELLS) for (let c = lane.to + 1; c < cell; c++) write(lane, c, lane.row);
    lane.to = Math.max(lane.to, cell - 1);
    lane.row = row;
    lane.endedAt = at;
  }

  /** Another server: nothing of the old one holds. */
  clear(): void {
    this.lanes.clear();
    this.last = -1;
  }

  /** Bytes of all cells. */
  get bytes(): number {
    let sum = 0;
    for (const lane of this.lanes.values()) for (const chunk of lane.chunks.values()) sum += chunk.byteLength;
    return sum;
  }

  private drop(before: number): void {
    const ended: Lane[] = [];
    for (const lane of this.lanes.values()) {
      if (lane.endedAt !== null && lane.to < before) this.lanes.delete(lane.id);
      else if (lane.endedAt !== null) ended.push(lane);
      for (const chunk of lane.chunks.keys()) if ((chunk + 1) * CHUNK <= before) lane.chunks.delete(chunk);
    }
    ended.sort((a, b) => a.to - b.to);
    for (const lane of ended.slice(0, Math.max(0, ended.length - KEPT_ENDED))) this.lanes.delete(lane.id);
  }
}

function write(lane: Lane, cell: number, p: Known | Ended): void {
  const index = Math.floor(cell / CHUNK);
  let chunk = lane.chunks.get(index);
  if (chunk === undefined) {
    chunk = new Uint8Array(CHUNK * BYTES);
    lane.chunks.set(index, chunk);
  }
  const at = (cell - index * CHUNK) * BYTES;
  chunk[at] = CODE[doingOf(p)];
  chunk[at + 1] = byteOf(p.ran);
  chunk[at + 2] = p.ready === null ? UNKNOWN : byteOf(p.ready);
}

const byteOf = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * WHOLE);

/** What it does at this moment, however briefly. */
export function doingOf(p: Known | Ended): Doing {
  switch (p.state) {
    case 'Z':
    case 'X':
      return 'zombie';
    case 'T':
    case 't':
      return 'stopped';
  }
  if (p.held) return 'held';
  switch (p.state) {
    case 'R':
      return 'running';
    case 'D':
      return p.waits === 'child' ? 'child' : 'disk';
  }
  switch (p.waits) {
    case 'child':
      return 'child';
    case 'read':
    case 'write':
      return p.on === 0 ? 'waiting' : p.waits;
    case 'lock':
      return p.threads === 1 ? 'lock' : 'waiting';
    case 'input':
    case 'events':
      return 'waiting';
    case 'disk':
      return 'disk';
    case 'sleep':
    case '':
      return 'sleeping';
  }
}

const NOTHING: Cell = { doing: 'unseen', ran: 0, ready: null };

/** One cell of a lane. */
export function cellAt(lane: Lane, cell: number): Cell {
  const index = Math.floor(cell / CHUNK);
  const chunk = lane.chunks.get(index);
  const at = (cell - index * CHUNK) * BYTES;
  const code = chunk?.[at] ?? 0;
  if (chunk === undefined || code === 0) return NOTHING;
  const ready = chunk[at + 2] ?? UNKNOWN;
  return { doing: DOINGS[code] ?? 'unseen', ran: (chunk[at + 1] ?? 0) / WHOLE, ready: ready === UNKNOWN ? null : ready / WHOLE };
}

/** What the cells of a stretch add up to, in cells. */
export interface Sum {
  /** cells that were seen */
  seen: number;
  ran: number;
  ready: number;
  blocked: number;
  held: number;
  stopped: number;
  zombie: number;
}

/** Adds up the cells from..to-1. Into `sum`, which is cleared: this is called for every column of every frame. */
export function sumCells(lane: Lane, from: number, to: number, sum: Sum): void {
  sum.seen = sum.ran = sum.ready = sum.blocked = sum.held = sum.stopped = sum.zombie = 0;
  for (let cell = Math.max(from, lane.from); cell < to && cell <= lane.to; cell++) {
    const index = Math.floor(cell / CHUNK);
    const chunk = lane.chunks.get(index);
    if (chunk === undefined) continue;
    const at = (cell - index * CHUNK) * BYTES;
    const code = chunk[at] ?? 0;
    if (code === 0) continue;
    sum.seen++;
    const ran = (chunk[at + 1] ?? 0) / WHOLE;
    const byte = chunk[at + 2] ?? UNKNOWN;
    const ready = Math.min(1 - ran, byte === UNKNOWN ? 0 : byte / WHOLE);
    const rest = 1 - ran - ready;
    sum.ran += ran;
    sum.ready += ready;
    switch (code) {
      case CODE.read:
      case CODE.write:
      case CODE.lock:
      case CODE.disk:
        sum.blocked += rest;
        break;
      case CODE.held:
        sum.held += rest;
        break;
      case CODE.stopped:
        sum.stopped += rest;
        break;
      case CODE.zombie:
        sum.zombie += rest;
        break;
    }
  }
}
