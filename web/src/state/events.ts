import type { TreeEvent } from '../wire';

/** Twice what a snapshot brings: a run of 500 short programs, 1,004 events and more, stays whole for a page that looks on. */
export const KEPT_EVENTS = 2000;

/** The log with fresh ones appended; the oldest over the limit are dropped. The same array if there are none. */
export function appendEvents(log: readonly TreeEvent[], fresh: readonly TreeEvent[]): readonly TreeEvent[] {
  return fresh.length === 0 ? log : [...log, ...fresh].slice(-KEPT_EVENTS);
}
