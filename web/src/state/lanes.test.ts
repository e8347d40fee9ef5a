import { describe, expect, it } from 'vitest';
import { CELL_MS, cellAt, doingOf, KEPT_CELLS, KEPT_ENDED, Lanes, sumCells, type Lane, type Sum } from './lanes';
import type { Known } from './model';
import { processOf } from './testing';

const p = (fields: Partial<Known> = {}): Known => processOf({ id: 2, waits: 'sleep', ...fields });
const doings = (lane: Lane | undefined, from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => (lane === undefined ? '' : cellAt(lane, from + i).doing));
const ended = (row: Known, fields: { status?: number; signal?: string } = {}) => ({ ...row, ended: { at: 0, ...fields } });

describe('doingOf', () => {
  it.each<[string, Partial<Known>, string]>([
    ['on a core', { state: 'R' }, 'running'],
    ['asleep', {}, 'sleeping'],
    ['unknown', { waits: '' }, 'sleeping'],
    ['its child', { waits: 'child' }, 'child'],
    ['vfork', { state: 'D', waits: 'child' }, 'child'],
    ['reads a channel', { waits: 'read', on: 3 }, 'read'],
    ['writes to a channel', { waits: 'write', on: 3 }, 'write'],
    ['reads a file', { waits: 'read' }, 'waiting'],
    ['a lock', { waits: 'lock', threads: 1 }, 'lock'],
    ['parked threads', { waits: 'lock', threads: 4 }, 'waiting'],
    ['the disk', { state: 'D', waits: 'disk' }, 'disk'],
    ['stopped at a gate', { state: 'T', held: true }, 'stopped'],
    ['at a gate', { held: true }, 'held'],
    ['zombie', { state: 'Z', held: true }, 'zombie'],
  ])('%s', (_, fields, want) => {
    expect(doingOf(p(fields))).toBe(want);
  });
});

describe('lanes', () => {
  it('a cell holds what its tick said; in between holds what held before', () => {
    const lanes = new Lanes();
    lanes.sample(1000, [p({ state: 'R', ran: 0.6, ready: 0.4 })]);
    lanes.sample(1400, [p({ waits: 'write', on: 3, ran: 0.1, ready: null })]);
    const lane = lanes.all().get(2);
    expect(doings(lane, 9, 15)).toEqual(['unseen', 'running', 'running', 'running', 'running', 'write', 'unseen']);
    expect(cellAt(lane!, 12)).toEqual({ doing: 'running', ran: 0.6, ready: 0.4 });
    expect(cellAt(lane!, 14)).toEqual({ doing: 'write', ran: 0.1, ready: null });
  });

  it('a gap is not seen, and a later tick of the same cell replaces the first', () => {
    const lanes = new Lanes();
    lanes.sample(1000, [p()]);
    lanes.sample(4000, [p({ state: 'T' })]);
    lanes.sample(4090, [p({ held: true })]);
    expect(doings(lanes.all().get(2), 9, 12)).toEqual(['unseen', 'sleeping', 'unseen', 'unseen']);
    expect(doings(lanes.all().get(2), 39, 40)).toEqual(['unseen', 'held']);
  });

  it('ends when it leaves the tree, once, with how it ended', () => {
    const lanes = new Lanes();
    lanes.sample(1000, [p()]);
    lanes.end(ended(p(), { signal: 'KILL' }), 1350);
    lanes.end(ended(p(), { signal: 'KILL' }), 1450);
    const lane = lanes.all().get(2);
    expect([lane?.endedAt, lane?.to, doings(lane, 12, 13)]).toEqual([1350, 12, ['sleeping', 'unseen']]);
  });

  it('costs 1.8 kB a process and minute, ten minutes at most, and forgets those that ended before', () => {
    const lanes = new Lanes();
    lanes.sample(0, [p({ id: 3 })]);
    lanes.end(ended(p({ id: 3 })), 100);
    for (let cell = 0; cell < 600; cell++) lanes.sample(cell * CELL_MS, [p()]);
    expect(lanes.bytes).toBe(1800 + 900);
    for (let cell = 600; cell < 3 * KEPT_CELLS; cell++) lanes.sample(cell * CELL_MS, [p()]);
    expect(lanes.bytes).toBeLessThanOrEqual(18_000 + 2 * 900);
    expect([...lanes.all().keys()]).toEqual([2]);
    expect(cellAt(lanes.all().get(2)!, 2 * KEPT_CELLS + 1).doing).toBe('sleeping');
  });

  it('is bounded when thousands come and go', () => {
    const lanes = new Lanes();
    for (let i = 0; i < 5000; i++) {
      lanes.sample(i * CELL_MS, [p({ id: 10 + i })]);
      lanes.end(ended(p({ id: 10 + i })), i * CELL_MS + 50);
    }
    expect(lanes.all().size).toBeLessThanOrEqual(KEPT_ENDED + 300);
  });

  it('adds up: what is neither computing nor ready is what it waited for', () => {
    const lanes = new Lanes();
    lanes.sample(0, [p({ state: 'R', ran: 0.6, ready: 0.4 })]);
    lanes.sample(100, [p({ waits: 'read', on: 1, ran: 0.2, ready: 0.2 })]);
    lanes.sample(200, [p({ held: true })]);
    lanes.sample(300, [p({ waits: 'child' })]);
    const sum = {} as Sum;
    sumCells(lanes.all().get(2)!, 0, 9, sum);
    const rounded = Object.fromEntries(Object.entries(sum).map(([key, value]) => [key, Math.round(value * 100) / 100]));
    expect(rounded).toEqual({ seen: 4, ran: 0.8, ready: 0.6, blocked: 0.6, held: 1, stopped: 0, zombie: 0 });
  });
});
