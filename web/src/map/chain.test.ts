import { describe, expect, it } from 'vitest';
import { column } from './column';
import { layout, type Options } from './layout';
import { PARENT, tie, type Link } from './links';
import { layers } from './order';
import type { Box, Scene } from './scene';
import type { Seed } from './structure';
import { withWords } from './vessel';

const seed = (id: number, parent: number, alike = `p${id}`): Seed => ({ id, parent, alike, label: alike, adopted: false });
const link = (id: number, writers: number[], readers: number[], change: Partial<Link> = {}): Link => ({ id, kind: 'pipe', slots: null, writers, readers, ...change });
const queue = (id: number, writers: number[], readers: number[], slots = 5): Link => link(id, writers, readers, { kind: 'queue', slots });
const options = (links: readonly Link[], change: Partial<Options> = {}): Options => ({ density: 'L', unfolded: new Set(), previous: null, anchor: null, links, ...change });
const family = (n: number): Seed[] => [seed(1, 0), ...Array.from({ length: n }, (_, i) => seed(i + 2, 1))];

/** mulberry32, so that a failing graph can be made again. */
function random(start: number): () => number {
  let a = start;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tree with channels between any of its processes: siblings, parents and children, strangers. */
function randomTalk(next: () => number): { readonly seeds: Seed[]; readonly links: Link[] } {
  const n = 2 + Math.floor(next() * 24);
  const flat = next();
  const seeds: Seed[] = [seed(1, 0)];
  for (let id = 2; id <= n; id++) seeds.push(seed(id, next() < flat ? 1 : 1 + Math.floor(next() * (id - 1)), next() < 0.5 ? `kind${Math.floor(next() * 3)}` : `p${id}`));
  const some = (): number[] => [...new Set(Array.from({ length: 1 + Math.floor(next() * next() * 4) }, () => 1 + Math.floor(next() * n)))];
  const links = Array.from({ length: Math.floor(next() * 14) }, (_, i): Link => {
    const kind = (['pipe', 'queue', 'socket'] as const)[Math.floor(next() * 3)] ?? 'pipe';
    return link(100 + i, next() < 0.1 ? [] : some(), next() < 0.1 ? [] : some(), { kind, slots: kind === 'queue' ? 1 + Math.floor(next() * 12) : null });
  });
  return { seeds, links };
}

const apart = (a: Box, b: Box): boolean => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
const within = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w && inner.y + inner.h <= outer.y + outer.h;

/** What is wrong with a scene, in words. */
function faults(scene: Scene, seeds: readonly Seed[], links: readonly Link[]): string[] {
  const found: string[] = [];
  if (scene.spots.size !== seeds.length) found.push(`${scene.spots.size} of ${seeds.length} cards`);
  if (new Set(scene.order).size !== seeds.length) found.push('the order leaves something out, or has it twice');
  const things: [string, Box][] = [
    ...[...scene.spots.values()].map((spot): [string, Box] => [`card ${spot.id}`, spot]),
    ...[...scene.vessels.values()].map((vessel): [string, Box] => [`vessel ${vessel.id}`, withWords(vessel, vessel)]),
  ];
  const outer: [string, Box][] = [...things.filter(([, box]) => !('bed' in box) || box.bed === ''), ...[...scene.beds.values()].map((bed): [string, Box] => [bed.key, bed])];
  for (const list of [things, outer]) {
    list.forEach(([name, a], i) => {
      for (const [other, b] of list.slice(i + 1)) if (!apart(a, b)) found.push(`${name} over ${other}`);
      if (!within(a, scene.bounds)) found.push(`${name} out of sight`);
      if (![a.x, a.y, a.w, a.h].every(Number.isFinite)) found.push(`${name} is nowhere`);
    });
  }
  for (const spot of scene.spots.values()) if (spot.bed !== '' && !within(spot, scene.beds.get(spot.bed)!)) found.push(`${spot.id} out of its bed`);
  const ties = tie(links, seeds);
  if (scene.vessels.size !== ties.length) found.push(`${scene.vessels.size} of ${ties.length} vessels`);
  const drawn = scene.lines.map((line) => line.key).sort();
  const wanted = links.flatMap(({ id, writers, readers }) => (ties.some((t) => t.id === id) ? [...new Set([...writers, ...readers])].map((p) => `c${id}:p${p}`) : [])).sort();
  if (drawn.join() !== wanted.join()) found.push(`lines ${drawn.join()} for ${wanted.join()}`);
  for (const line of scene.lines) if (/NaN|undefined|Infinity/.test(line.d + line.heads)) found.push(`no path: ${line.key} ${line.d}`);
  for (const stem of scene.stems) if (/NaN|undefined|Infinity/.test(stem.d)) found.push(`no path: ${stem.key} ${stem.d}`);
  return found;
}

/** Points along a path of moves, straight lines and curves. */
function* along(d: string): Generator<readonly [number, number]> {
  let at: [number, number] = [0, 0];
  for (const [, command, numbers] of d.matchAll(/([MLCQ])([^MLCQ]*)/g)) {
    const n = numbers!.trim().split(/[ ,]+/).map(Number);
    const points = [at, ...Array.from({ length: n.length / 2 }, (_, i): [number, number] => [n[2 * i]!, n[2 * i + 1]!])];
    if (command === 'M') {
      at = points[1]!;
      continue;
    }
    for (let t = 0; t <= 1; t += 1 / 24) {
      let level = points;
      while (level.length > 1) level = level.slice(1).map(([x, y], i) => [level[i]![0] + (x - level[i]![0]) * t, level[i]![1] + (y - level[i]![1]) * t]);
      yield level[0]!;
    }
    at = points[points.length - 1]!;
  }
}

describe('channels in the layout', () => {
  it('overlap nothing, lose nothing, for random trees with random channels', () => {
    for (let round = 0; round < 60; round++) {
      const { seeds, links } = randomTalk(random(round));
      for (const density of ['L', 'S'] as const) expect([round, density, ...faults(layout(seeds, options(links, { density })), seeds, links)]).toEqual([round, density]);
      expect([round, ...faults(column(seeds, options(links), 390), seeds, links)]).toEqual([round]);
    }
  }, 30_000);

  it('is the same whatever order it comes in, and an unchanged structure moves nothing', () => {
    for (let round = 0; round < 20; round++) {
      const { seeds, links } = randomTalk(random(1000 + round));
      const one = layout(seeds, options(links));
      expect(layout([...seeds].reverse(), options([...links].reverse()))).toEqual({ ...one, lines: expect.arrayContaining([...one.lines]) as unknown });
      const again = layout(seeds, options(links, { previous: one }));
      expect([...again.spots.values()]).toEqual([...one.spots.values()]);
      expect([...again.vessels.values()]).toEqual([...one.vessels.values()]);
    }
  });

  it('a line between siblings crosses no card, in random two-sided graphs', () => {
    for (let round = 0; round < 60; round++) {
      const next = random(5000 + round);
      const [w, r] = [1 + Math.floor(next() * 6), 1 + Math.floor(next() * 6)];
      const seeds = family(w + r);
      const links = Array.from({ length: 1 + Math.floor(next() * 6) }, (_, i) => {
        const writers = Array.from({ length: w }, (_, k) => k + 2).filter(() => next() < 0.5);
        const readers = Array.from({ length: r }, (_, k) => w + k + 2).filter(() => next() < 0.5);
        return queue(100 + i, writers.length > 0 ? writers : [2], readers.length > 0 ? readers : [w + 2]);
      });
      const scene = layout(seeds, options(links));
      for (const line of scene.lines) {
        for (const [x, y] of along(line.d)) {
          const over = [...scene.spots.values()].find((card) => x > card.x + 1 && x < card.x + card.w - 1 && y > card.y + 1 && y < card.y + card.h - 1);
          expect([round, line.key, over?.id]).toEqual([round, line.key, undefined]);
        }
      }
    }
  });

  it('stands a chain left to right on one axis, each channel between its ends, a twig to each', () => {
    const scene = layout(family(4), options([link(100, [2], [3]), link(101, [3], [4]), link(102, [4], [5])], { width: 2000 }));
    const [a, b, c, d] = [2, 3, 4, 5].map((id) => scene.spots.get(id)!);
    expect([a, b, c, d].map((card) => card!.y)).toEqual([a!.y, a!.y, a!.y, a!.y]);
    for (const [id, left, right] of [[100, a, b], [101, b, c], [102, c, d]] as const) {
      const tube = scene.vessels.get(id)!;
      expect(tube.x).toBeGreaterThan(left!.x + left!.w);
      expect(tube.x + tube.w).toBeLessThan(right!.x);
      expect(tube.y + tube.h / 2).toBe(a!.y + a!.h / 2);
    }
    expect(scene.stems.map((stem) => stem.key)).toEqual(['c2', 'c2/p2', 'c2/p3', 'c2/p4']);
    expect(scene.spots.get(1)!.y + scene.spots.get(1)!.h / 2).toBe(a!.y + a!.h / 2);
  });

  it('holds the demo and a pipeline of four on a projector, and lets a longer one go on in the next row', () => {
    const demo = layout(family(2), options([queue(100, [2], [3])]));
    expect(demo.bounds.w).toBeLessThanOrEqual(1248 / 1.2);
    const pipes = (n: number): Link[] => Array.from({ length: n - 1 }, (_, i) => link(100 + i, [i + 2], [i + 3]));
    const four = layout(family(4), options(pipes(4)));
    expect(four.bounds.w).toBeLessThanOrEqual(1248);
    expect(new Set([2, 3, 4, 5].map((id) => four.spots.get(id)!.y)).size).toBe(1);
    const five = layout(family(5), options(pipes(5)));
    expect(five.bounds.w).toBeLessThanOrEqual(1248);
    expect(five.bounds.h).toBeLessThanOrEqual(530);
    expect(new Set([2, 3, 4, 5, 6].map((id) => five.spots.get(id)!.y)).size).toBe(2);
  });

  it('frames alike ones at one side of a queue, in the order of their numbers', () => {
    const seeds = [seed(1, 0), seed(2, 1, 'producer'), seed(3, 1, 'producer'), seed(4, 1, 'consumer'), seed(5, 1, 'consumer'), seed(6, 1, 'consumer')];
    const scene = layout(seeds, options([queue(100, [2, 3], [4, 5, 6], 8)]));
    expect([...scene.beds.values()].map((bed) => [bed.label, bed.ids])).toEqual([['producer', [2, 3]], ['consumer', [4, 5, 6]]]);
    const ys = [4, 5, 6].map((id) => scene.spots.get(id)!.y);
    expect([...ys].sort((a, b) => a - b)).toEqual(ys);
    expect(scene.vessels.get(100)).toMatchObject({ kind: 'mailbox', cells: 8, flip: false });
  });

  it('tells there and back apart: two tubes, one above the other, with opposite exits', () => {
    const scene = layout(family(2), options([link(100, [2], [3]), link(101, [3], [2])]));
    const [there, back] = [scene.vessels.get(100)!, scene.vessels.get(101)!];
    expect([there.flip, back.flip, there.x]).toEqual([false, true, back.x]);
    expect(scene.spots.get(2)!.x).toBeLessThan(there.x);
    expect(scene.spots.get(3)!.x).toBeGreaterThan(there.x);
  });

  it('one consumer more moves nobody else to another column, and none of its elders out of order', () => {
    const seeds = [seed(1, 0), seed(2, 1, 'producer'), seed(3, 1, 'consumer'), seed(4, 1, 'consumer')];
    const before = layout(seeds, options([queue(100, [2], [3, 4])]));
    const after = layout([...seeds, seed(5, 1, 'consumer')], options([queue(100, [2], [3, 4, 5])], { previous: before }));
    for (const id of [1, 2, 3, 4]) expect(after.spots.get(id)!.x).toBe(before.spots.get(id)!.x);
    expect(after.spots.get(3)!.y).toBeLessThan(after.spots.get(4)!.y);
    expect(after.spots.get(4)!.y).toBeLessThan(after.spots.get(5)!.y);
  });

  it('stands between a parent and its child too, and is tied where both hang', () => {
    const seeds = [seed(1, 0), seed(2, 1), seed(3, 2), seed(4, 3)];
    expect(tie([link(100, [2], [3]), link(101, [4], [2])], seeds)).toMatchObject([
      { under: 2, writers: [PARENT], readers: [3] },
      { under: 2, writers: [3], readers: [PARENT] },
    ]);
    const scene = layout(seeds, options([link(100, [2], [3])]));
    const tube = scene.vessels.get(100)!;
    expect(tube.x).toBeGreaterThan(scene.spots.get(2)!.x + scene.spots.get(2)!.w);
    expect(tube.x + tube.w).toBeLessThan(scene.spots.get(3)!.x);
  });

  it('layers by the longest way, and breaks cycles where they close', () => {
    expect(layers(4, [[0, 1], [1, 2], [0, 2], [3, 2]])).toEqual([0, 1, 2, 1]);
    expect(layers(3, [[0, 1], [1, 2], [2, 0]])).toEqual([0, 1, 2]);
    expect(layers(2, [[0, 1], [1, 0]])).toEqual([0, 1]);
  });
});
