/**
 * What a person may do to processes, from wherever. The target is an id: take it at pointer-down, never look it up
 * again at pointer-up, for the tree may have moved. A refusal is shown where it was asked, by its spot.
 */
import { batch, computed, signal } from '@preact/signals';
import { api, Refused, type StartRequest } from './api';
import { store } from './store';
import { openDrawer, spawnParent } from './ui';

/** Where it was asked: each place shows only its own refusals. */
export type Spot = 'map' | 'table' | 'inspector' | 'channel' | 'spawn' | 'tiles' | 'time' | 'foot';

export interface Refusal {
  readonly spot: Spot;
  /** the process it was about, null if none */
  readonly id: number | null;
  /** the server's own words */
  readonly sentence: string;
}

/** The last refusal, until the next action or for 8 s. */
export const refusal = signal<Refusal | null>(null);

/** Viewers see no actions at all. */
export const mayAct = computed(() => store.role.value === 'presenter' && store.status.value !== 'refused');

/** Signals beside the four that have buttons of their own. */
export const OTHER_SIGNALS = ['INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'ABRT', 'ALRM', 'PIPE', 'WINCH'] as const;

let forget: ReturnType<typeof setTimeout> | undefined;

/** Asks, and keeps the refusal for its spot; undefined when it was refused. */
export async function attempt<T>(spot: Spot, id: number | null, ask: () => Promise<T>): Promise<T | undefined> {
  clearTimeout(forget);
  refusal.value = null;
  try {
    return await ask();
  } catch (error) {
    const sentence = error instanceof Refused ? error.message : String(error);
    refusal.value = { spot, id, sentence };
    forget = setTimeout(() => (refusal.value = null), 8000);
    return undefined;
  }
}

export function dismissRefusal(): void {
  clearTimeout(forget);
  refusal.value = null;
}

/** Sends a signal (without SIG) to a process, or to it and all under it. */
export async function sendSignal(id: number, name: string, spot: Spot, tree = false): Promise<void> {
  await attempt(spot, id, () => api.signal(id, name, tree));
}

export const stop = (id: number, spot: Spot): Promise<void> => sendSignal(id, 'STOP', spot);
export const resume = (id: number, spot: Spot): Promise<void> => sendSignal(id, 'CONT', spot);
export const terminate = (id: number, spot: Spot): Promise<void> => sendSignal(id, 'TERM', spot);
export const kill = (id: number, spot: Spot, tree = false): Promise<void> => sendSignal(id, 'KILL', spot, tree);

/** Stops it, or lets it go on if it is stopped. */
export function stopOrResume(id: number, spot: Spot): Promise<void> {
  return store.processes.get(id)?.state === 'T' ? resume(id, spot) : stop(id, spot);
}

/** TERM, and KILL after the grace time. */
export async function end(id: number, spot: Spot, tree = false): Promise<void> {
  await attempt(spot, id, () => api.end(id, tree));
}

export async function endAll(): Promise<void> {
  await attempt('foot', null, () => api.endAll());
}

/** Ids of what was last started from this page: a view brings them into sight. */
export const lastStarted = signal<readonly number[]>([]);

/** What was last started from this page, for Repeat; null until then. */
export const lastChoice = signal<readonly StartRequest[] | null>(null);

/** Starts processes, one request after the other; false when one was refused. */
export async function start(requests: readonly StartRequest[], spot: Spot): Promise<boolean> {
  const ids: number[] = [];
  for (const request of requests) {
    const started = await attempt(spot, null, () => api.start(request));
    if (started === undefined) return false;
    ids.push(...started.map((one) => one.id));
    lastStarted.value = [...ids];
  }
  lastChoice.value = requests;
  return true;
}

/** Starts the last choice once more. */
export const repeat = (): Promise<boolean> => start(lastChoice.peek() ?? [], 'foot');

/** Opens the spawn drawer for a new child of that process. */
export function newChild(id: number): void {
  dismissRefusal();
  spawnParent.value = id;
  openDrawer.value = 'spawn';
}

/** Selects a process, which opens the inspector; null closes it. */
export function select(id: number | null): void {
  batch(() => {
    store.selected.value = id;
    store.selectedChannel.value = null;
  });
}

/** Selects a channel, which opens its inspector; null closes it. */
export function selectChannel(id: number | null): void {
  batch(() => {
    store.selected.value = null;
    store.selectedChannel.value = id;
  });
}

/** Puts a message of the teacher's into a channel; false when it was refused. */
export async function sendMessage(channel: number, text: string): Promise<boolean> {
  return (await attempt('channel', null, () => api.send(channel, text))) !== undefined;
}
