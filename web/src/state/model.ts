/** The state of the tree as plain data, and how a message changes it. No signals, no clock, no I/O. */
import type { Channel, Control, DeltaMessage, ExitedEvent, Host, Memory, Observer, Process, Role, ServerMessage, SnapshotMessage, TreeEvent } from '../wire';
import { appendEvents } from './events';
import { Mail } from './mail';
import { Waits, type Stuck } from './stuck';

/** How a process ended. Neither status nor signal: it cannot be known. */
export interface End {
  readonly status?: number;
  readonly signal?: string;
  /** ms on the page's own clock when it left the tree */
  readonly at: number;
}

/** A process of the tree, and what it cannot go on for; absent: it can. */
export interface Known extends Process {
  readonly stuck?: Stuck;
}

/** A process that left the tree less than ENDED_MS ago: its last row and how it ended. */
export interface Ended extends Process {
  readonly ended: End;
}

/** The serving process: the root of the tree. */
export const ROOT = 1;

/** An ended process stays visible that long. */
export const ENDED_MS = 3000;

export interface Machine {
  readonly host: Host;
  readonly reader: string;
  readonly version: string;
  /** ticks a second */
  readonly rate: number;
  readonly run: boolean;
  readonly cap: number;
  /** ids of what the server started by itself */
  readonly demo: readonly number[];
}

export interface Model {
  readonly processes: Map<number, Known>;
  readonly ended: Map<number, Ended>;
  /** exit events of those still in the tree: zombies, and those whose `gone` is yet to come */
  readonly exits: Map<number, ExitedEvent>;
  readonly channels: Map<number, Channel>;
  readonly mail: Mail;
  readonly waits: Waits;
  columns: readonly string[];
  valueColumns: readonly string[];
  /** highest event number seen */
  seq: number;
  /** ms since the epoch, of the last message */
  at: number;
  /** the page's clock at that moment */
  heard: number;
  events: readonly TreeEvent[];
  machine: Machine | null;
  role: Role | null;
  cores: readonly number[];
  memory: Memory | null;
  observer: Observer | null;
  control: Control;
  viewers: number;
}

/** What a frame changed. */
export interface Changes {
  /** ids, parents or anything else that is not a value; or the set of ended ones */
  structure: boolean;
  /** processes whose row changed in any way, those gone included */
  readonly touched: Set<number>;
  /** another server than before: nothing of the old one holds */
  anew: boolean;
  /** channels that came or went, or that others hold now */
  wiring: boolean;
  /** channels whose row changed in any way, those gone included */
  readonly channels: Set<number>;
  /** channels of which messages were told */
  readonly mailed: Set<number>;
  /** a time step of the tree was applied: snapshot or delta */
  tick: boolean;
}

export function emptyModel(): Model {
  return {
    processes: new Map(),
    ended: new Map(),
    exits: new Map(),
    channels: new Map(),
    mail: new Mail(),
    waits: new Waits(),
    columns: [],
    valueColumns: [],
    seq: 0,
    at: 0,
    heard: 0,
    events: [],
    machine: null,
    role: null,
    cores: [],
    memory: null,
    observer: null,
    control: { paused: false, delay_ms: 0 },
    viewers: 0,
  };
}

export const noChanges = (): Changes => ({ structure: false, touched: new Set(), anew: false, wiring: false, channels: new Set(), mailed: new Set(), tick: false });

/** The text of a frame as messages; throws with the bad input quoted. */
export function parseFrame(text: string): readonly ServerMessage[] {
  const parsed: unknown = JSON.parse(text);
  const messages: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  for (const message of messages) {
    if (typeof message !== 'object' || message === null || !('kind' in message)) {
      throw new Error(`a message without a kind: ${text.slice(0, 200)}`);
    }
  }
  return messages as ServerMessage[];
}

/** Applies messages in order. now is the page's clock in ms; kinds that are unknown are passed over. */
export function applyMessages(model: Model, messages: readonly ServerMessage[], now: number): Changes {
  const changes = noChanges();
  const fresh: TreeEvent[] = [];
  /** The log is copied once a frame, not once an event. */
  const log = (): void => {
    model.events = appendEvents(model.events, fresh.splice(0));
  };
  for (const message of messages) {
    switch (message.kind) {
      case 'snapshot':
        log();
        applySnapshot(model, message, now, changes);
        break;
      case 'delta':
        applyDelta(model, message, now, changes);
        break;
      case 'spawned':
      case 'exited':
      case 'signalled':
      case 'output':
        if (message.seq <= model.seq) break;
        model.seq = message.seq;
        noteExit(model, message);
        fresh.push(message);
        break;
    }
  }
  log();
  if (changes.tick) judge(model, model.at, changes);
  return changes;
}

/** Says of each process whether it cannot go on; at is in ms by the server's clock. */
function judge(model: Model, at: number, changes: Changes): void {
  model.waits.judge(model.processes, model.channels, at, (process, stuck) => {
    model.processes.set(process.id, { ...process, stuck });
    changes.touched.add(process.id);
  });
}

/** What time alone changes: ended ones whose time is over are dropped, and who waits for long is called blocked. */
export function expire(model: Model, now: number, changes: Changes): void {
  if (model.waits.pending) judge(model, model.at + now - model.heard, changes);
  for (const [id, row] of model.ended) {
    if (now - row.ended.at < ENDED_MS) continue;
    model.ended.delete(id);
    changes.touched.add(id);
    changes.structure = true;
  }
}

function applySnapshot(model: Model, m: SnapshotMessage, now: number, changes: Changes): void {
  model.at = m.at;
  model.heard = now;
  model.columns = m.columns;
  model.valueColumns = m.values;
  model.machine = { host: m.host, reader: m.reader, version: m.version, rate: m.rate, run: m.run, cap: m.cap, demo: m.demo ?? [] };
  model.role = m.role;
  model.cores = m.cores.map((core) => core.busy);
  model.memory = m.memory;
  model.observer = m.observer;
  model.control = m.control;
  model.viewers = m.viewers;

  if (isAnother(model, m)) {
    // A server that was started anew counts ids and events from the beginning: nothing of the old one holds any longer.
    changes.anew = true;
    model.seq = 0;
    model.events = [];
    model.exits.clear();
    for (const id of [...model.processes.keys(), ...model.ended.keys()]) changes.touched.add(id);
    model.processes.clear();
    model.ended.clear();
    forgetChannels(model, changes);
    model.waits.clear();
  }
  for (const event of m.events) noteExit(model, event);
  model.events = appendEvents(
    model.events,
    m.events.filter((event) => event.seq > model.seq),
  );
  model.seq = Math.max(model.seq, m.seq);

  const before = new Set(model.processes.keys());
  for (const row of m.processes) {
    const process = rowOf(model.columns, row);
    before.delete(process.id);
    setRow(model, process, changes);
  }
  for (const id of before) remove(model, id, now, changes);
  const old = new Set(model.channels.keys());
  for (const channel of m.channels) {
    old.delete(channel.id);
    setChannel(model, channel, changes);
  }
  for (const id of old) removeChannel(model, id, changes);
  for (const id of model.exits.keys()) if (!model.processes.has(id)) model.exits.delete(id);
  changes.structure = true;
  changes.tick = true;
}

/** True when the snapshot is of another server than what is known: its root is another process. */
function isAnother(model: Model, m: SnapshotMessage): boolean {
  const known = model.processes.get(ROOT);
  const row = m.processes.map((r) => rowOf(m.columns, r)).find((p) => p.id === ROOT);
  if (m.seq < model.seq) return true;
  return known !== undefined && row !== undefined && (known.pid !== row.pid || known.started !== row.started);
}

function applyDelta(model: Model, m: DeltaMessage, now: number, changes: Changes): void {
  model.at = m.at;
  model.heard = now;
  for (const row of m.rows ?? []) {
    setRow(model, rowOf(model.columns, row), changes);
    changes.structure = true;
  }
  for (const row of m.values ?? []) {
    const patch = rowOf(model.valueColumns, row);
    const old = model.processes.get(patch.id);
    if (old === undefined) continue;
    model.processes.set(patch.id, { ...old, ...patch });
    changes.touched.add(patch.id);
  }
  for (const id of m.gone ?? []) remove(model, id, now, changes);
  for (const channel of m.channels ?? []) setChannel(model, channel, changes);
  // Before the channels that are gone: their last words may come with it.
  for (const id of model.mail.take(m.messages ?? [])) changes.mailed.add(id);
  for (const id of m.goneChannels ?? []) removeChannel(model, id, changes);
  if (m.cores !== undefined) model.cores = m.cores;
  if (m.memory !== undefined) model.memory = m.memory;
  if (m.observer !== undefined) model.observer = m.observer;
  if (m.control !== undefined) model.control = m.control;
  if (m.viewers !== undefined) model.viewers = m.viewers;
  changes.tick = true;
}

/** More exits than this are of processes that no row ever told of: too short-lived, or gone long since. */
const KEPT_EXITS = 1000;

function noteExit(model: Model, event: TreeEvent): void {
  if (event.kind !== 'exited') return;
  model.exits.set(event.id, event);
  if (model.exits.size <= KEPT_EXITS) return;
  for (const id of model.exits.keys()) if (!model.processes.has(id) && id !== event.id) model.exits.delete(id);
}

function setRow(model: Model, process: Process, changes: Changes): void {
  model.processes.set(process.id, process);
  model.ended.delete(process.id);
  changes.touched.add(process.id);
}

function remove(model: Model, id: number, now: number, changes: Changes): void {
  const row = model.processes.get(id);
  const exit = model.exits.get(id);
  model.exits.delete(id);
  if (row === undefined) return;
  model.processes.delete(id);
  model.ended.set(id, { ...row, cpu: 0, ended: { at: now, status: exit?.status, signal: exit?.signal } });
  changes.touched.add(id);
  changes.structure = true;
}

function setChannel(model: Model, channel: Channel, changes: Changes): void {
  const old = model.channels.get(channel.id);
  model.channels.set(channel.id, channel);
  changes.channels.add(channel.id);
  if (old === undefined || old.name !== channel.name || !alike(old.writers, channel.writers) || !alike(old.readers, channel.readers)) changes.wiring = true;
}

const alike = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((id, i) => id === b[i]);

function removeChannel(model: Model, id: number, changes: Changes): void {
  model.mail.forget(id);
  if (!model.channels.delete(id)) return;
  changes.channels.add(id);
  changes.wiring = true;
}

function forgetChannels(model: Model, changes: Changes): void {
  for (const id of [...model.channels.keys()]) removeChannel(model, id, changes);
  model.mail.clear();
}

/** A row by its columns; the names are the server's, so new columns do no harm. */
function rowOf(columns: readonly string[], row: readonly unknown[]): Process {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i];
    if (column !== undefined) object[column] = row[i];
  }
  return object as unknown as Process;
}
