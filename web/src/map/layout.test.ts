import { describe, expect, it } from 'vitest';
import { densityOf, layout, stemWidth, type Options } from './layout';
import { column } from './column';
import type { Box, Scene } from './scene';
import { number, type Seed } from './structure';

const seed = (id: number, parent: number, alike = `p${id}`, adopted = false): Seed => ({ id, parent, alike, label: alike, adopted });
const options = (change: Partial<Options> = {}): Options => ({ density: 'S', unfolded: new Set(), previous: null, anchor: null, ...change });

/** A small generator with a seed (mulberry32), so that a failing tree can be grown again. */
function random(start: number): () => number {
  let a = start;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function randomTree(n: number, next: () => number): Seed[] {
  const deep = next();
  const seeds: Seed[] = [seed(1, 0)];
  for (let id = 2; id <= n; id++) {
    const from = next() < deep ? Math.max(1, id - 1 - Math.floor(next() * 5)) : 1 + Math.floor(next() * (id - 1));
    seeds.push(seed(id, from, next() < 0.7 ? `kind${Math.floor(next() * 3)}` : `p${id}`, next() < 0.05));
  }
  return seeds;
}

const apart = (a: Box, b: Box): boolean => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
const within = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w && inner.y + inner.h <= outer.y + outer.h;

/** What is wrong with a scene; plain code, for an expect() in such loops takes seconds. */
function faults(scene: Scene, seeds: readonly Seed[]): string[] {
  const found: string[] = [];
  const folded = [...scene.beds.values()].filter((bed) => bed.folded);
  const shown = scene.spots.size + folded.reduce((sum, bed) => sum + bed.ids.length, 0);
  if (shown !== seeds.length) found.push(`${shown} of ${seeds.length} shown`);
  if (scene.order.length !== scene.spots.size + folded.length) found.push('the order leaves something out');
  const outer: Box[] = [...[...scene.spots.values()].filter((spot) => spot.bed === ''), ...scene.beds.values()];
  outer.sort((a, b) => a.y - b.y);
  for (let i = 0; i < outer.length; i++) {
    const a = outer[i]!;
    for (let j = i + 1; j < outer.length && outer[j]!.y < a.y + a.h; j++) {
      if (!apart(a, outer[j]!)) found.push(`overlap: ${JSON.stringify(a)} ${JSON.stringify(outer[j])}`);
    }
    if (!within(a, scene.bounds)) found.push(`outside: ${JSON.stringify(a)}`);
    if (![a.x, a.y, a.w, a.h].every(Number.isInteger)) found.push(`between pixels: ${JSON.stringify(a)}`);
  }
  const members = new Map<string, Box[]>();
  for (const spot of scene.spots.values()) {
    if (spot.bed === '') continue;
    if (!within(spot, scene.beds.get(spot.bed)!)) found.push(`out of its bed: ${spot.id}`);
    const list = members.get(spot.bed) ?? [];
    if (list.some((other) => !apart(spot, other))) found.push(`overlap in a bed: ${spot.id}`);
    members.set(spot.bed, [...list, spot]);
  }
  return found;
}

/** Ids whose cards do not stand where they stood. */
function moved(before: Scene, after: Scene): number[] {
  return [...after.spots.values()]
    .filter((now) => {
      const then = before.spots.get(now.id);
      return then !== undefined && (then.x !== now.x || then.y !== now.y);
    })
    .map((spot) => spot.id);
}

describe('layout', () => {
  it('overlaps nothing and loses nothing, for random trees of up to 1,000 processes', () => {
    for (let round = 0; round < 36; round++) {
      const next = random(round);
      const n = round < 33 ? 1 + Math.floor(next() * 120) : 1000;
      const seeds = randomTree(n, next);
      for (const density of ['L', 'S'] as const) expect(faults(layout(seeds, options({ density })), seeds)).toEqual([]);
      expect(faults(column(seeds, options(), 390), seeds)).toEqual([]);
    }
  }, 30_000);

  it('is the same for the same structure, in whatever order it comes', () => {
    const seeds = randomTree(200, random(7));
    const one = layout(seeds, options());
    expect(layout([...seeds].reverse(), options())).toEqual(one);
    // and an unchanged structure moves nothing
    expect(moved(one, layout(seeds, options({ previous: one })))).toEqual([]);
  });

  it('stays sound while a tree grows and is pruned step by step', () => {
    const next = random(11);
    let seeds = randomTree(40, next);
    let scene = layout(seeds, options());
    for (let step = 0; step < 200; step++) {
      const leaves = seeds.filter((s) => s.id !== 1 && !seeds.some((o) => o.parent === s.id));
      if (next() < 0.5 && leaves.length > 5) {
        const gone = leaves[Math.floor(next() * leaves.length)]!;
        seeds = seeds.filter((s) => s !== gone);
      } else {
        const parent = seeds[Math.floor(next() * seeds.length)]!;
        seeds = [...seeds, seed(1000 + step, parent.id, next() < 0.5 ? 'kind0' : `q${step}`)];
      }
      scene = layout(seeds, options({ previous: scene }));
      expect(faults(scene, seeds)).toEqual([]);
    }
  });

  it('a leaf more at the end of a family moves none of its elder siblings, nor what stands above', () => {
    const seeds = [seed(1, 0), seed(2, 1), seed(3, 1), seed(4, 1), seed(5, 2), seed(6, 2), seed(7, 3), seed(8, 3), seed(9, 3), seed(10, 4)];
    const before = layout(seeds, options());
    const after = layout([...seeds, seed(11, 4)], options({ previous: before }));
    expect(moved(before, after)).toEqual([]);
    const middle = layout([...seeds, seed(11, 3)], options({ previous: before }));
    // Only what stands below the new one has to give way.
    expect(moved(before, middle)).toEqual([4, 10]);
  });

  it('a leaf less moves only what closes the gap', () => {
    const seeds = [seed(1, 0), seed(2, 1), seed(3, 1), seed(4, 1), seed(5, 3), seed(6, 3), seed(7, 3), seed(8, 3), seed(9, 4)];
    const before = layout(seeds, options());
    const after = layout(seeds.filter((s) => s.id !== 8), options({ previous: before }));
    expect(moved(before, after)).toEqual([4, 9]);
  });

  it('never moves the anchor', () => {
    const next = random(3);
    let seeds = randomTree(80, next);
    let scene = layout(seeds, options());
    for (let step = 0; step < 40; step++) {
      const anchor = [...scene.spots.keys()][Math.floor(next() * scene.spots.size)]!;
      const y = scene.spots.get(anchor)!.y;
      const bed = scene.spots.get(anchor)!.bed;
      seeds = [...seeds, seed(1000 + step, 1 + Math.floor(next() * 80), 'kind0')];
      scene = layout(seeds, options({ previous: scene, anchor }));
      // A card that gets a child leaves its bed; else it stays to the pixel.
      if (scene.spots.get(anchor)!.bed === bed) expect(scene.spots.get(anchor)!.y).toBe(y);
    }
  });

  it('stands alike leaves in a bed of two columns, by their numbers, with one stem to the frame', () => {
    const seeds = [seed(1, 0), seed(2, 1), ...[3, 4, 5, 6, 7, 8, 9, 10].map((id) => seed(id, 2, 'primes'))];
    const scene = layout(seeds, options());
    expect(scene.beds.size).toBe(1);
    const bed = [...scene.beds.values()][0]!;
    expect(bed).toMatchObject({ parent: 2, columns: 2, folded: false, ids: [3, 4, 5, 6, 7, 8, 9, 10] });
    expect(scene.stems.map((stem) => stem.key)).toEqual(['p2', bed.key]);
    const [a, b, c] = [3, 4, 5].map((id) => scene.spots.get(id)!);
    expect(a!.y).toBe(b!.y);
    expect(a!.x).toBe(c!.x);
    expect(scene.spots.get(3)).toMatchObject({ kind: 'bed', w: 226, h: 40, level: 3, place: 1, siblings: 8 });
  });

  it('keeps a number as long as its process lives', () => {
    const alike = [2, 3, 4].map((id) => seed(id, 1, 'primes'));
    const first = number([seed(1, 0), ...alike]);
    const then = number([seed(1, 0), seed(4, 1, 'primes'), seed(9, 1, 'primes')], first);
    expect([...then]).toEqual([[4, 3], [9, 4]]);
  });

  it('folds more than 60 into a stack, unfolds on demand, and does not flip for one process', () => {
    const crowd = (n: number): Seed[] => [seed(1, 0), ...Array.from({ length: n }, (_, i) => seed(i + 2, 1, 'wait'))];
    expect([...layout(crowd(60), options()).beds.values()][0]).toMatchObject({ folded: false, crowd: false });
    const stack = layout(crowd(61), options());
    const bed = [...stack.beds.values()][0]!;
    expect(bed).toMatchObject({ folded: true, crowd: true });
    expect(stack.spots.size).toBe(1);
    expect(stack.order).toEqual([1, bed.key]);
    const open = layout(crowd(61), options({ unfolded: new Set([bed.key]), previous: stack }));
    expect([...open.beds.values()][0]).toMatchObject({ folded: false, crowd: true });
    expect(open.spots.size).toBe(62);
    expect([...layout(crowd(59), options({ previous: stack })).beds.values()][0]!.folded).toBe(true);
    expect([...layout(crowd(50), options({ previous: stack })).beds.values()][0]!.folded).toBe(false);
  });

  it('holds the busy scene of the mock-up: bed and deep branch share their columns on a projector', () => {
    const seeds = [
      seed(1, 0),
      seed(2, 1),
      seed(3, 1),
      ...[4, 5, 6, 7, 8, 9, 10, 11].map((id) => seed(id, 3, 'primes')),
      seed(12, 1, 'sleep', true),
      seed(13, 1, 'bash'),
      seed(14, 13),
      seed(15, 14, 'a'),
      seed(16, 14, 'b'),
    ];
    const { bounds } = layout(seeds, options());
    expect(bounds.w).toBeLessThanOrEqual(1240);
    expect(bounds.h).toBeLessThanOrEqual(500);
  });

  it('gives thinner stems away from the root', () => {
    expect([2, 3, 4, 9].map(stemWidth)).toEqual([5, 4, 2.5, 2.5]);
  });
});

describe('densityOf', () => {
  it('is large up to 12 if that fits, and does not flip for one process', () => {
    expect(densityOf(12, null, () => true)).toBe('L');
    expect(densityOf(12, null, () => false)).toBe('S');
    expect(densityOf(13, 'L', () => true)).toBe('S');
    expect(densityOf(11, 'S', () => true)).toBe('S');
    expect(densityOf(10, 'S', () => true)).toBe('L');
  });
});
