/** Rows and messages for tests. */
import type { Channel, Process, SnapshotMessage } from '../wire';

export const COLUMNS = [
  'id', 'pid', 'ppid', 'parent', 'name', 'label', 'workload', 'role', 'state', 'cpu', 'rss', 'threads', 'core', 'started', 'progress', 'wait', 'adopted',
  'waits', 'on', 'held', 'gates', 'ran', 'ready',
] as const; // prettier-ignore
export const VALUES = ['id', 'state', 'cpu', 'rss', 'threads', 'core', 'progress', 'wait', 'waits', 'on', 'held', 'gates', 'ran', 'ready'] as const;

/** Of a process that waits for nothing we know, and has no gates. */
export const QUIET = { waits: '', on: 0, held: false, gates: false, ran: 0, ready: null } as const;

export function processOf(fields: Partial<Process> & { readonly id: number }): Process {
  return {
    pid: 4000 + fields.id,
    ppid: 4001,
    parent: fields.id === 1 ? 0 : 1,
    name: 'primes',
    label: 'primes',
    workload: 'primes',
    role: '',
    state: 'S',
    cpu: 0,
    rss: 8_000_000,
    threads: 4,
    core: 0,
    started: 1_767_225_600_000 + fields.id,
    progress: null,
    wait: 0,
    adopted: false,
    ...QUIET,
    ...fields,
  };
}

export const rowOf = (p: Process): readonly unknown[] => COLUMNS.map((column) => p[column]);
export const valuesOf = (p: Process): readonly unknown[] => VALUES.map((column) => p[column]);

export function snapshotOf(processes: readonly Process[], fields: Partial<SnapshotMessage> = {}): SnapshotMessage {
  return {
    kind: 'snapshot',
    at: 1_767_225_602_000,
    role: 'presenter',
    seq: 0,
    version: '1.0.0',
    host: { name: 'aula', os: 'Debian', kernel: '6.18', arch: 'amd64', cpu: 'a CPU', cores: 2, physical: 2, boot: 0 },
    reader: 'procfs',
    rate: 10,
    run: false,
    cap: 256,
    columns: COLUMNS,
    values: VALUES,
    processes: processes.map(rowOf),
    channels: [],
    cores: [
      { id: 0, busy: 0.5 },
      { id: 1, busy: 0 },
    ],
    memory: { total: 8e9, used: 2e9 },
    observer: { cpu: 0.004, rss: 2e7, missed: 0, events: true },
    control: { paused: false, delay_ms: 0 },
    viewers: 1,
    events: [],
    ...fields,
  };
}

export function channelOf(fields: Partial<Channel> & { readonly id: number }): Channel {
  return {
    kind: 'pipe',
    name: '',
    made: true,
    capacity: 65_536,
    fill: 0,
    slots: null,
    depth: 0,
    buffered: 0,
    sent: 0,
    received: 0,
    bytes: 0,
    lost: 0,
    skipped: 0,
    sampled: false,
    writers: [],
    readers: [],
    blocked: [],
    rate: 0,
    latency: { p50: null, p99: null },
    ended: false,
    broken: false,
    ...fields,
  };
}
