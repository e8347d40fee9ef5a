/** Numbers of the last minute, for each of many things, on one shared time line. */

/** 60 s at 10 Hz. */
export const SAMPLES = 600;

/** Of one thing: times in ms since the epoch and its numbers, null where nothing was seen, as while the tab was hidden. */
export type SeriesOf<K extends string> = { readonly times: readonly number[] } & Readonly<Record<K, readonly (number | null)[]>>;

/** Of a process: cpu in cores in use, rss in bytes. */
export type Series = SeriesOf<'cpu' | 'rss'>;

/** Longer than that without a sample is a gap. The server's heartbeat is one a second. */
const GAP_MS = 1500;

interface Ring {
  /** the tick at which this thing was first seen */
  readonly since: number;
  /** the last tick that was written */
  last: number;
  readonly values: readonly Float32Array[];
}

/** One time ring for all, and one ring (2.4 kB) a thing and key, written by tick. */
export class History<K extends string, T extends { readonly id: number }> {
  private tick = -1;
  /** ms of the first sample of the tick: the later ones that replace it do not push the next tick away */
  private began = -Infinity;
  private readonly times = new Float64Array(SAMPLES);
  private readonly rings = new Map<number, Ring>();

  /** read takes the number of that key out of a thing, null unknown. */
  constructor(
    private readonly keys: readonly K[],
    private readonly read: (thing: T, key: K) => number | null,
  ) {}

  /** Takes a sample of all; at is in ms. More often than 10 Hz it replaces the last sample. */
  sample(at: number, things: Iterable<T>): void {
    const last = this.tick < 0 ? -Infinity : (this.times[this.tick % SAMPLES] ?? 0);
    if (this.tick >= 0 && at - last > GAP_MS) this.gap(last + 1);
    if (this.tick < 0 || at - this.began >= 90) {
      // 90: a tick of 100 ms that came a little early is still a tick
      this.tick++;
      this.began = at;
    }
    const slot = this.tick % SAMPLES;
    this.times[slot] = at;
    for (const thing of things) {
      let ring = this.rings.get(thing.id);
      if (ring === undefined) {
        ring = { since: this.tick, last: this.tick, values: this.keys.map(() => new Float32Array(SAMPLES)) };
        this.rings.set(thing.id, ring);
      }
      ring.last = this.tick;
      for (const [i, key] of this.keys.entries()) {
        const values = ring.values[i];
        if (values !== undefined) values[slot] = this.read(thing, key) ?? NaN;
      }
    }
  }

  /** A tick of nothing, so that no line is drawn across what nobody saw. */
  private gap(at: number): void {
    const before = this.tick++;
    const slot = this.tick % SAMPLES;
    this.times[slot] = at;
    for (const ring of this.rings.values()) {
      if (ring.last !== before) continue;
      ring.last = this.tick;
      for (const values of ring.values) values[slot] = NaN;
    }
  }

  forget(id: number): void {
    this.rings.delete(id);
  }

  /** Oldest first; empty for an id that was never sampled. */
  of(id: number): SeriesOf<K> {
    const times: number[] = [];
    const lists = this.keys.map((): (number | null)[] => []);
    const ring = this.rings.get(id);
    if (ring !== undefined) {
      for (let tick = Math.max(ring.since, this.tick - SAMPLES + 1); tick <= ring.last; tick++) {
        const slot = tick % SAMPLES;
        times.push(this.times[slot] ?? 0);
        for (const [i, list] of lists.entries()) list.push(seen(ring.values[i]?.[slot]));
      }
    }
    return { times, ...Object.fromEntries(this.keys.map((key, i) => [key, lists[i]])) } as unknown as SeriesOf<K>;
  }
}

function seen(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
