import { describe, expect, it } from 'vitest';
import type { Row } from '../state/store';
import { processOf } from '../state/testing';
import type { Process } from '../wire';
import { age } from './age';
import { columnsFor, flatLines, inOldOrder, matches, nextSort, treeLines, type Line } from './lines';
import { windowOf } from './windowed';

const row = (id: number, parent: number, more: Partial<Process> = {}): Row =>
  processOf({ id, pid: 1000 + id, ppid: 1000 + parent, parent, name: 'sleep', label: `p${id}`, workload: '', started: 1_000_000 - id, ...more });

const none: ReadonlySet<number> = new Set();
const ids = (lines: readonly Line[]): number[] => lines.map((line) => line.id);

//  1 ┬ 2 ─ 4 ─ 6
//    └ 3 ─ 5
const tree = [row(1, 0), row(5, 3), row(3, 1), row(2, 1), row(4, 2), row(6, 4)];

describe('treeLines', () => {
  it('stands siblings by start, each above what is below it', () => {
    const lines = treeLines(tree, none, '');
    expect(ids(lines)).toEqual([1, 2, 4, 6, 3, 5]);
    expect(lines.map((line) => line.level)).toEqual([1, 2, 3, 4, 2, 3]);
    expect(lines[4]).toMatchObject({ place: 2, siblings: 2, expandable: true, expanded: true, hidden: 0 });
  });

  it('says how many lines a collapsed one hides, at all depths', () => {
    const lines = treeLines(tree, new Set([2]), '');
    expect(ids(lines)).toEqual([1, 2, 3, 5]);
    expect(lines[1]).toMatchObject({ expandable: true, expanded: false, hidden: 2 });
  });

  it('keeps what a search finds and the way to it, collapsed or not', () => {
    const lines = treeLines(tree, new Set([2]), 'p6');
    expect(ids(lines)).toEqual([1, 2, 4, 6]);
    expect(lines.map((line) => line.match)).toEqual([false, false, false, true]);
  });

  it('shows a row whose parent has left, and one that names itself as parent, at the top', () => {
    expect(treeLines([row(1, 0), row(9, 7), row(8, 8)], none, '').map(({ id, level }) => [id, level])).toEqual([
      [1, 1],
      [8, 1],
      [9, 1],
    ]);
  });
});

describe('flatLines', () => {
  it('sorts by value, and equal ones by start', () => {
    const rows = [row(1, 0, { cpu: 0.2 }), row(2, 1, { cpu: 0.9 }), row(3, 1, { cpu: 0.2 })];
    expect(ids(flatLines(rows, { column: 'cpu', down: true }, ''))).toEqual([2, 1, 3]);
    expect(ids(flatLines(rows, { column: 'cpu', down: false }, ''))).toEqual([1, 3, 2]);
  });

  it('keeps those without progress last both ways', () => {
    const rows = [row(1, 0), row(2, 1, { progress: 0.5 }), row(3, 1, { progress: 0.1 })];
    expect(ids(flatLines(rows, { column: 'progress', down: true }, ''))).toEqual([2, 3, 1]);
    expect(ids(flatLines(rows, { column: 'progress', down: false }, ''))).toEqual([3, 2, 1]);
  });

  it('counts the oldest as the one of the greatest age', () => {
    const rows = [row(1, 0, { started: 500 }), row(2, 1, { started: 100 })];
    expect(ids(flatLines(rows, { column: 'age', down: true }, ''))).toEqual([2, 1]);
  });

  it('sorts names with numbers as a person would', () => {
    const rows = [row(1, 0, { label: 'job 10' }), row(2, 1, { label: 'job 9' })];
    expect(ids(flatLines(rows, { column: 'name', down: false }, ''))).toEqual([2, 1]);
  });
});

describe('sorting', () => {
  it('goes from a column to its other direction and back to the tree', () => {
    const first = nextSort(null, 'cpu');
    expect(first).toEqual({ column: 'cpu', down: true });
    const second = nextSort(first, 'cpu');
    expect(second).toEqual({ column: 'cpu', down: false });
    expect(nextSort(second, 'cpu')).toBeNull();
    expect(nextSort(second, 'pid')).toEqual({ column: 'pid', down: false });
  });

  it('moves nothing while it is held, and puts new ones last', () => {
    const by = { column: 'cpu', down: true } as const;
    const before = flatLines([row(1, 0, { cpu: 0.1 }), row(2, 1, { cpu: 0.5 }), row(3, 1, { cpu: 0.3 })], by, '');
    const after = flatLines([row(4, 1, { cpu: 1 }), row(1, 0, { cpu: 0.9 }), row(2, 1, { cpu: 0 })], by, '');
    expect(ids(inOldOrder(before, after))).toEqual([2, 1, 4]);
    expect(inOldOrder(before, after).map((line) => line.place)).toEqual([1, 2, 3]);
  });
});

describe('matches', () => {
  it('finds by label, kernel name and pid, whatever the case', () => {
    const r = row(7, 1, { name: 'python3', label: 'Padre.py' });
    for (const query of ['', '  ', 'padre', 'PYTHON', '1007']) expect(matches(r, query), query).toBe(true);
    expect(matches(r, 'hijo')).toBe(false);
  });
});

describe('windowOf', () => {
  it('renders what is in sight and a little more, never beyond the ends', () => {
    expect(windowOf(0, 400, 40, 1000)).toEqual({ from: 0, to: 16 });
    expect(windowOf(4000, 400, 40, 1000)).toEqual({ from: 94, to: 116 });
    expect(windowOf(99_999, 400, 40, 20)).toEqual({ from: 20, to: 20 });
    expect(windowOf(0, 400, 40, 0)).toEqual({ from: 0, to: 0 });
  });
});

describe('columnsFor', () => {
  it('has fewer columns the narrower it is, and always name, state and CPU', () => {
    const counts = [1280, 1040, 936, 700, 390].map((width) => columnsFor(width).length);
    expect(counts).toEqual([10, 8, 7, 5, 3]);
    expect(columnsFor(1)).toEqual(['name', 'state', 'cpu']);
  });
});

describe('age', () => {
  it('counts whole seconds, then minutes and hours; never below zero', () => {
    expect([-500, 0, 59_999, 185_000, 7_800_000].map((ms) => age(ms).replace(/\s/g, ' '))).toEqual(['0 s', '0 s', '59 s', '3 min 5 s', '2 h 10 min']);
  });
});
