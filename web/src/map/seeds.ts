/** From rows of the store to what the layout knows: structure without values. */

import { alikeOf } from '../badge/numbers';
import { processName } from '../i18n/names';
import { isEnded, ROOT, type Row } from '../state/store';
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

/** True for a row of which nothing lives any longer but its card. */
export const isOver = (row: Row | undefined): boolean => row === undefined || isEnded(row);
