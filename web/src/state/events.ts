import type { TreeEvent } from '../wire';

/** As many events as the server keeps. */
export const KEPT_EVENTS = 1000;

/** The log with fresh ones appended; the oldest over the limit are dropped. The same array if there are none. */
export function appendEvents(log: readonly TreeEvent[], fresh: readonly TreeEvent[]): readonly TreeEvent[] {
  return fresh.length === 0 ? log : [...log, ...fresh].slice(-KEPT_EVENTS);
}
