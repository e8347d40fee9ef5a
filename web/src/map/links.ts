/**
 * Who talks with whom, as the layout sees it: channels without values. A channel's place is among the children of the
 * nearest process that all its ends have above them, so that parents, siblings and cousins are all one case.
 */

import type { Seed } from './structure';

/** A channel of the tree and the processes that hold it. */
export interface Link {
  readonly id: number;
  readonly kind: 'pipe' | 'queue' | 'socket';
  /** messages at most, of a queue; null unknown */
  readonly slots: number | null;
  readonly writers: readonly number[];
  readonly readers: readonly number[];
}

/** In a tie: the parent of all, who stands outside. */
export const PARENT = 0;

/** A link lifted to siblings: its ends are children of one parent, or PARENT. */
export interface Tie extends Omit<Link, 'writers' | 'readers'> {
  /** id of the siblings' parent */
  readonly under: number;
  readonly writers: readonly number[];
  readonly readers: readonly number[];
}

/** Ids from the root's side down to id itself. */
function lineage(id: number, parents: ReadonlyMap<number, number>): number[] {
  const line: number[] = [];
  for (let at = id; parents.has(at) && !line.includes(at); at = parents.get(at) as number) line.unshift(at);
  return line;
}

/** Links as ties, by id; a link without two ends that are known is tied to what it has. */
export function tie(links: readonly Link[], seeds: readonly Seed[]): readonly Tie[] {
  const parents = new Map(seeds.map((seed) => [seed.id, seed.parent]));
  const ties: Tie[] = [];
  for (const link of [...links].sort((a, b) => a.id - b.id)) {
    const ends = [...new Set([...link.writers, ...link.readers])].filter((id) => parents.has(id));
    if (ends.length === 0) continue;
    const lines = new Map(ends.map((id) => [id, lineage(id, parents)]));
    const first = lines.get(ends[0] as number) as number[];
    let shared = Math.min(...[...lines.values()].map((line) => line.length));
    for (const line of lines.values()) while (shared > 0 && line[shared - 1] !== first[shared - 1]) shared--;
    // Held by one process alone, or by nobody but the root: it stands beside it, among its siblings.
    if (ends.length === 1) shared = first.length - 1;
    if (shared === 0) continue; // of two trees, or of the root alone
    const lift = (ids: readonly number[]): number[] => [
      ...new Set(ids.flatMap((id) => (lines.has(id) ? [(lines.get(id) as number[])[shared] ?? PARENT] : []))),
    ];
    const writers = lift(link.writers);
    const readers = lift(link.readers);
    ties.push({ ...link, under: first[shared - 1] as number, writers: writers.sort(byId), readers: readers.sort(byId) });
  }
  return ties;
}

const byId = (a: number, b: number): number => a - b;

/** Ends of a tie among the siblings: without the parent. */
export const siblingsOf = (t: Tie): number[] => [...new Set([...t.writers, ...t.readers])].filter((id) => id !== PARENT);

/** Siblings that ties join, in groups by the smallest id; who is tied to nobody is in none. */
export function groups(ties: readonly Tie[]): readonly { readonly ids: readonly number[]; readonly ties: readonly Tie[] }[] {
  const above = new Map<number, number>();
  const find = (id: number): number => {
    const up = above.get(id) ?? id;
    return up === id ? id : find(up);
  };
  for (const t of ties) {
    const ids = siblingsOf(t);
    for (const id of ids) {
      const a = find(ids[0] as number);
      const b = find(id);
      above.set(Math.max(a, b), Math.min(a, b));
      if (!above.has(id)) above.set(id, id);
    }
  }
  const found = new Map<number, { ids: number[]; ties: Tie[] }>();
  for (const id of [...above.keys()].sort(byId)) {
    const at = find(id);
    const group = found.get(at) ?? { ids: [], ties: [] };
    group.ids.push(id);
    found.set(at, group);
  }
  for (const t of ties) found.get(find(siblingsOf(t)[0] ?? -1))?.ties.push(t);
  return [...found.values()];
}
