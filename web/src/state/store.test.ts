import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { isEnded, Store } from './store';
import { processOf, rowOf, snapshotOf, valuesOf } from './testing';

const root = processOf({ id: 1 });
const two = processOf({ id: 2 });
const three = processOf({ id: 3 });

function storeOf(): Store {
  const store = new Store();
  store.apply([snapshotOf([root, two, three])], 0);
  return store;
}

describe('store', () => {
  it('wakes only the card whose process changed', () => {
    const store = storeOf();
    const drawn: number[] = [];
    for (const id of [1, 2, 3]) {
      effect(() => {
        if (store.row(id).value !== undefined) drawn.push(id);
      });
    }
    drawn.length = 0;
    store.apply([{ kind: 'delta', at: 1, values: [valuesOf({ ...two, cpu: 1 })] }], 0);
    expect(drawn).toEqual([2]);
  });

  it('tells structure and values apart', () => {
    const store = storeOf();
    const before = { structure: store.structure.value, values: store.values.value };
    store.apply([{ kind: 'delta', at: 1, values: [valuesOf({ ...two, cpu: 1 })] }], 0);
    expect(store.structure.value).toBe(before.structure);
    expect(store.values.value).toBe(before.values + 1);
    store.apply([{ kind: 'delta', at: 2 }], 0);
    expect(store.values.value).toBe(before.values + 1);
    store.apply([{ kind: 'delta', at: 3, rows: [rowOf(processOf({ id: 4 }))] }], 0);
    expect(store.structure.value).toBe(before.structure + 1);
  });

  it('a row that was asked for before its process came is filled', () => {
    const store = storeOf();
    const row = store.row(4);
    expect(row.value).toBeUndefined();
    store.apply([{ kind: 'delta', at: 1, rows: [rowOf(processOf({ id: 4, cpu: 0.25 }))] }], 0);
    expect(row.value?.cpu).toBe(0.25);
  });

  it('an ended row is ended, then undefined, and then it is forgotten', () => {
    const store = storeOf();
    const row = store.row(2);
    store.apply([{ kind: 'delta', at: 1, gone: [2] }], 100);
    expect(row.value !== undefined && isEnded(row.value)).toBe(true);
    expect(store.series(2).times.length).toBe(1);
    store.expire(3100);
    expect(row.value).toBeUndefined();
    expect(store.series(2).times).toEqual([]);
  });

  it('keeps nothing of ten thousand that came and went', () => {
    const store = storeOf();
    for (let i = 0; i < 10_000; i++) {
      const p = processOf({ id: 10 + i });
      store.row(p.id);
      store.apply([{ kind: 'delta', at: i, rows: [rowOf(p)] }, { kind: 'delta', at: i, gone: [p.id] }], i * 100);
      store.expire(i * 100);
    }
    store.expire(1e9);
    expect(store.processes.size + store.ended.size).toBe(3);
    expect((store as unknown as { rows: Map<number, unknown> }).rows.size).toBeLessThanOrEqual(3);
    expect((store as unknown as { history: { rings: Map<number, unknown> } }).history.rings.size).toBeLessThanOrEqual(3);
  });
});
