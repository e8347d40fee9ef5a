import { describe, expect, it } from 'vitest';
import { History, SAMPLES } from './history';

const p = (cpu: number, id = 1): { id: number; cpu: number; rss: number } => ({ id, cpu, rss: cpu * 1000 });

const make = (): History<'cpu' | 'rss', ReturnType<typeof p>> => new History(['cpu', 'rss'], (thing, key) => thing[key]);

describe('history', () => {
  it('is empty for an unknown id', () => {
    expect(make().of(7)).toEqual({ times: [], cpu: [], rss: [] });
  });

  it('keeps the last minute, oldest first', () => {
    const h = make();
    for (let i = 0; i < SAMPLES + 50; i++) h.sample(i * 100, [p(i)]);
    const { times, cpu, rss } = h.of(1);
    expect(times.length).toBe(SAMPLES);
    expect([times[0], times[SAMPLES - 1]]).toEqual([5000, (SAMPLES + 49) * 100]);
    expect([cpu[0], cpu[SAMPLES - 1]]).toEqual([50, SAMPLES + 49]);
    expect(rss[0]).toBe(50_000);
  });

  it('a younger process begins where it was born', () => {
    const h = make();
    h.sample(0, [p(1)]);
    h.sample(100, [p(1), p(2, 2)]);
    expect(h.of(2)).toEqual({ times: [100], cpu: [2], rss: [2000] });
  });

  it('one that ended keeps its last samples and gets no others', () => {
    const h = make();
    h.sample(0, [p(1), p(2, 2)]);
    for (let i = 1; i < 20; i++) h.sample(i * 100, [p(1)]);
    expect(h.of(2).times).toEqual([0]);
  });

  it('replaces the last sample when they come faster than 10 Hz', () => {
    const h = make();
    h.sample(0, [p(1)]);
    h.sample(30, [p(2)]);
    h.sample(95, [p(3)]);
    expect(h.of(1).cpu).toEqual([2, 3]);
    h.sample(200, [p(4)]);
    expect(h.of(1).cpu).toEqual([2, 3, 4]);
  });

  it('shows a gap where nobody looked, none for a heartbeat', () => {
    const h = make();
    h.sample(0, [p(1)]);
    h.sample(1050, [p(2)]);
    h.sample(9000, [p(3)]);
    expect(h.of(1)).toEqual({ times: [0, 1050, 1051, 9000], cpu: [1, 2, null, 3], rss: [1000, 2000, null, 3000] });
  });
});
