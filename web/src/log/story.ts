/** An event as words. Pure, in the reader's language; all text of a process goes out as plain text. */
import { logTexts } from '../i18n/log';
import { bytes, clock, duration } from '../i18n/numbers';
import { processName } from '../i18n/names';
import type { ExitedEvent, SpawnedEvent, TreeEvent } from '../wire';
import { literal } from './literal';

export type Kind = TreeEvent['kind'];

export const KINDS: readonly Kind[] = ['spawned', 'exited', 'signalled', 'output'];

/** Colours a line: what went wrong stands out, the rest does not. */
export type Tone = 'plain' | 'trouble' | 'quiet';

/** One line of the log. */
export interface Story {
  readonly seq: number;
  readonly id: number;
  readonly kind: Kind;
  readonly tone: Tone;
  /** '12:04:31,204' */
  readonly time: string;
  /** what a person reads before the process, '' as a rule */
  readonly before: string;
  readonly name: string;
  readonly pid: number;
  /** what happened to it */
  readonly after: string;
  /** figures that come with it */
  readonly more: string;
}

/** What is known of the names of processes that an event does not name itself. */
export interface Names {
  /** name of the process with that id, undefined when it is not known */
  of(id: number): string | undefined;
}

/** Names from a list of events: of all that started or ended in it. What it was called last holds: it may have exec'd. */
export function namesOf(events: readonly TreeEvent[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const ours = new Set<number>();
  for (const event of events) {
    if (event.kind === 'spawned') {
      names.set(event.id, spawnedName(event));
      if (event.workload) ours.add(event.id);
    } else if (event.kind === 'exited' && !ours.has(event.id)) names.set(event.id, event.label !== '' ? event.label : event.name);
  }
  return names;
}

const spawnedName = (event: SpawnedEvent): string =>
  processName({ name: event.name, label: event.label, workload: event.workload ?? '', role: event.role ?? '' });

/** Clock time with thousandths. */
export const clockMs = (at: number): string => clock(at).slice(0, -1) + String(Math.floor(((at % 1000) + 1000) % 1000)).padStart(3, '0');

/** The words for one event. */
export function storyOf(event: TreeEvent, names: Names): Story {
  const t = logTexts();
  const base = { seq: event.seq, id: event.id, kind: event.kind, time: clockMs(event.at), pid: event.pid, before: '', more: '' };
  const name = names.of(event.id) ?? t.pid(event.pid);
  switch (event.kind) {
    case 'spawned': {
      const parent = names.of(event.parent);
      return { ...base, name: names.of(event.id) ?? spawnedName(event), tone: 'plain', after: t.spawned, more: t.childOf(parent === undefined ? t.pid(event.ppid) : t.process(parent, event.ppid)) };
    }
    case 'exited':
      return { ...base, name: names.of(event.id) ?? (event.label !== '' ? event.label : event.name), tone: toneOf(event), after: endOf(event), more: figures(event) };
    case 'signalled':
      return { ...base, name, tone: 'plain', before: t.signalled(event.signal), after: '' };
    case 'output':
      return { ...base, name, tone: 'quiet', after: t.wrote(event.stream), more: firstLine(event.text) };
  }
}

/** How it ended, in words. */
export function endOf(end: { readonly status?: number; readonly signal?: string }): string {
  const t = logTexts();
  if (end.signal !== undefined) return t.killed(end.signal);
  return end.status === undefined ? t.gone : t.exited(end.status);
}

function toneOf(event: ExitedEvent): Tone {
  return event.signal !== undefined || (event.status !== undefined && event.status !== 0) ? 'trouble' : 'plain';
}

function figures(event: ExitedEvent): string {
  const t = logTexts();
  const parts: string[] = [];
  if (typeof event.cpu === 'number') parts.push(t.cpu(duration(event.cpu)));
  if (typeof event.rss === 'number' && event.rss > 0) parts.push(t.rss(bytes(event.rss)));
  return parts.join(', ');
}

/** Longest piece of output that a line of the log shows. */
const SHOWN = 200;

function firstLine(text: string): string {
  const line = text.trimStart().split('\n', 1)[0] ?? '';
  const rest = line.length > SHOWN || text.trim().length > line.trimEnd().length;
  return literal(line.slice(0, SHOWN).trimEnd()) + (rest ? ' …' : '');
}
