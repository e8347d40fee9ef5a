/** Who stands under whom, computed once for each change of structure and shared by all views. */
import { computed } from '@preact/signals';
import type { Process } from '../wire';
import { store } from './store';

/** Living children of each living process, by start (ids rise with the start). Ids without children are absent. */
export function childrenByParent(processes: Iterable<Process>): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const p of processes) {
    const list = children.get(p.parent);
    if (list === undefined) children.set(p.parent, [p.id]);
    else list.push(p.id);
  }
  for (const list of children.values()) list.sort((a, b) => a - b);
  return children;
}

/** The store's processes as childrenByParent tells them. */
export const children = computed(() => {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  return childrenByParent(store.processes.values());
});

/** How many live directly under id: the words of a state ask for it. */
export const childCount = (id: number): number => children.value.get(id)?.length ?? 0;

/** How many live under id at any depth. */
export function descendantCount(tree: ReadonlyMap<number, readonly number[]>, id: number): number {
  let count = 0;
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const child of tree.get(at) ?? []) {
      count++;
      open.push(child);
    }
  }
  return count;
}
