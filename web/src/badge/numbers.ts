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

/** Workloads whose processes talk: they are numbered together from the start, lest a number be another's a moment later. */
const TALKING: ReadonlySet<string> = new Set(['pipe', 'pipeline', 'queue', 'pingpong', 'scatter', 'image']);

/** Processes that hold a channel together with another one, or are about to: their messages carry their hue and number. */
function talkers(): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const row of store.processes.values()) if (row.role !== '' && TALKING.has(row.workload)) ids.add(row.id);
  for (const { writers, readers, made } of store.channels.values()) {
    const ends = new Set([...writers, ...readers]);
    if (ends.size > 1 || made) for (const id of ends) ids.add(id);
  }
  return ids;
}

/** By id, from 1, ended ones included; absent for a process that has none like it and sends nobody anything. Who has one keeps it. */
export const numbers = computed<ReadonlyMap<number, number>>(() => {
  /* eslint-disable @typescript-eslint/no-unused-expressions -- subscribes */
  store.structure.value;
  store.wiring.value;
  /* eslint-enable @typescript-eslint/no-unused-expressions */
  before = number([...store.processes.values(), ...store.ended.values()].map((row) => ({ id: row.id, parent: row.parent, alike: alikeOf(row), label: row.label, adopted: row.adopted })), before, talkers());
  return before;
});
