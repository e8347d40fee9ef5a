/** The messages of the stream and the answers of the API, as docs/stream.md describes them. Types only. */

/** A process, as a row of the stream becomes on the page. */
export interface Process {
  readonly id: number;
  readonly pid: number;
  readonly ppid: number;
  /** id of the parent, 0 for the root */
  readonly parent: number;
  /** workload for ours, the kernel's comm for others; hostile text */
  readonly name: string;
  /** what a person reads; hostile text */
  readonly label: string;
  /** '' for programs that are not ours */
  readonly workload: string;
  readonly role: string;
  /** the letter that ps shows */
  readonly state: string;
  /** cores in use over the last second, 1 = one whole core */
  readonly cpu: number;
  /** bytes */
  readonly rss: number;
  readonly threads: number;
  /** ran on last, -1 unknown */
  readonly core: number;
  /** ms since the epoch */
  readonly started: number;
  /** 0..1, null where the program does not say */
  readonly progress: number | null;
  /** share of the last second ready without a core, null unknown */
  readonly wait: number | null;
  readonly adopted: boolean;
  /** what a sleeper waits for, '' unknown */
  readonly waits: Waits;
  /** id of the channel that it reads or writes, 0 none */
  readonly on: number;
  /** stands at a gate of ours: Pause, Step or slow motion */
  readonly held: boolean;
  /** it has gates, at which it can be held */
  readonly gates: boolean;
  /** cores in use over the last tick */
  readonly ran: number;
  /** share of the last tick ready without a core, null unknown */
  readonly ready: number | null;
}

export type Waits = '' | 'child' | 'read' | 'write' | 'input' | 'sleep' | 'lock' | 'events' | 'disk';

/** A pipe, a queue or a socket pair. What is unknown is null, never 0. */
export interface Channel {
  readonly id: number;
  readonly kind: 'pipe' | 'queue' | 'socket';
  /** hostile text, '' if it has none */
  readonly name: string;
  /** made by Vivero: a message can be put in */
  readonly made: boolean;
  /** bytes at most: a pipe counts pages */
  readonly capacity: number | null;
  /** bytes in it */
  readonly fill: number | null;
  /** messages at most */
  readonly slots: number | null;
  /** messages in it */
  readonly depth: number | null;
  /** messages in its senders' own buffers */
  readonly buffered: number | null;
  readonly sent: number | null;
  readonly received: number | null;
  /** of payload sent */
  readonly bytes: number | null;
  /** messages lost with a killed process */
  readonly lost: number | null;
  /** steps of messages that were counted but not told one by one */
  readonly skipped: number | null;
  /** some were skipped in the last second: the messages told are a sample, the numbers are exact */
  readonly sampled: boolean;
  readonly writers: readonly number[];
  readonly readers: readonly number[];
  readonly blocked: readonly { readonly process: number; readonly op: 'read' | 'write'; readonly since: number }[];
  /** messages a second */
  readonly rate: number | null;
  /** ms */
  readonly latency: { readonly p50: number | null; readonly p99: number | null };
  /** a reader read the end of file */
  readonly ended: boolean;
  /** a write failed: no reader was left */
  readonly broken: boolean;
}

/** One step of a message: [channel, step, process, sender, number, size, at, sentAt, text]; ids, bytes, ms since the epoch. */
export type MessageRow = readonly [
  channel: number,
  step: 'sent' | 'received' | 'lost',
  process: number,
  sender: number,
  number: number,
  size: number,
  at: number,
  sentAt: number,
  text: string,
];

export interface Host {
  readonly name: string;
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly physical: number;
  readonly boot: number;
}

export interface Memory {
  readonly total: number;
  readonly used: number;
}

export interface Observer {
  readonly cpu: number;
  readonly rss: number;
  readonly missed: number | null;
  readonly events: boolean;
}

/** What the presenter asks of time. */
export interface Control {
  readonly paused: boolean;
  /** ms at each gate */
  readonly delay_ms: number;
}

export type Role = 'presenter' | 'viewer';

interface EventBase {
  readonly seq: number;
  /** ms since the epoch */
  readonly at: number;
  readonly id: number;
  readonly pid: number;
}

export interface SpawnedEvent extends EventBase {
  readonly kind: 'spawned';
  readonly ppid: number;
  readonly parent: number;
  readonly name: string;
  readonly label: string;
  readonly workload?: string;
  readonly role?: string;
}

export interface ExitedEvent extends EventBase {
  readonly kind: 'exited';
  readonly ppid: number;
  readonly name: string;
  readonly label: string;
  /** exactly one of status and signal, or neither when it cannot be known */
  readonly status?: number;
  readonly signal?: string;
  /** seconds of CPU in its whole life, null if unknown */
  readonly cpu?: number | null;
  /** bytes, the largest known, null if unknown */
  readonly rss?: number | null;
}

export interface SignalledEvent extends EventBase {
  readonly kind: 'signalled';
  readonly signal: string;
}

export interface OutputEvent extends EventBase {
  readonly kind: 'output';
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** bytes left out before text */
  readonly skipped?: number;
}

export type TreeEvent = SpawnedEvent | ExitedEvent | SignalledEvent | OutputEvent;

export interface SnapshotMessage {
  readonly kind: 'snapshot';
  readonly at: number;
  readonly role: Role;
  readonly seq: number;
  readonly version: string;
  readonly host: Host;
  readonly reader: 'procfs' | 'gopsutil';
  readonly rate: number;
  /** true under `vivero run` */
  readonly run: boolean;
  /** live processes at most */
  readonly cap: number;
  /** ids of what the server started by itself, to open on something alive */
  readonly demo?: readonly number[];
  readonly columns: readonly string[];
  readonly values: readonly string[];
  readonly processes: readonly (readonly unknown[])[];
  readonly channels: readonly Channel[];
  readonly cores: readonly { readonly id: number; readonly busy: number }[];
  readonly memory: Memory;
  readonly observer: Observer;
  readonly control: Control;
  readonly viewers: number;
  readonly events: readonly TreeEvent[];
}

export interface DeltaMessage {
  readonly kind: 'delta';
  readonly at: number;
  readonly rows?: readonly (readonly unknown[])[];
  readonly values?: readonly (readonly unknown[])[];
  readonly gone?: readonly number[];
  readonly channels?: readonly Channel[];
  readonly goneChannels?: readonly number[];
  readonly messages?: readonly MessageRow[];
  readonly cores?: readonly number[];
  readonly memory?: Memory;
  readonly observer?: Observer;
  readonly control?: Control;
  readonly viewers?: number;
}

export type ServerMessage = SnapshotMessage | DeltaMessage | TreeEvent;

/** GET /api/workloads */
export interface Workload {
  readonly name: string;
  readonly summary: string;
  readonly params: readonly WorkloadParam[];
}

export interface WorkloadParam {
  readonly name: string;
  readonly kind: 'int' | 'choice';
  readonly default: number | string;
  /** of an int */
  readonly min?: number;
  readonly max?: number;
  /** of a choice */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** GET /api/processes/{id}: the row, and what only a slow look can tell. Absent or null: it could not be read. */
export interface Details extends Process {
  readonly exe?: string | null;
  readonly cwd?: string | null;
  readonly user?: string | null;
  readonly nice?: number | null;
  /** cores it may run on, e.g. "0-1" */
  readonly affinity?: string | null;
  readonly memory?: { readonly rss: number; readonly pss: number | null; readonly uss: number | null } | null;
  readonly switches?: { readonly voluntary: number; readonly involuntary: number } | null;
  /** cpu in seconds since its start */
  readonly tasks?: readonly { readonly tid: number; readonly name: string; readonly state: string; readonly cpu: number; readonly core: number }[] | null;
  /** open descriptors; target as readlink tells it */
  readonly descriptors?: readonly { readonly fd: number; readonly target: string }[] | null;
  readonly status?: number | null;
  readonly signal?: string | null;
  /** only for the presenter */
  readonly cmdline?: readonly string[] | null;
  readonly environ?: readonly string[] | null;
}
