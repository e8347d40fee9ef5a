/** The number of each process among its alike siblings: the same on map, table, inspector and consoles. */
import { computed } from '@preact/signals';
import { number } from '../map/structure';
import { store, type Row } from '../state/store';

/** Siblings with the same text are alike: workers of one kind and part, foreign programs of one label; not the root. */
export const alikeOf = (row: Row): string => {
  if (row.parent === 0) return '';
  return row.workload === '' ? `program ${row.label}` : `worker ${row.workload} ${row.role}`;
};

let before: ReadonlyMap<number, number> = new Map();

/** By id, from 1, ended ones included; absent for a process that has none like it. Who has one keeps it. */
export const numbers = computed<ReadonlyMap<number, number>>(() => {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  before = number([...store.processes.values(), ...store.ended.values()].map((row) => ({ id: row.id, parent: row.parent, alike: alikeOf(row), label: row.label, adopted: row.adopted })), before);
  return before;
});
