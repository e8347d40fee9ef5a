/** The shape of the tree: who stands under whom, which siblings are alike, and who talks. It holds no values, so values move nothing. */

import { groups, tie, type Link, type Tie } from './links';

/** What the layout knows of one process. */
export interface Seed {
  readonly id: number;
  /** id of the parent, 0 for the root */
  readonly parent: number;
  /** what a person reads; hostile text */
  readonly label: string;
  /** siblings with the same text here are alike; '' is like nothing else */
  readonly alike: string;
  /** true: its first parent ended and Vivero took it in */
  readonly adopted: boolean;
}

/** One node of the tidy tree: a process, or alike leaves of one parent that stand together, or siblings joined by channels. */
export interface Bough {
  /** 'p12' for a process, 'b3:primes…' for alike leaves of process 3, 'c12' for a chain whose eldest is process 12 */
  readonly key: string;
  readonly kind: 'card' | 'bed' | 'chain';
  /** one id for a card, in the order of their start for a bed and a chain */
  readonly ids: readonly number[];
  /** of a chain: the same processes as the seeds tell them */
  readonly members: readonly Seed[];
  /** of a chain: what joins them */
  readonly ties: readonly Tie[];
  readonly label: string;
  readonly adopted: boolean;
  /** 1 for the root */
  readonly level: number;
  /** of a chain: children of all its members */
  readonly boughs: readonly Bough[];
}

/** Alike leaves from this many on stand in a bed. */
const BED_FROM = 2;

/** Builds the forest (one root as a rule), siblings by start. Ids rise with the start, so the order is that of ids. */
export function grow(seeds: readonly Seed[], links: readonly Link[] = []): readonly Bough[] {
  const sorted = [...seeds].sort((a, b) => a.id - b.id);
  const known = new Set(sorted.map((seed) => seed.id));
  const children = new Map<number, Seed[]>();
  const roots: Seed[] = [];
  for (const seed of sorted) {
    if (seed.parent === seed.id || !known.has(seed.parent)) {
      roots.push(seed);
      continue;
    }
    const list = children.get(seed.parent);
    if (list) list.push(seed);
    else children.set(seed.parent, [seed]);
  }

  const chains = new Map<number, { readonly ids: readonly number[]; readonly ties: readonly Tie[] }>();
  for (const group of groups(tie(links, sorted))) for (const id of group.ids) chains.set(id, group);

  const card = (seed: Seed, level: number): Bough => ({
    key: `p${seed.id}`,
    kind: 'card',
    ids: [seed.id],
    members: [],
    ties: [],
    label: seed.label,
    adopted: seed.adopted,
    level,
    boughs: arrange(children.get(seed.id) ?? [], level + 1),
  });

  const arrange = (siblings: readonly Seed[], level: number): Bough[] => {
    const groups = new Map<string, Seed[]>();
    for (const seed of siblings) {
      if (seed.alike === '' || children.has(seed.id) || chains.has(seed.id)) continue;
      const key = `b${seed.parent}:${seed.adopted ? 'adopted:' : ''}${seed.alike}`;
      const group = groups.get(key);
      if (group) group.push(seed);
      else groups.set(key, [seed]);
    }
    const bedOf = new Map<number, string>();
    for (const [key, group] of groups) if (group.length >= BED_FROM) for (const seed of group) bedOf.set(seed.id, key);

    const boughs: Bough[] = [];
    for (const seed of siblings) {
      const chained = chains.get(seed.id);
      if (chained) {
        if (chained.ids[0] === seed.id) boughs.push(chain(siblings.filter((one) => chains.get(one.id) === chained), chained.ties, level));
        continue;
      }
      const key = bedOf.get(seed.id);
      if (key === undefined) {
        boughs.push(card(seed, level));
        continue;
      }
      const group = groups.get(key);
      if (!group || group[0] !== seed) continue; // the bed stands where its first one stands
      boughs.push({
        key,
        kind: 'bed',
        ids: group.map((member) => member.id),
        members: [],
        ties: [],
        label: seed.label,
        adopted: seed.adopted,
        level,
        boughs: [],
      });
    }
    return boughs;
  };

  const chain = (members: readonly Seed[], ties: readonly Tie[], level: number): Bough => {
    const first = members[0] as Seed;
    return {
      key: `c${first.id}`,
      kind: 'chain',
      ids: members.map((member) => member.id),
      members,
      ties,
      label: first.label,
      adopted: members.every((member) => member.adopted),
      level,
      boughs: members.flatMap((member) => arrange(children.get(member.id) ?? [], level + 1)),
    };
  };

  return roots.map((seed) => card(seed, 1));
}

const TALKERS = 'talkers';

/**
 * The number of each process among its alike siblings, from 1; absent for one that has none like it.
 * Who has a number keeps it as long as it lives: 'number 5' must not become another process when number 3 ends.
 * Talkers, whose messages are told apart by it, are numbered all together, also one alone.
 */
export function number(seeds: readonly Seed[], previous: ReadonlyMap<number, number> = new Map(), talkers: ReadonlySet<number> = new Set()): Map<number, number> {
  const groups = new Map<string, number[]>();
  const numbers = new Map<number, number>();
  for (const seed of [...seeds].sort((a, b) => a.id - b.id)) {
    if (seed.alike === '' || seed.parent === 0) continue;
    const key = talkers.has(seed.id) ? TALKERS : `${seed.parent}:${seed.alike}`;
    const group = groups.get(key);
    if (group) group.push(seed.id);
    else groups.set(key, [seed.id]);
  }
  for (const [key, ids] of groups) {
    if (key !== TALKERS && ids.length < 2 && !previous.has(ids[0] ?? 0)) continue;
    let last = 0;
    for (const id of ids) last = Math.max(last, previous.get(id) ?? 0);
    for (const id of ids) numbers.set(id, previous.get(id) ?? ++last);
  }
  return numbers;
}
