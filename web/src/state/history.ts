/** CPU and memory of the last minute, for each process, on one shared time line. */

/** 60 s at 10 Hz. */
export const SAMPLES = 600;

export interface Series {
  /** ms since the epoch */
  readonly times: readonly number[];
  /** cores in use; null where nothing was seen, as while the tab was hidden */
  readonly cpu: readonly (number | null)[];
  /** bytes; null as above */
  readonly rss: readonly (number | null)[];
}

/** Longer than that without a sample is a gap. The server's heartbeat is one a second. */
const GAP_MS = 1500;

interface Ring {
  /** the tick at which this process was first seen */
  readonly since: number;
  /** the last tick that was written */
  last: number;
  readonly cpu: Float32Array;
  readonly rss: Float32Array;
}

/** One time ring for all, and two rings a process (4.8 kB each), written by tick. */
export class History {
  private tick = -1;
  /** ms of the first sample of the tick: the later ones that replace it do not push the next tick away */
  private began = -Infinity;
  private readonly times = new Float64Array(SAMPLES);
  private readonly rings = new Map<number, Ring>();

  /** Takes a sample of all; at is in ms. More often than 10 Hz it replaces the last sample. */
  sample(at: number, processes: Iterable<{ readonly id: number; readonly cpu: number; readonly rss: number }>): void {
    const last = this.tick < 0 ? -Infinity : (this.times[this.tick % SAMPLES] ?? 0);
    if (this.tick >= 0 && at - last > GAP_MS) this.gap(last + 1);
    if (this.tick < 0 || at - this.began >= 90) {
      // 90: a tick of 100 ms that came a little early is still a tick
      this.tick++;
      this.began = at;
    }
    const slot = this.tick % SAMPLES;
    this.times[slot] = at;
    for (const p of processes) {
      let ring = this.rings.get(p.id);
      if (ring === undefined) {
        ring = { since: this.tick, last: this.tick, cpu: new Float32Array(SAMPLES), rss: new Float32Array(SAMPLES) };
        this.rings.set(p.id, ring);
      }
      ring.last = this.tick;
      ring.cpu[slot] = p.cpu;
      ring.rss[slot] = p.rss;
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
      ring.cpu[slot] = NaN;
      ring.rss[slot] = NaN;
    }
  }

  forget(id: number): void {
    this.rings.delete(id);
  }

  /** Oldest first; empty for an id that was never sampled. */
  of(id: number): Series {
    const times: number[] = [];
    const cpu: (number | null)[] = [];
    const rss: (number | null)[] = [];
    const ring = this.rings.get(id);
    if (ring !== undefined) {
      for (let tick = Math.max(ring.since, this.tick - SAMPLES + 1); tick <= ring.last; tick++) {
        const slot = tick % SAMPLES;
        times.push(this.times[slot] ?? 0);
        cpu.push(seen(ring.cpu[slot]));
        rss.push(seen(ring.rss[slot]));
      }
    }
    return { times, cpu, rss };
  }
}

function seen(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
