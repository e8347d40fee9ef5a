import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ServerMessage, SnapshotMessage, TreeEvent } from '../wire';
import { applyMessages, emptyModel, ENDED_MS, expire, noChanges, parseFrame, type Model } from './model';
import { processOf, QUIET, rowOf, snapshotOf, valuesOf } from './testing';

const golden = (name: string): string => readFileSync(`server/stream/testdata/${name}`, 'utf8');
const root = processOf({ id: 1, workload: '', label: 'vivero', name: 'vivero' });

function modelOf(...messages: ServerMessage[]): Model {
  const model = emptyModel();
  applyMessages(model, messages, 0);
  return model;
}

const exited = (seq: number, id: number, how: { status?: number; signal?: string }): TreeEvent => ({
  kind: 'exited',
  seq,
  at: 0,
  id,
  pid: 4000 + id,
  ppid: 4001,
  name: 'primes',
  label: 'primes',
  ...how,
});

const spawned = (seq: number, id: number): TreeEvent => ({
  kind: 'spawned',
  seq,
  at: 0,
  id,
  pid: 4000 + id,
  ppid: 4001,
  parent: 1,
  name: 'primes',
  label: 'primes',
});

describe('the golden messages of the server', () => {
  it('are all read', () => {
    const names = readdirSync('server/stream/testdata').filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThan(5);
    const model = modelOf(...parseFrame(golden('snapshot.json')));
    for (const name of names) expect(() => applyMessages(model, parseFrame(golden(name)), 0), name).not.toThrow();
  });

  it('the snapshot gives each column its field', () => {
    const model = modelOf(...parseFrame(golden('snapshot.json')));
    expect(model.role).toBe('presenter');
    expect(model.cores).toEqual([0.31, 1]);
    expect(model.machine?.demo).toEqual([2]);
    expect(model.control).toEqual({ paused: false, delay_ms: 0 });
    expect(model.processes.get(2)).toEqual({
      id: 2,
      pid: 4210,
      ppid: 4200,
      parent: 1,
      name: 'primes',
      label: 'primes',
      workload: 'primes',
      role: '',
      state: 'R',
      cpu: 0.998,
      rss: 8388608,
      threads: 4,
      core: 1,
      started: 1767225601250,
      progress: 0.5,
      wait: 0.25,
      adopted: false,
      ...QUIET,
    });
  });

  it('an array applies its messages in order: how it ended is known when it is gone', () => {
    const model = modelOf(...parseFrame(golden('snapshot.json')));
    const events = parseFrame(golden('array.json'));
    model.seq = 3; // as if the snapshot had come before them
    applyMessages(model, [...events, { kind: 'delta', at: 1, gone: [2, 3] }], 77);
    expect(model.ended.get(2)?.ended).toEqual({ at: 77, status: 0, signal: undefined });
    expect(model.ended.get(3)?.ended).toEqual({ at: 77, status: undefined, signal: 'KILL' });
  });

  it('hostile text stays text', () => {
    const model = modelOf(...parseFrame(golden('snapshot.json')));
    applyMessages(model, parseFrame(golden('hostile.json')), 0);
    const texts = model.events.map((e) => (e.kind === 'output' ? e.text : ''));
    expect(texts).toContain('<img src=x onerror=alert(1)>');
  });
});

describe('parseFrame', () => {
  it.each(['{', '7', 'null', '[{}]', '[null]', '"snapshot"'])('throws at %s', (text) => {
    expect(() => parseFrame(text)).toThrow();
  });
});

describe('a delta', () => {
  it('patches values and keeps the rest', () => {
    const p = processOf({ id: 2 });
    const model = modelOf(snapshotOf([root, p]));
    const changes = applyMessages(model, [{ kind: 'delta', at: 5, values: [valuesOf({ ...p, cpu: 0.7, state: 'R' })] }], 0);
    expect(model.processes.get(2)).toEqual({ ...p, cpu: 0.7, state: 'R' });
    expect(changes).toMatchObject({ structure: false, touched: new Set([2]), tick: true });
  });

  it('of values of an unknown id changes nothing', () => {
    const model = modelOf(snapshotOf([root]));
    const changes = applyMessages(model, [{ kind: 'delta', at: 5, values: [valuesOf(processOf({ id: 9 }))] }], 0);
    expect(model.processes.size).toBe(1);
    expect(changes.touched.size).toBe(0);
  });

  it('adds a row, moves an orphan, and both change the structure', () => {
    const child = processOf({ id: 3, parent: 2 });
    const model = modelOf(snapshotOf([root, processOf({ id: 2 })]));
    expect(applyMessages(model, [{ kind: 'delta', at: 5, rows: [rowOf(child)] }], 0).structure).toBe(true);
    const moved = applyMessages(model, [{ kind: 'delta', at: 6, rows: [rowOf({ ...child, parent: 1, adopted: true })] }], 0);
    expect(moved.structure).toBe(true);
    expect(model.processes.get(3)?.parent).toBe(1);
    expect(model.processes.size).toBe(3);
  });

  it('absent parts stay as they were, a heartbeat is a tick of nothing', () => {
    const model = modelOf(snapshotOf([root]));
    const changes = applyMessages(model, [{ kind: 'delta', at: 9 }], 0);
    expect(model.cores).toEqual([0.5, 0]);
    expect(changes).toMatchObject({ structure: false, touched: new Set(), tick: true });
  });
});

describe('how a process ends', () => {
  it.each([
    [{ status: 0 }, { status: 0 }],
    [{ status: 3 }, { status: 3 }],
    [{ signal: 'KILL' }, { signal: 'KILL' }],
    [{}, {}],
  ])('%j', (told, shown) => {
    const model = modelOf(snapshotOf([root, processOf({ id: 2, cpu: 0.9 })]));
    applyMessages(model, [exited(1, 2, told), { kind: 'delta', at: 5, gone: [2] }], 1000);
    expect(model.processes.has(2)).toBe(false);
    expect(model.ended.get(2)).toMatchObject({ cpu: 0, ended: { at: 1000, ...shown } });
    expect(model.exits.size).toBe(0);
  });

  it('a zombie keeps its end until it is collected', () => {
    const zombie = processOf({ id: 2, state: 'Z' });
    const model = modelOf(snapshotOf([root, processOf({ id: 2 })]));
    applyMessages(model, [exited(1, 2, { status: 4 }), { kind: 'delta', at: 5, values: [valuesOf(zombie)] }], 0);
    expect(model.processes.get(2)?.state).toBe('Z');
    applyMessages(model, [{ kind: 'delta', at: 6, gone: [2] }], 0);
    expect(model.ended.get(2)?.ended.status).toBe(4);
  });

  it('it stays for three seconds', () => {
    const model = modelOf(snapshotOf([root, processOf({ id: 2 })]));
    applyMessages(model, [{ kind: 'delta', at: 5, gone: [2] }], 1000);
    const changes = noChanges();
    expire(model, 1000 + ENDED_MS - 1, changes);
    expect(changes.structure).toBe(false);
    expire(model, 1000 + ENDED_MS, changes);
    expect(changes).toMatchObject({ structure: true, touched: new Set([2]), tick: false });
    expect(model.ended.size).toBe(0);
  });

  it('exits of processes that never had a row do not pile up', () => {
    const model = modelOf(snapshotOf([root]));
    for (let seq = 1; seq <= 5000; seq++) applyMessages(model, [exited(seq, seq + 1, { status: 0 })], 0);
    expect(model.exits.size).toBeLessThanOrEqual(1001);
    expect(model.events.length).toBe(2000);
  });
});

describe('events', () => {
  it('already seen are dropped, in a frame and in a snapshot', () => {
    const model = modelOf(snapshotOf([root]), spawned(1, 2), spawned(2, 3));
    applyMessages(model, [spawned(2, 3), spawned(1, 2)], 0);
    applyMessages(model, [snapshotOf([root], { seq: 3, events: [spawned(1, 2), spawned(2, 3), spawned(3, 4)] })], 0);
    applyMessages(model, [spawned(3, 4)], 0);
    expect(model.events.map((e) => e.seq)).toEqual([1, 2, 3]);
  });
});

describe('a second snapshot', () => {
  it('replaces all, without double nodes; who is missing has ended', () => {
    const model = modelOf(snapshotOf([root, processOf({ id: 2 }), processOf({ id: 3 })]));
    applyMessages(model, [snapshotOf([root, processOf({ id: 3 }), processOf({ id: 4 })], { seq: 1, events: [exited(1, 2, { status: 1 })] })], 50);
    expect([...model.processes.keys()].sort()).toEqual([1, 3, 4]);
    expect(model.ended.get(2)?.ended).toMatchObject({ at: 50, status: 1 });
  });

  const another: [string, SnapshotMessage][] = [
    ['that counts from the beginning', snapshotOf([root, processOf({ id: 2, pid: 9002 })], { seq: 1, events: [spawned(1, 2)] })],
    ['whose root is another process', snapshotOf([{ ...root, pid: 9001 }, processOf({ id: 2, pid: 9002 })], { seq: 9, events: [spawned(9, 2)] })],
  ];
  it.each(another)('of a server %s forgets the old one', (_, snapshot) => {
    const model = modelOf(snapshotOf([root, processOf({ id: 2 }), processOf({ id: 3 })], { seq: 5, events: [spawned(5, 3)] }));
    applyMessages(model, [snapshot], 0);
    expect([...model.processes.keys()]).toEqual([1, 2]);
    expect(model.processes.get(2)?.pid).toBe(9002);
    expect(model.ended.size).toBe(0);
    expect(model.events).toEqual(snapshot.events);
  });
});
