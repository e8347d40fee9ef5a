import { describe, expect, it } from 'vitest';
import { applyMessages, emptyModel, expire, noChanges, type Model } from './model';
import { channelOf, processOf, rowOf, snapshotOf, valuesOf } from './testing';

const root = processOf({ id: 1 });
const reader = processOf({ id: 2, waits: 'read', on: 7 });
const queue = channelOf({ id: 7, kind: 'queue', writers: [3], readers: [2] });

function modelOf(at: number, since: number | null): Model {
  const model = emptyModel();
  const blocked = since === null ? [] : [{ process: 2, op: 'read' as const, since }];
  applyMessages(model, [snapshotOf([root, reader], { at, channels: [{ ...queue, blocked }] })], 0);
  return model;
}
const stuck = (model: Model): unknown => model.processes.get(2)?.stuck;

describe('who cannot go on', () => {
  it.each([
    ['for long, by its recorder', 10_000, 9000, { kind: 'queue', op: 'read' }],
    ['for a moment', 10_000, 9900, undefined],
    ['nobody says since when', 10_000, null, undefined],
  ])('%s', (_, at, since, want) => {
    expect(stuck(modelOf(at, since))).toEqual(want);
  });

  it('time alone makes it blocked, by the page clock where no message comes', () => {
    const model = modelOf(10_000, 9900);
    const early = noChanges();
    expire(model, 100, early);
    expect([stuck(model), early.touched.size]).toEqual([undefined, 0]);
    const late = noChanges();
    expire(model, 200, late);
    expect(stuck(model)).toEqual({ kind: 'queue', op: 'read' });
    expect([...late.touched]).toEqual([2]);
    const after = noChanges();
    expire(model, 300, after);
    expect(after.touched.size).toBe(0);
  });

  it('counts from when the page first saw it where no recorder says', () => {
    const model = modelOf(10_000, null);
    applyMessages(model, [{ kind: 'delta', at: 10_200 }], 200);
    expect(stuck(model)).toBeUndefined();
    applyMessages(model, [{ kind: 'delta', at: 10_300 }], 300);
    expect(stuck(model)).toEqual({ kind: 'queue', op: 'read' });
  });

  it('a whole row leaves it as it is, and another wait begins anew', () => {
    const model = modelOf(10_000, 9000);
    applyMessages(model, [{ kind: 'delta', at: 10_100, rows: [rowOf({ ...reader, label: 'other' })] }], 100);
    expect(stuck(model)).toEqual({ kind: 'queue', op: 'read' });
    applyMessages(model, [{ kind: 'delta', at: 10_200, values: [valuesOf({ ...reader, waits: 'sleep', on: 0 })] }], 200);
    expect(stuck(model)).toBeUndefined();
    applyMessages(model, [{ kind: 'delta', at: 10_300, values: [valuesOf(reader)], channels: [queue] }], 300);
    expect(stuck(model)).toBeUndefined();
  });

  it('a lock: only where no runtime parks its threads in one', () => {
    const model = emptyModel();
    applyMessages(model, [snapshotOf([root, processOf({ id: 2, waits: 'lock', threads: 1 }), processOf({ id: 3, waits: 'lock', threads: 7 })], { at: 0 })], 0);
    applyMessages(model, [{ kind: 'delta', at: 1000 }], 1000);
    expect([stuck(model), model.processes.get(3)?.stuck]).toEqual([{ kind: 'lock', op: 'read' }, undefined]);
  });
});
