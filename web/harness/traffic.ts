/** Made-up channels for the harness: who holds them, what is in them, and messages that come and go while `live` is on. */

import type { Channel, MessageRow, Process } from '../src/wire';
import { row, root, ours, type Row } from './scenes';

/** A scene with channels. */
export interface Talk {
  readonly rows: Row[];
  readonly channels: Channel[];
  /** sent before the page looked: channel, sender, number, received by (0: still inside) */
  readonly told: readonly (readonly [channel: number, sender: number, number: number, receiver: number])[];
  /** messages a second and channel while live */
  readonly rate?: number;
}

let nextChannel = 100;

const channel = (kind: Channel['kind'], writers: number[], readers: number[], change: Partial<Channel> = {}): Channel => ({
  id: nextChannel++,
  kind,
  name: kind,
  made: true,
  capacity: kind === 'queue' ? null : 65_536,
  fill: kind === 'queue' ? null : 0,
  slots: kind === 'queue' ? 5 : null,
  depth: 0,
  buffered: null,
  sent: 20,
  received: 17,
  bytes: 2000,
  lost: 0,
  skipped: 0,
  sampled: false,
  writers,
  readers,
  blocked: [],
  rate: 2,
  latency: { p50: 1, p99: 4 },
  ended: false,
  broken: false,
  ...change,
});

const unknown = { made: false, depth: null, sent: null, received: null, bytes: null, lost: null, rate: null, latency: { p50: null, p99: null } };
const part = (workload: string, role: string, change: Partial<Process> = {}): Process => ours(1, workload, { role, label: `${workload} ${role}`, gates: true, ...change });
const inside = (id: number, sender: number, from: number, to: number): [number, number, number, number][] =>
  Array.from({ length: to - from + 1 }, (_, i) => [id, sender, from + i, 0]);

function start(): void {
  nextChannel = 100;
}

export const talks: Readonly<Record<string, () => Talk>> = {
  queue: () => {
    start();
    const rows = [root(), part('queue', 'producer', { cpu: 0.01, waits: 'sleep' }), part('queue', 'consumer', { state: 'R', cpu: 0.31, waits: 'sleep' })];
    const c = channel('queue', [2], [3], { depth: 3, sent: 19, received: 16 });
    return { rows, channels: [c], told: [[c.id, 2, 16, 3], ...inside(c.id, 2, 17, 19)] };
  },
  pipeline: () => {
    start();
    const rows = [
      root(),
      part('pipeline', 'source', { waits: 'write', on: 100 }),
      part('pipeline', 'stage 1', { state: 'R', cpu: 0.62 }),
      part('pipeline', 'stage 2', { waits: 'read', on: 101 }),
      part('pipeline', 'sink', { held: true, cpu: 0.02 }),
    ];
    const a = channel('pipe', [2], [3], { fill: 65_536, depth: 8, sent: 20, blocked: [{ process: 2, op: 'write', since: 0 }] });
    const b = channel('pipe', [3], [4], { fill: 0, depth: 0, blocked: [{ process: 4, op: 'read', since: 0 }] });
    const c = channel('pipe', [4], [5], { fill: 24_576, depth: 3, sent: 11 });
    return { rows, channels: [a, b, c], told: [[a.id, 2, 12, 3], ...inside(a.id, 2, 13, 20), [c.id, 4, 8, 5], ...inside(c.id, 4, 9, 11)] };
  },
  long: () => {
    start();
    const rows = [root(), part('pipeline', 'source'), part('pipeline', 'stage 1'), part('pipeline', 'stage 2', { state: 'R', cpu: 0.5 }), part('pipeline', 'stage 3'), part('pipeline', 'sink')];
    const channels = [2, 3, 4, 5].map((id) => channel('pipe', [id], [id + 1], { fill: 4096 * (id % 3), depth: id * 3 - 6 }));
    return { rows, channels, told: channels.flatMap((c) => inside(c.id, c.writers[0] ?? 0, 21 - (c.depth ?? 0), 20)) };
  },
  many: () => {
    start();
    const rows = [root(), ...[0, 1].map(() => part('queue', 'producer', { held: true, cpu: 0.01 }))];
    rows.push(part('queue', 'consumer', { state: 'R', cpu: 0.3 }), ...[0, 1].map(() => part('queue', 'consumer', { waits: 'read', on: 100 })));
    const c = channel('queue', [2, 3], [4, 5, 6], { slots: 8, depth: 5, rate: 4, blocked: [5, 6].map((process) => ({ process, op: 'read', since: 0 })) });
    return { rows, channels: [c], told: [[c.id, 3, 26, 4], [c.id, 3, 27, 0], [c.id, 2, 28, 0], [c.id, 3, 29, 0], [c.id, 3, 30, 0], [c.id, 2, 31, 0]] };
  },
  pingpong: () => {
    start();
    const rows = [root(), part('pingpong', 'ping', { waits: 'read', on: 101 }), part('pingpong', 'pong', { waits: 'sleep' })];
    const there = channel('pipe', [2], [3], { fill: 0, depth: 0 });
    const back = channel('pipe', [3], [2], { fill: 88, depth: 1 });
    return { rows, channels: [there, back], told: [[there.id, 2, 7, 3], [back.id, 3, 6, 0]] };
  },
  scatter: () => {
    start();
    const rows = [root(), part('scatter', 'parent', { progress: 0.4 }), ...[0, 1, 2, 3].map((i) => part('scatter', 'worker', { state: 'R', cpu: 0.5 + i * 0.1 }))];
    const channels = [3, 4, 5, 6].flatMap((id) => [channel('pipe', [2], [id], { fill: 0, depth: 0, rate: 0.5 }), channel('pipe', [id], [2], { fill: 66 * (id % 2), depth: id % 2, rate: 0.5 })]);
    return { rows, channels, told: channels.filter((_, i) => i % 2 === 0).map((c) => [c.id, 2, 4, c.readers[0] ?? 0]) };
  },
  shell: () => {
    start();
    const rows = [root(), row(1, 'sh', { waits: 'child' }), row(2, 'yes', { waits: 'write', on: 100 }), row(2, 'grep', { state: 'R', cpu: 0.9 }), row(2, 'sleep', { waits: 'sleep' })];
    return {
      rows,
      channels: [channel('pipe', [3], [4], { ...unknown, fill: 65_536, blocked: [{ process: 3, op: 'write', since: 0 }] }), channel('pipe', [4], [5], { ...unknown, fill: null, capacity: null })],
      told: [],
    };
  },
  python: () => {
    start();
    const rows = [root(), row(1, 'mp_worker.py', { waits: 'child' }), ...[0, 1, 2].map(() => row(2, 'mp_worker.py', { state: 'R', cpu: 0.7 }))];
    return {
      rows,
      channels: [
        channel('queue', [2], [3, 4, 5], { made: false, slots: null, depth: 3, buffered: 2 }),
        channel('socket', [2, 3], [2, 3], { ...unknown, capacity: 212_992, fill: 512 }),
      ],
      told: [],
    };
  },
  cores: () => {
    start();
    const rows = [root(), part('pipe', 'writer', { waits: 'write' }), part('pipe', 'reader', { state: 'R', cpu: 1 }), ...[0, 1, 2].map(() => ours(1, 'primes', { state: 'R', cpu: 0.9 }))];
    return { rows, channels: [channel('pipe', [2], [3], { fill: 31_000, depth: 812, rate: 120_000 })], told: [], rate: 400 };
  },
  /** the load of the issue: 20 processes, 10 channels, 200,000 messages a second as the stream samples them */
  load: () => {
    start();
    const rows = [root()];
    const channels: Channel[] = [];
    for (let i = 0; i < 10; i++) {
      rows.push(part('pipe', 'writer', { state: 'R', cpu: 0.4 }), part('pipe', 'reader', { state: 'R', cpu: 0.4 }));
      channels.push(channel('pipe', [2 + 2 * i], [3 + 2 * i], { fill: 30_000, depth: 700, rate: 20_000 }));
    }
    return { rows, channels, told: [], rate: 40 };
  },
};

/** Steps of messages as a delta carries them, and the channels after them: one tick of a tenth of a second. */
export function tick(channels: Channel[], rate: number, at: number): { readonly channels: Channel[]; readonly messages: MessageRow[] } {
  const messages: MessageRow[] = [];
  const after = channels.map((c) => {
    const next = { ...c, sent: c.sent ?? 0, received: c.received ?? 0, depth: c.depth ?? 0 };
    const steps = Math.floor(rate / 10) + (Math.random() < (rate / 10) % 1 ? 1 : 0);
    for (let i = 0; i < steps; i++) {
      const sender = c.writers[Math.floor(Math.random() * c.writers.length)];
      if (sender !== undefined && (c.slots === null ? next.depth < 900 : next.depth < c.slots) && (rate > 20 || Math.random() < 0.5)) {
        next.sent++;
        next.depth++;
        messages.push([c.id, 'sent', sender, sender, next.sent, 100, at, at, `mensaje ${next.sent}`]);
      }
      const reader = c.readers[Math.floor(Math.random() * c.readers.length)];
      if (reader !== undefined && next.depth > 0 && (rate > 20 || Math.random() < 0.5)) {
        next.depth--;
        const number = next.sent - next.depth;
        messages.push([c.id, 'received', reader, c.writers[0] ?? 0, number, 100, at, at - 10, `mensaje ${number}`]);
      }
    }
    return { ...next, fill: c.fill === null ? null : Math.min(65_536, Math.max(0, next.depth * 124)), rate: rate > 20 ? c.rate : rate };
  });
  return { channels: after, messages };
}
