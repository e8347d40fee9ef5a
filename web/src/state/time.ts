/** The one control of time: Pause, Step and slow motion, for all who watch. What holds is what the server tells. */
import { computed, effect, signal } from '@preact/signals';
import { attempt } from './actions';
import { api } from './api';
import { ROOT, store } from './store';

/** Slow motion in ms at each gate; the first is full speed. */
export const PACES: readonly number[] = [0, 100, 200, 500, 1000, 2000];

/** ms that were asked for and are not told by the server yet, null for none: so that the slider stays under the hand. */
const wanted = signal<number | null>(null);

/** ms at each gate, as it is or is about to be. */
export const pace = computed(() => wanted.value ?? store.control.value.delay_ms);

effect(() => {
  if (store.control.value.delay_ms === wanted.peek()) wanted.value = null;
});

/** True while we hold the processes: then nothing that is measured counts. */
export const held = computed(() => store.control.value.paused || store.control.value.delay_ms > 0);

/** Ids of living processes that have no gates, while that matters: nothing holds them. */
export const ungated = computed<readonly number[]>(() => {
  if (!held.value) return [];
  store.values.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  return [...store.processes.values()].filter((p) => p.id !== ROOT && !p.gates && p.state !== 'Z' && p.state !== 'X').map((p) => p.id);
});

export const pause = (): Promise<unknown> => attempt('time', null, api.pause);
export const resume = (): Promise<unknown> => attempt('time', null, api.resume);

/** Each process passes one gate; refused unless paused. */
export const step = (): Promise<unknown> => attempt('time', null, api.step);

let sending = false;

/** Slow motion. While the slider moves only the newest value is sent on. */
export async function setPace(ms: number): Promise<void> {
  wanted.value = ms;
  if (sending) return;
  sending = true;
  let sent: number | undefined;
  while (wanted.peek() !== null && wanted.peek() !== sent) {
    sent = wanted.peek() ?? 0;
    if ((await attempt('time', null, () => api.pace(sent ?? 0))) === undefined) wanted.value = null;
  }
  sending = false;
  if (store.control.peek().delay_ms === wanted.peek()) wanted.value = null;
}
