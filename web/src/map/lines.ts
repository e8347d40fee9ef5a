/** From a scene's cards and vessels to the lines between them. Pure. */

import type { Chain } from './chain';
import type { Link } from './links';
import { head, HEAD, rounded, sweep, type Point } from './path';
import type { Box, Line, Spot, Vessel } from './scene';

/** Lines that a chain has inside it, moved to where it stands. Who stands there only for one below it has none. */
export function innerLines(chain: Chain, x: number, y: number, links: ReadonlyMap<number, Link>): Line[] {
  const kinds = new Map(chain.vessels.map((vessel) => [vessel.id, vessel.kind]));
  return chain.strands.flatMap(({ channel, process, points, wraps }) => {
    const writes = links.get(channel)?.writers.includes(process) === true;
    const reads = links.get(channel)?.readers.includes(process) === true;
    if (!writes && !reads) return [];
    const moved = points.map(([px, py]): Point => [px + x, py + y]);
    return [lineOf(channel, process, writes, reads, moved, kinds.get(channel) === 'mailbox', wraps)];
  });
}

function lineOf(channel: number, process: number, writes: boolean, reads: boolean, points: readonly Point[], mailbox: boolean, wraps: boolean): Line {
  const first = points[0] as Point;
  const second = points[1] as Point;
  const before = points[points.length - 2] as Point;
  const last = points[points.length - 1] as Point;
  const out = Math.sign(second[0] - first[0]) || 1;
  const into = Math.sign(last[0] - before[0]) || 1;
  const path = points.slice();
  const heads: string[] = [];
  // A reader has the arrowhead at its card; a mailbox is pointed at as well, for many come to it.
  if (reads) {
    heads.push(head([first[0] + out, first[1]], -out, 0));
    path[0] = [first[0] + out * (HEAD - 1), first[1]];
  }
  if (writes && mailbox) {
    heads.push(head([last[0] - into, last[1]], into, 0));
    path[path.length - 1] = [last[0] - into * (HEAD - 1), last[1]];
  }
  return { key: `c${channel}:p${process}`, channel, process, writes, reads, d: wraps ? rounded(path) : sweep(path), heads: heads.join('') };
}

/** Lines to who stands elsewhere in the tree: the parent of a chain, or a process deeper in it. */
export function farLines(links: readonly Link[], spots: ReadonlyMap<number, Spot>, vessels: ReadonlyMap<number, Vessel>, inner: readonly Line[]): Line[] {
  const drawn = new Set(inner.map((line) => line.key));
  const wanted = links.flatMap((link) => {
    const vessel = vessels.get(link.id);
    const ends = [...new Set([...link.writers, ...link.readers])];
    if (!vessel) return [];
    return ends.flatMap((id) => {
      const spot = spots.get(id);
      if (!spot || drawn.has(`c${link.id}:p${id}`)) return [];
      return [{ link, vessel, spot, right: spot.x + spot.w / 2 < vessel.x + vessel.w / 2 }];
    });
  });
  /** Lines at one side of one card, top to bottom by where they lead. */
  const side = (one: (typeof wanted)[number]): string => `${one.spot.id}${one.right ? '>' : '<'}`;
  const sides = new Map<string, typeof wanted>();
  for (const one of wanted) sides.set(side(one), [...(sides.get(side(one)) ?? []), one]);
  return wanted.map((one) => {
    const all = (sides.get(side(one)) ?? []).slice().sort((a, b) => a.vessel.y - b.vessel.y || a.link.id - b.link.id);
    const from: Point = [one.right ? one.spot.x + one.spot.w : one.spot.x, port(one.spot, all.indexOf(one), all.length)];
    const to: Point = [one.right ? one.vessel.x : one.vessel.x + one.vessel.w, one.vessel.y + one.vessel.h / 2];
    const { link, spot } = one;
    return lineOf(link.id, spot.id, link.writers.includes(spot.id), link.readers.includes(spot.id), [from, to], one.vessel.kind === 'mailbox', false);
  });
}

/** Below the middle, where the stem leaves the card. */
function port(box: Box, i: number, n: number): number {
  const free = box.h / 2 - 12 - 14;
  return Math.round(box.y + box.h / 2 + 14 + (n === 1 ? free / 2 : (free * i) / (n - 1)));
}
