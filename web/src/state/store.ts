/**
 * The one place of shared state. Data from the server come in by apply(); views read signals:
 *   structure  changes when processes come, go (ended ones too) or move: layout reads it
 *   values     changes whenever any row changed
 *   row(id)    changes only when that one process changed: a card reads it
 */
import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Memory, Observer, Process, Role, ServerMessage, TreeEvent } from '../wire';
import { History, type Series } from './history';
import { applyMessages, emptyModel, expire, parseFrame, type Changes, type Ended, type Machine } from './model';

export { ROOT, type Ended, type End, type Machine } from './model';
export type { Series } from './history';

/** connecting: no data yet · live · stale: silent for 2 s or cut off, retrying · refused: the token is wrong, no retry */
export type Status = 'connecting' | 'live' | 'stale' | 'refused';

/** A living process, or one that ended less than 3 s ago. */
export type Row = Process | Ended;

export const isEnded = (row: Row): row is Ended => 'ended' in row;

export class Store {
  private model = emptyModel();
  private history = new History();
  private readonly rows = new Map<number, Signal<Row | undefined>>();

  readonly structure = signal(0);
  readonly values = signal(0);
  readonly events = signal<readonly TreeEvent[]>([]);
  readonly machine = signal<Machine | null>(null);
  readonly role = signal<Role | null>(null);
  /** busy share of each core, 0..1 */
  readonly cores = signal<readonly number[]>([]);
  readonly memory = signal<Memory | null>(null);
  readonly observer = signal<Observer | null>(null);
  readonly viewers = signal(0);
  readonly status = signal<Status>('connecting');
  /** id of the selected process; may be of one that ended */
  readonly selected = signal<number | null>(null);
  /** true while 'Freeze view' is on: frames are passed over, the processes go on */
  readonly frozen = signal(false);

  /** Living processes by id. Plain data: read structure or values first to be called again. */
  get processes(): ReadonlyMap<number, Process> {
    return this.model.processes;
  }

  /** Processes that ended less than 3 s ago, by id. */
  get ended(): ReadonlyMap<number, Ended> {
    return this.model.ended;
  }

  /** ms since the epoch of the last message, by the server's clock. */
  get at(): number {
    return this.model.at;
  }

  /** One process, living or ended less than 3 s ago, undefined after that. */
  row(id: number): ReadonlySignal<Row | undefined> {
    let row = this.rows.get(id);
    if (row === undefined) {
      row = signal(this.find(id));
      this.rows.set(id, row);
    }
    return row;
  }

  /** CPU and memory of the last 60 s, oldest first. Read row(id) or values to be called again. */
  series(id: number): Series {
    return this.history.of(id);
  }

  /** Applies a frame; now is the page's clock in ms. Throws on a frame that is no frame. */
  apply(frame: string | readonly ServerMessage[], now: number): void {
    const messages = typeof frame === 'string' ? parseFrame(frame) : frame;
    const changes = applyMessages(this.model, messages, now);
    if (changes.tick) this.history.sample(this.model.at, this.model.processes.values());
    this.publish(changes);
  }

  /** Drops ended processes whose 3 s are over. */
  expire(now: number): void {
    if (this.model.ended.size === 0 || this.frozen.peek()) return;
    const changes: Changes = { structure: false, touched: new Set(), tick: false };
    expire(this.model, now, changes);
    this.publish(changes);
  }

  private find(id: number): Row | undefined {
    return this.model.processes.get(id) ?? this.model.ended.get(id);
  }

  private publish(changes: Changes): void {
    const m = this.model;
    batch(() => {
      this.events.value = m.events;
      this.machine.value = m.machine;
      this.role.value = m.role;
      this.cores.value = m.cores;
      this.memory.value = m.memory;
      this.observer.value = m.observer;
      this.viewers.value = m.viewers;
      for (const id of changes.touched) {
        const row = this.find(id);
        const known = this.rows.get(id);
        if (known !== undefined) known.value = row;
        if (row === undefined) {
          this.rows.delete(id);
          this.history.forget(id);
        }
      }
      if (changes.structure) this.structure.value++;
      if (changes.touched.size > 0) this.values.value++;
    });
  }
}

/** The page's store; tests make their own. */
export const store = new Store();
