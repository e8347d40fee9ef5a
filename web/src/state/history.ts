/** CPU and memory of the last minute, for each process, on one shared time line. */

/** 60 s at 10 Hz. */
export const SAMPLES = 600;

export interface Series {
  /** ms since the epoch */
  readonly times: readonly number[];
  /** cores in use */
  readonly cpu: readonly number[];
  /** bytes */
  readonly rss: readonly number[];
}

interface Ring {
  /** the tick at which this process was first seen */
  readonly since: number;
  readonly cpu: Float32Array;
  readonly rss: Float32Array;
}

/** One time ring for all, and two rings a process (4.8 kB each), written by tick. */
export class History {
  private tick = -1;
  private readonly times = new Float64Array(SAMPLES);
  private readonly rings = new Map<number, Ring>();

  /** Takes a sample of all; at is in ms. More often than 10 Hz it replaces the last sample. */
  sample(at: number, processes: Iterable<{ readonly id: number; readonly cpu: number; readonly rss: number }>): void {
    const last = this.tick < 0 ? -Infinity : (this.times[this.tick % SAMPLES] ?? 0);
    if (at - last >= 90) this.tick++; // 90: a tick of 100 ms that came a little early is still a tick
    const slot = this.tick % SAMPLES;
    this.times[slot] = at;
    for (const p of processes) {
      let ring = this.rings.get(p.id);
      if (ring === undefined) {
        ring = { since: this.tick, cpu: new Float32Array(SAMPLES), rss: new Float32Array(SAMPLES) };
        this.rings.set(p.id, ring);
      }
      ring.cpu[slot] = p.cpu;
      ring.rss[slot] = p.rss;
    }
  }

  forget(id: number): void {
    this.rings.delete(id);
  }

  /** Oldest first; empty for an id that was never sampled. */
  of(id: number): Series {
    const times: number[] = [];
    const cpu: number[] = [];
    const rss: number[] = [];
    const ring = this.rings.get(id);
    if (ring !== undefined) {
      for (let tick = Math.max(ring.since, this.tick - SAMPLES + 1); tick <= this.tick; tick++) {
        const slot = tick % SAMPLES;
        times.push(this.times[slot] ?? 0);
        cpu.push(ring.cpu[slot] ?? 0);
        rss.push(ring.rss[slot] ?? 0);
      }
    }
    return { times, cpu, rss };
  }
}
