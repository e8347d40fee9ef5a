import { describe, expect, it } from 'vitest';
import { Lanes, type Lane } from '../state/lanes';
import type { Message } from '../state/mail';
import type { Known } from '../state/model';
import { channelOf, processOf } from '../state/testing';
import { arrowsOf, channelsOf } from './arrows';
import { addLane, LANE, noBlocks } from './blocks';
import { intervalsOf, whatOf } from './intervals';
import { orderOf } from './order';
import { edgeOf, hold, LIVE, LONGEST, pan, SHORTEST, ticksOf, zoom } from './span';

const p = (fields: Partial<Known> = {}): Known => processOf({ id: 2, waits: 'sleep', ...fields });
const laneOf = (...cells: Partial<Known>[]): Lane => {
  const lanes = new Lanes();
  cells.forEach((fields, i) => lanes.sample(i * 100, [p(fields)]));
  return lanes.all().get(2)!;
};
const RUN = { state: 'R', ran: 1, ready: 0 };

describe('the span', () => {
  const at = 1_000_050;
  it('follows the newest cell until somebody moves it, and again at the newest', () => {
    expect(pan(LIVE, -3000, at)).toEqual({ length: 10_000, right: 997_100 });
    expect(pan({ length: 10_000, right: 997_100 }, 5000, at)).toEqual(LIVE);
    expect(hold(LIVE, at)).toEqual({ length: 10_000, right: 1_000_100 });
    expect(hold({ length: 10_000, right: 5 }, at)).toEqual(LIVE);
  });

  it('shows nothing older than what is kept', () => {
    expect(pan(LIVE, -Infinity, at)).toEqual({ length: 10_000, right: edgeOf(at) - LONGEST + 10_000 });
  });

  it.each([
    ['in, at the right edge', LIVE, 0.5, 1, { length: 5000, right: null }],
    ['out while following', LIVE, 2, 0.3, { length: 20_000, right: null }],
    ['in about a moment', { length: 10_000, right: 900_000 }, 0.5, 0.5, { length: 5000, right: 897_500 }],
    ['as far as it goes', { length: 10_000, right: 900_000 }, 0.0001, 0, { length: SHORTEST, right: 891_000 }],
    ['out to all', LIVE, 1e6, 0.5, { length: LONGEST, right: null }],
  ])('zooms %s', (_, span, factor, share, want) => {
    expect(zoom(span, factor, share, at)).toEqual(want);
  });

  it('has marks from the right edge while it follows, on whole times while it stands', () => {
    const ticks = ticksOf(LIVE, at, 900);
    expect(ticks.map((t) => t.at)).toEqual([1_000_100, 999_100, 998_100, 997_100, 996_100, 995_100, 994_100, 993_100, 992_100, 991_100, 990_100]);
    expect([ticks[0]?.share, ticks[5]?.share, ticks[10]?.share]).toEqual([1, 0.5, 0]);
    expect(ticksOf({ length: 10_000, right: 999_700 }, at, 450).map((t) => t.at)).toEqual([998_000, 996_000, 994_000, 992_000, 990_000]);
  });
});

describe('blocks', () => {
  const at = { left: 0, length: 1000, x: 100, width: 200 };

  it('computing from the bottom, ready above it, then what it waited for', () => {
    const out = noBlocks();
    addLane(out, laneOf({ state: 'R', ran: 0.54, ready: 0.46 }, { waits: 'read', on: 1, ran: 0.25, ready: 0.25 }), 10, at);
    expect(out.computing).toEqual([100, 16, 20, 7, 120, 20, 20, 3]);
    expect(out.ready).toEqual([100, 10, 20, 6, 120, 16, 20, 4]);
    expect(out.blocked).toEqual([120, 10, 20, 6]);
    expect(out.alive).toEqual([100, 10, 20, LANE, 120, 10, 20, LANE]);
  });

  it('alike neighbours are one rectangle; sleeping leaves the lane empty, a zombie is a thin line', () => {
    const out = noBlocks();
    addLane(out, laneOf(RUN, RUN, RUN, {}, {}, { waits: 'child' }, { state: 'Z' }, { state: 'Z' }), 0, at);
    expect(out.computing).toEqual([100, 0, 60, LANE]);
    expect(out.alive).toEqual([100, 0, 60, LANE, 160, 0, 60, LANE, 220, 0, 40, LANE]);
    expect(out.zombie).toEqual([220, 5, 40, 3]);
  });

  it('narrow cells are added up, and there is never a rectangle narrower than a px', () => {
    const out = noBlocks();
    addLane(out, laneOf(...Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? RUN : {}))), 0, { left: 0, length: 60_000, x: 0, width: 60 });
    expect(out.computing.length).toBe(4);
    expect(out.computing.slice(2)).toEqual([60, 7]);
  });

  it('draws nothing where nobody looked and beyond the edges', () => {
    const lanes = new Lanes();
    lanes.sample(0, [p()]);
    lanes.sample(5000, [p({ state: 'T' })]);
    const out = noBlocks();
    addLane(out, lanes.all().get(2)!, 0, { left: 0, length: 10_000, x: 0, width: 1000 });
    expect(out.stopped).toEqual([500, 0, 10, LANE]);
    expect(out.alive).toEqual([0, 0, 10, LANE, 500, 0, 10, LANE]);
    const before = noBlocks();
    addLane(before, lanes.all().get(2)!, 0, { left: 6000, length: 1000, x: 0, width: 1000 });
    expect(Object.values(before).flat()).toEqual([]);
  });
});

describe('the order of lanes', () => {
  it('children under their parents, without the root and those that ended before', () => {
    const lanes = new Lanes();
    lanes.sample(0, [p({ id: 1, parent: 0 }), p({ id: 2 }), p({ id: 3 }), p({ id: 4, parent: 2 }), p({ id: 5, parent: 9 }), p({ id: 6, parent: 4 })]);
    lanes.end({ ...p({ id: 3 }), ended: { at: 0 } }, 500);
    expect(orderOf(lanes.all(), 0, 1000).map((lane) => lane.id)).toEqual([2, 4, 6, 3, 5]);
    expect(orderOf(lanes.all(), 600, 1600).map((lane) => lane.id)).toEqual([2, 4, 6, 5]);
    expect(orderOf(lanes.all(), -2000, -1000)).toEqual([]);
  });
});

describe('arrows', () => {
  const m = (number: number, sentAt: number | null, receivedAt: number | null, sender = 2, receiver: number | null = 3): Message => ({
    channel: 7, number, sentAt, receivedAt, sender, receiver, size: 4, text: '', seen: true, lostAt: null,
  }); // prettier-ignore
  const channels = new Map([channelOf({ id: 7, writers: [2], readers: [3] }), channelOf({ id: 8, writers: [3], readers: [4] })].map((c) => [c.id, c]));

  it('are of the selected channel, or of all that the selected process holds', () => {
    expect([channelsOf(channels, null, 7), channelsOf(channels, null, 99), channelsOf(channels, 3, null), channelsOf(channels, 4, null), channelsOf(channels, null, null)]).toEqual([[7], [], [7, 8], [8], []]);
  });

  it('touch the stretch, have a sender, and are the selected process’s own', () => {
    const all = [m(1, 10, 20), m(2, 30, 50), m(3, 60, null, 2, null), m(4, 70, 80, 5), m(5, 200, 210), m(6, null, 40), m(7, 35, 45, 0)];
    expect(arrowsOf(all, null, 40, 100).map((a) => a.number)).toEqual([2, 3, 4]);
    expect(arrowsOf(all, 2, 40, 100).map((a) => a.number)).toEqual([2, 3]);
  });
});

describe('the table', () => {
  it.each<[string, Partial<Known>, string]>([
    ['computes', { state: 'R', ran: 0.6, ready: 0.4 }, 'computing'],
    ['on the run queue', { state: 'R', ran: 0.1, ready: 0.9 }, 'ready'],
    ['hungry, but caught asleep', { ran: 0.1, ready: 0.8 }, 'ready'],
    ['worked a little', { waits: 'write', on: 2, ran: 0.2 }, 'write'],
    ['asleep', {}, 'sleeping'],
  ])('%s', (_, fields, want) => {
    const [row] = intervalsOf(laneOf(fields));
    expect(row?.what).toBe(want);
  });

  it('puts alike neighbours together, newest first, and leaves out what nobody saw', () => {
    expect(intervalsOf(laneOf(RUN, { ...RUN, ran: 0.8 }, {}, { waits: 'read', on: 1 })).map((row) => [row.what, row.from, row.to, Math.round(row.ran * 100)])).toEqual([
      ['read', 300, 400, 0],
      ['sleeping', 200, 300, 0],
      ['computing', 0, 200, 90],
    ]);
    expect(whatOf({ doing: 'unseen', ran: 1, ready: null })).toBe('unseen');
  });
});
