/**
 * A state as a person reads it. Pure rules without memory: the same row always gives the same words. For how long
 * somebody waits is the model's matter: a row says itself whether it is stuck.
 */
import { percent } from '../i18n/numbers';
import { stateTexts } from '../i18n/state';
import { isEnded, ROOT, type Row } from './store';

/** Keys of the words, and of the colours --state-KEY and --state-KEY-text in theme.css. */
export type StateKey = 'computing' | 'ready' | 'waiting' | 'sleeping' | 'held' | 'blocked' | 'disk' | 'stopped' | 'traced' | 'zombie' | 'ended' | 'unknown';

/** Shape of the badge. bars: a square with two bars, held by us. cross and tick stand for an ended process: killed or failed, and exit status 0. */
export type Shape = 'circle' | 'square' | 'bars' | 'octagon' | 'diamond' | 'cross' | 'tick';

export interface Look {
  readonly key: StateKey;
  /** the letter that ps shows, '' once ended and where the shape says it all */
  readonly letter: string;
  readonly shape: Shape;
  readonly filled: boolean;
  /** it cannot go on: the only ones with a coloured outline */
  readonly trouble: boolean;
}

/** Half a core over the last second: it computes, whatever its main thread does at this instant. */
export const COMPUTES = 0.5;

/** A shorter wait for a core is an accident of the moment, not a lack of cores. */
export const WAITS = 0.1;

/** How a row is shown; which words go with it says stateWord and reasonOf. */
export function lookOf(p: Row): Look {
  if (isEnded(p)) return look('ended', '', p.ended.status === 0 ? 'tick' : 'cross', true);
  if (HOLDABLE.has(p.state)) {
    if (p.held) return look('held', '', 'bars', false);
    // Its other threads may compute all the while.
    if (p.stuck !== undefined && p.ran < COMPUTES) return look('blocked', p.state, 'square', true, true);
  }
  switch (p.state) {
    case 'R':
      // On the run queue without a core for more of the last second than it had one.
      return p.wait !== null && p.wait >= WAITS && p.wait > p.cpu ? look('ready', 'R', 'circle', false) : look('computing', 'R', 'circle', true);
    case 'S':
    case 'I':
      if (p.cpu >= COMPUTES) return look('computing', p.state, 'circle', true);
      // A hungry process may sleep for an instant while it mostly waited for a core.
      if (p.wait !== null && p.wait >= COMPUTES) return look('ready', p.state, 'circle', false);
      return look(CALM.has(p.waits) || (p.waits === 'lock' && p.stuck === undefined) || aside(p) ? 'waiting' : 'sleeping', p.state, 'square', false);
    case 'D':
      // A parent in vfork sleeps so deeply until its child has begun.
      return p.waits === 'child' ? look('waiting', 'D', 'square', false) : look('disk', 'D', 'square', true, true);
    case 'T':
      return look('stopped', 'T', 'octagon', true, true);
    case 't':
      return look('traced', 't', 'octagon', true, true);
    case 'Z':
    case 'X':
      return look('zombie', p.state, 'diamond', true);
    default:
      return look('unknown', p.state, 'square', false);
  }
}

/** Not stopped, and alive: letters of who can be at a gate or wait for a message. */
const HOLDABLE: ReadonlySet<string> = new Set(['R', 'S', 'D', 'I']);

/** Waits that are as they should be. */
const CALM: ReadonlySet<string> = new Set(['child', 'input', 'events']);

/** It reads or writes what is no channel of the tree, as a file or the network. */
const aside = (p: Row): boolean => p.on === 0 && (p.waits === 'read' || p.waits === 'write');

function look(key: StateKey, letter: string, shape: Shape, filled: boolean, trouble = false): Look {
  return { key, letter, shape, filled, trouble };
}

/** The word for a row in the reader's language; of an ended one how it ended. */
export function stateWord(p: Row): string {
  const t = stateTexts();
  if (isEnded(p)) {
    if (p.ended.signal !== undefined) return t.killed(p.ended.signal);
    return p.ended.status === undefined ? t.gone : t.exited(p.ended.status);
  }
  const { key } = lookOf(p);
  return p.id === ROOT && (key === 'sleeping' || key === 'waiting') ? t.waiting : t[key];
}

/**
 * Why it is as it is, in a few words, or ''. children: how many live under it. That it waits *for* them is said only
 * where its system call tells.
 */
export function reasonOf(p: Row, children = 0): string {
  const t = stateTexts().reasons;
  if (isEnded(p)) return t.none;
  const { key, letter } = lookOf(p);
  switch (key) {
    case 'ready':
      return p.wait === null ? t.none : t.share(percent(p.wait));
    case 'disk':
      return t.disk;
    case 'held':
      return t.held;
    case 'blocked':
      return p.stuck === undefined ? t.none : p.stuck.kind === 'lock' ? t.stuck.lock : t.stuck[p.stuck.kind][p.stuck.op];
    case 'waiting':
      if (p.id === ROOT) return t.root;
      if (p.adopted) return t.adopted;
      return waitReason(p, children);
    case 'stopped':
      return t.stopped;
    case 'traced':
      return t.traced;
    case 'zombie':
      return t.zombie;
    case 'computing':
      if (letter !== 'R') return p.threads > 1 ? t.threads : t.none;
      return p.adopted ? t.adopted : t.none;
    case 'sleeping':
      if (p.id === ROOT) return t.root;
      if (p.adopted) return t.adopted;
      return children > 0 ? t.children(children) : t.none;
    case 'ended':
    case 'unknown':
      return t.none;
  }
}

function waitReason(p: Row, children: number): string {
  const t = stateTexts().reasons;
  switch (p.waits) {
    case 'child':
      return t.child(children);
    case 'input':
      return t.input;
    case 'events':
      return t.events;
    case 'lock':
      return t.lock;
    case 'read':
      return t.read;
    case 'write':
      return t.write;
    case 'sleep':
    case 'disk':
    case '':
      return t.none;
  }
}
