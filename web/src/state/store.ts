/**
 * The one place of shared state. Data from the server come in by apply(); views read signals:
 *   structure  changes when processes come, go (ended ones too) or move: layout reads it
 *   values     changes whenever any row changed
 *   row(id)    changes only when that one process changed: a card reads it
 *   wiring     changes when channels come, go or are held by others: layout reads it
 *   flow       changes whenever any channel changed or a message was told
 *   channel(id), messages(id)   change only for that one channel
 */
import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Channel, Control, Memory, Observer, Process, Role, ServerMessage, TreeEvent } from '../wire';
import { History, type Series, type SeriesOf } from './history';
import { Lanes } from './lanes';
import type { Message } from './mail';
import { applyMessages, emptyModel, expire, noChanges, parseFrame, type Changes, type Ended, type Known, type Machine } from './model';

export { ROOT, type Ended, type End, type Known, type Machine } from './model';
export type { Series } from './history';
export type { Message } from './mail';

/** Of a channel: fill in bytes, depth in messages, rate in messages a second, the latencies in ms. */
export type ChannelSeries = SeriesOf<'fill' | 'depth' | 'rate' | 'p50' | 'p99'>;

/** connecting: no data yet · live · stale: silent for 2 s or cut off, retrying · refused: the token is wrong, no retry */
export type Status = 'connecting' | 'live' | 'stale' | 'refused';

/** A living process, or one that ended less than 3 s ago. */
export type Row = Known | Ended;

export const isEnded = (row: Row): row is Ended => 'ended' in row;

export class Store {
  private model = emptyModel();
  private history = new History<'cpu' | 'rss', Process>(['cpu', 'rss'], (p, key) => p[key]);
  private channelHistory = new History<'fill' | 'depth' | 'rate' | 'p50' | 'p99', Channel>(['fill', 'depth', 'rate', 'p50', 'p99'], (c, key) =>
    key === 'p50' || key === 'p99' ? c.latency[key] : c[key],
  );
  /** what each process did in the last ten minutes; read values to be called again */
  readonly lanes = new Lanes();
  private readonly rows = new Map<number, Signal<Row | undefined>>();
  private readonly channelRows = new Map<number, Signal<Channel | undefined>>();
  private readonly boxes = new Map<number, Signal<readonly Message[]>>();

  readonly structure = signal(0);
  readonly values = signal(0);
  readonly wiring = signal(0);
  readonly flow = signal(0);
  readonly events = signal<readonly TreeEvent[]>([]);
  readonly machine = signal<Machine | null>(null);
  readonly role = signal<Role | null>(null);
  /** busy share of each core, 0..1 */
  readonly cores = signal<readonly number[]>([]);
  readonly memory = signal<Memory | null>(null);
  readonly observer = signal<Observer | null>(null);
  /** how time is controlled, for all who watch */
  readonly control = signal<Control>({ paused: false, delay_ms: 0 });
  readonly viewers = signal(0);
  readonly status = signal<Status>('connecting');
  /** id of the selected process; may be of one that ended */
  readonly selected = signal<number | null>(null);
  /** id of the selected channel, while no process is selected; may be of one that is gone. Set both by select() and selectChannel(). */
  readonly selectedChannel = signal<number | null>(null);
  /** true while 'Freeze view' is on: frames are passed over, the processes go on */
  readonly frozen = signal(false);

  /** Living processes by id. Plain data: read structure or values first to be called again. */
  get processes(): ReadonlyMap<number, Known> {
    return this.model.processes;
  }

  /** Processes that ended less than 3 s ago, by id. */
  get ended(): ReadonlyMap<number, Ended> {
    return this.model.ended;
  }

  /** Channels by id. Plain data: read wiring or flow first to be called again. */
  get channels(): ReadonlyMap<number, Channel> {
    return this.model.channels;
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

  /** One channel, undefined when nobody of the tree holds it any more. */
  channel(id: number): ReadonlySignal<Channel | undefined> {
    let row = this.channelRows.get(id);
    if (row === undefined) {
      row = signal(this.model.channels.get(id));
      this.channelRows.set(id, row);
    }
    return row;
  }

  /** The last messages of a channel, oldest first: a sample when there are more than can be followed. */
  messages(id: number): ReadonlySignal<readonly Message[]> {
    let box = this.boxes.get(id);
    if (box === undefined) {
      box = signal(this.model.mail.of(id));
      this.boxes.set(id, box);
    }
    return box;
  }

  /** A channel's numbers of the last 60 s, oldest first. Read channel(id) or flow to be called again. */
  channelSeries(id: number): ChannelSeries {
    return this.channelHistory.of(id);
  }

  /** CPU and memory of the last 60 s, oldest first. Read row(id) or values to be called again. */
  series(id: number): Series {
    return this.history.of(id);
  }

  /** Applies a frame; now is the page's clock in ms. Throws on a frame that is no frame. */
  apply(frame: string | readonly ServerMessage[], now: number): void {
    const messages = typeof frame === 'string' ? parseFrame(frame) : frame;
    const changes = applyMessages(this.model, messages, now);
    if (changes.tick) {
      this.history.sample(this.model.at, this.model.processes.values());
      this.channelHistory.sample(this.model.at, this.model.channels.values());
      if (changes.anew) this.lanes.clear();
      this.lanes.sample(this.model.at, this.model.processes.values());
      for (const row of this.model.ended.values()) this.lanes.end(row, this.model.at);
    }
    this.publish(changes);
  }

  /** What time alone changes: drops ended processes whose 3 s are over, calls blocked who waits for long. */
  expire(now: number): void {
    if ((this.model.ended.size === 0 && !this.model.waits.pending) || this.frozen.peek()) return;
    const changes = noChanges();
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
      this.control.value = m.control;
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
      for (const id of changes.channels) {
        const channel = m.channels.get(id);
        const known = this.channelRows.get(id);
        if (known !== undefined) known.value = channel;
        if (channel !== undefined) continue;
        this.channelRows.delete(id);
        this.boxes.delete(id);
        this.channelHistory.forget(id);
      }
      for (const id of [...changes.channels, ...changes.mailed]) {
        const box = this.boxes.get(id);
        if (box !== undefined) box.value = m.mail.of(id);
      }
      if (changes.wiring) this.wiring.value++;
      if (changes.channels.size + changes.mailed.size > 0) this.flow.value++;
      if (changes.structure) this.structure.value++;
      if (changes.touched.size > 0) this.values.value++;
    });
  }
}

/** The page's store; tests make their own. */
export const store = new Store();
