/** Who cannot go on, and since when: a short wait for a message is how a reader lives, a long one is news. */
import type { Channel, Process } from '../wire';

/** A process that waits longer than this is called blocked; what is shorter would only flicker. ms. */
export const STUCK_MS = 250;

/** What a blocked process waits for. */
export interface Stuck {
  readonly kind: Channel['kind'] | 'lock';
  readonly op: 'read' | 'write';
}

interface Wait {
  readonly waits: string;
  readonly on: number;
  /** when it was first seen, ms since the epoch by the server's clock */
  readonly since: number;
}

export class Waits {
  private readonly waits = new Map<number, Wait>();
  /** true when somebody waits who is not called blocked yet: time alone will change that */
  pending = false;

  /** Judges all at the time at, in ms by the server's clock. Calls tell for each whose judgement is another one now. */
  judge<P extends Process & { readonly stuck?: Stuck }>(
    processes: ReadonlyMap<number, P>,
    channels: ReadonlyMap<number, Channel>,
    at: number,
    tell: (process: P, stuck: Stuck | undefined) => void,
  ): void {
    this.pending = false;
    for (const p of processes.values()) {
      const now = this.stuckOf(p, channels, at);
      if (now?.kind !== p.stuck?.kind || now?.op !== p.stuck?.op) tell(p, now);
    }
    for (const id of this.waits.keys()) if (!processes.has(id)) this.waits.delete(id);
  }

  private stuckOf(p: Process, channels: ReadonlyMap<number, Channel>, at: number): Stuck | undefined {
    const channel = channels.get(p.on);
    // A runtime with threads parks them in what looks like a lock: only a single thread surely waits for one.
    const kind = (p.waits === 'read' || p.waits === 'write') && channel !== undefined ? channel.kind : p.waits === 'lock' && p.threads === 1 ? 'lock' : null;
    if (kind === null) {
      this.waits.delete(p.id);
      return undefined;
    }
    let wait = this.waits.get(p.id);
    if (wait?.waits !== p.waits || wait.on !== p.on) {
      wait = { waits: p.waits, on: p.on, since: at };
      this.waits.set(p.id, wait);
    }
    const told = channel?.blocked.find((b) => b.process === p.id)?.since;
    if (at - (told ?? wait.since) < STUCK_MS) {
      this.pending = true;
      return undefined;
    }
    return { kind, op: p.waits === 'write' ? 'write' : 'read' };
  }

  clear(): void {
    this.waits.clear();
    this.pending = false;
  }
}
