/** Feeds a made-up tree through the real store and shows the real page. In the address: scene or talk, live, role, select, channel, delay. */

import '../src/theme.css';
import { options, render } from 'preact';
import { nextFrame } from '../src/frame';
import { setLanguage } from '../src/i18n';
import { App } from '../src/shell/App';
import { store } from '../src/state/store';
import { COLUMNS, VALUES } from '../src/state/testing';
import type { Process, ServerMessage, SnapshotMessage } from '../src/wire';
import { scenes } from './scenes';
import { talks, tick } from './traffic';

options.debounceRendering = nextFrame;

const asked = new URLSearchParams(location.search);
const values = (p: Process, columns: readonly string[]): unknown[] => columns.map((column) => p[column as keyof Process]);

const talk = talks[asked.get('talk') ?? '']?.();
const rows = talk?.rows ?? (scenes[asked.get('scene') ?? 'busy'] ?? scenes['empty'])?.() ?? [];
let channels = talk?.channels ?? [];
let seq = 0;

const snapshot = {
  kind: 'snapshot',
  at: Date.now(),
  role: asked.get('role') === 'viewer' ? 'viewer' : 'presenter',
  seq,
  version: 'harness',
  host: { name: 'harness', os: 'linux', kernel: '6.1', arch: 'amd64', cpu: '', cores: 4, physical: 4, boot: 0 },
  reader: 'procfs',
  rate: 10,
  run: false,
  cap: 256,
  demo: asked.get('tiles') === null ? [] : rows.map((p) => p.id),
  columns: COLUMNS,
  values: VALUES,
  processes: rows.map((p) => values(p, COLUMNS)),
  channels,
  cores: [0.9, 0.3, 0.1, 0.5].map((busy, id) => ({ id, busy })),
  memory: { total: 7_700_000_000, used: 2_100_000_000 },
  observer: { cpu: 0.006, rss: 20_000_000, missed: 0, events: true },
  control: { paused: false, delay_ms: Number(asked.get('delay') ?? 0) },
  viewers: 3,
  events: [],
} as unknown as SnapshotMessage; // what the map does not show is left out

function apply(...messages: ServerMessage[]): void {
  store.apply(messages, performance.now());
}

const live = {
  rows,
  add(parent: number, label: string, change: Partial<Process> = {}): void {
    const id = Math.max(...rows.map((p) => p.id)) + 1;
    const p: Process = { ...(rows[0] as Process), id, pid: 41189 + id, parent, name: label, label, workload: '', state: 'S', cpu: 0, ...change };
    rows.push(p);
    apply(
      { kind: 'spawned', seq: ++seq, at: Date.now(), id, pid: p.pid, ppid: p.ppid, parent, name: p.name, label },
      { kind: 'delta', at: Date.now(), rows: [values(p, COLUMNS)] },
    );
  },
  end(id: number, how: { status?: number; signal?: string }): void {
    const at = rows.findIndex((p) => p.id === id);
    const p = rows[at];
    if (!p) return;
    rows.splice(at, 1);
    apply(
      { kind: 'exited', seq: ++seq, at: Date.now(), id, pid: p.pid, ppid: p.ppid, name: p.name, label: p.label, ...how },
      { kind: 'delta', at: Date.now(), gone: [id] },
    );
  },
};
Object.assign(window, { harness: live, store });

setLanguage(asked.get('language') === 'en' ? 'en' : 'es');
const theme = asked.get('theme');
if (theme) document.documentElement.dataset['theme'] = theme;
apply(snapshot);
if (talk) {
  const at = Date.now() - 60_000;
  apply({ kind: 'delta', at: Date.now(), messages: talk.told.map(([c, sender, number]) => [c, 'sent', sender, sender, number, 100, at + number, at + number, `mensaje ${number}`]) });
  const received = talk.told.filter(([, , , receiver]) => receiver !== 0);
  apply({ kind: 'delta', at: Date.now() + 900, messages: received.map(([c, sender, number, receiver]) => [c, 'received', receiver, sender, number, 100, at + number + 5, at + number, `mensaje ${number}`]) });
}
store.status.value = 'live';
const selected = asked.get('select');
if (selected !== null) store.selected.value = Number(selected);
const chosenChannel = asked.get('channel');
if (chosenChannel !== null) store.selectedChannel.value = Number(chosenChannel);
render(<App />, document.getElementById('app') as HTMLElement);

setInterval(() => store.expire(performance.now()), 250);
if (asked.get('live') !== null) {
  setInterval(() => {
    const changed = rows.map((p) => ({ ...p, cpu: p.state === 'R' ? Math.random() : Math.random() * 0.02, rss: p.rss + Math.floor(Math.random() * 9000) }));
    const moved = tick(channels, talk?.rate ?? 3, Date.now());
    if (talk) channels = moved.channels;
    apply({ kind: 'delta', at: Date.now(), ...(talk ? moved : {}), values: changed.map((p) => values(p, VALUES)), cores: [Math.random(), 1, 0.4, 0.2] });
  }, 100);
}
