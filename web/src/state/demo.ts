/** What the server started by itself, to open on something alive, and whether anybody has done more since. */
import { computed } from '@preact/signals';
import { ROOT, store } from './store';

/** True once anything beside the demo was started, from wherever: the tiles have done their work. */
export const chosen = computed(() => {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const demo = store.machine.value?.demo ?? [];
  const another = (id: number): boolean => id !== ROOT && !demo.includes(id);
  return [...store.processes.keys()].some(another) || store.events.value.some((event) => another(event.id));
});
