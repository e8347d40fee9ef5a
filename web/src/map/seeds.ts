/** From rows of the store to what the layout knows: structure without values. */

import { alikeOf } from '../badge/numbers';
import { processName } from '../i18n/names';
import { isEnded, ROOT, store, type Row } from '../state/store';
import type { Channel } from '../wire';
import type { Link } from './links';
import type { Seed } from './structure';

const NUMBER = / (\d+)$/;

/** Name without the number that a worker's label carries: the chip has that. */
export function plainName(row: Row): string {
  const name = processName(row);
  return row.workload === '' ? name : name.replace(NUMBER, '');
}

export function seedOf(row: Row): Seed {
  return { id: row.id, parent: row.id === ROOT ? 0 : row.parent, label: plainName(row), alike: alikeOf(row), adopted: row.adopted };
}

/** Ended ones whose parent is gone too hang from the root for their last moments, where the kernel would put them. */
export function seedsOf(living: Iterable<Row>, ended: Iterable<Row>, kept: Iterable<Seed>): readonly Seed[] {
  const seeds = new Map<number, Seed>();
  for (const seed of kept) seeds.set(seed.id, seed);
  for (const row of ended) seeds.set(row.id, seedOf(row));
  for (const row of living) seeds.set(row.id, seedOf(row));
  return [...seeds.values()].map((seed) => (seed.parent === 0 || seeds.has(seed.parent) ? seed : { ...seed, parent: ROOT }));
}

/**
 * The channels that are drawn. What a process that is over, but still in its place, held a moment ago it still holds
 * for the layout, and a channel that is gone stays as long as that: a death moves nothing before the card has faded.
 * A channel that one process alone has ever held is how a program wakes itself; only our own are drawn then.
 */
export function linksOf(channels: Iterable<Channel>, before: readonly Link[], seeds: readonly Seed[]): readonly Link[] {
  const shown = new Set(seeds.map((seed) => seed.id));
  const living = new Map([...channels].map((channel) => [channel.id, channel]));
  // Who tells of its messages would tell of these: they are its runtime's own, as the pipes by which multiprocessing
  // knows that a child lives.
  const telling = new Set([...living.values()].flatMap((channel) => (channel.sent === null ? [] : [...channel.writers, ...channel.readers])));
  const silent = (channel: Channel | undefined): boolean =>
    channel !== undefined && !channel.made && channel.sent === null && (channel.fill ?? 0) === 0 && [...channel.writers, ...channel.readers].every((one) => telling.has(one));
  const old = new Map(before.map((link) => [link.id, link]));
  const links: Link[] = [];
  for (const id of new Set([...living.keys(), ...old.keys()])) {
    const now = living.get(id);
    const then = old.get(id);
    if (silent(now)) continue;
    const lasting = (ids: readonly number[], past: readonly number[] = []): number[] => {
      const kept = past.filter((one) => shown.has(one) && !store.processes.has(one));
      return [...new Set([...ids.filter((one) => shown.has(one)), ...kept])].sort((a, b) => a - b);
    };
    const writers = lasting(now?.writers ?? [], then?.writers);
    const readers = lasting(now?.readers ?? [], then?.readers);
    const ends = new Set([...writers, ...readers]);
    if (ends.size === 0 || (now === undefined && then === undefined)) continue;
    if (ends.size === 1 && then === undefined && now?.made !== true) continue;
    links.push({ id, kind: (now ?? then as Link).kind, slots: now ? now.slots : (then as Link).slots, writers, readers });
  }
  return links;
}

/** True for a row of which nothing lives any longer but its card. */
export const isOver = (row: Row | undefined): boolean => row === undefined || isEnded(row);
