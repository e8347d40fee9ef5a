/** A state as a person reads it. Pure rules without memory: the same row always gives the same words. */
import { percent } from '../i18n/numbers';
import { stateTexts } from '../i18n/state';
import { isEnded, ROOT, type Row } from './store';

/** Keys of the words, and of the colours --state-KEY and --state-KEY-text in theme.css. */
export type StateKey = 'computing' | 'ready' | 'waiting' | 'sleeping' | 'disk' | 'stopped' | 'traced' | 'zombie' | 'ended' | 'unknown';

/** Shape of the badge. cross and tick stand for an ended process: killed or failed, and exit status 0. */
export type Shape = 'circle' | 'square' | 'octagon' | 'diamond' | 'cross' | 'tick';

export interface Look {
  readonly key: StateKey;
  /** the letter that ps shows, '' once ended */
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
  switch (p.state) {
    case 'R':
      // On the run queue without a core for more of the last second than it had one.
      return p.wait !== null && p.wait >= WAITS && p.wait > p.cpu ? look('ready', 'R', 'circle', false) : look('computing', 'R', 'circle', true);
    case 'S':
    case 'I':
      if (p.cpu >= COMPUTES) return look('computing', p.state, 'circle', true);
      // A hungry process may sleep for an instant while it mostly waited for a core.
      if (p.wait !== null && p.wait >= COMPUTES) return look('ready', p.state, 'circle', false);
      return look('sleeping', p.state, 'square', false);
    case 'D':
      return look('disk', 'D', 'square', true, true);
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
  return key === 'sleeping' && p.id === ROOT ? t.waiting : t[key];
}

/**
 * Why it is as it is, in a few words, or ''. children: how many live under it. That a sleeper waits *for* them is not
 * said: the kernel's letter does not tell.
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
    case 'waiting':
    case 'ended':
    case 'unknown':
      return t.none;
  }
}
