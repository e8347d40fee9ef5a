import type { TreeEvent } from '../wire';

/** As many events as the server keeps. */
export const KEPT_EVENTS = 1000;

/** The log with fresh ones appended: those already known (by seq) are dropped, and so are the oldest over the limit. */
export function appendEvents(log: readonly TreeEvent[], fresh: readonly TreeEvent[], seen: number): readonly TreeEvent[] {
  const added = fresh.filter((event) => event.seq > seen);
  if (added.length === 0) return log;
  return [...log, ...added].slice(-KEPT_EVENTS);
}
