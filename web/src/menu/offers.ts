/** Which actions make sense for a process: pure rules, shared by the menu, the inspector and the letter keys. */
import { menuTexts } from '../i18n/menu';
import { kill, newChild, refusal, resume, sendSignal, stop, terminate, type Spot } from '../state/actions';
import { isEnded, ROOT, type Row } from '../state/store';

export type Verb = 'stop' | 'continue' | 'child' | 'terminate' | 'kill' | 'killTree';

export interface Offer {
  readonly verb: Verb;
  readonly label: string;
  /** the signal's name as it stands beside the label, '' when it is none */
  readonly signal: string;
  /** why it would do nothing: then a click says that instead of doing it */
  readonly why: string | null;
}

/** Actions in the order in which they are shown; none for the root and for what has ended. below: all its descendants. */
export function offersFor(row: Row, below: number): readonly Offer[] {
  const t = menuTexts();
  if (isEnded(row) || row.id === ROOT) return [];
  const killIt = (why: string | null): Offer => ({ verb: 'kill', label: t.kill, signal: 'SIGKILL', why });
  if (row.state === 'Z' || row.state === 'X') return [killIt(t.zombie(row.ppid))];
  const stopped = row.state === 'T';
  const offers: Offer[] = [
    stopped
      ? { verb: 'continue', label: t.continue, signal: 'SIGCONT', why: null }
      : { verb: 'stop', label: t.stop, signal: 'SIGSTOP', why: null },
  ];
  // A foreign program takes no orders.
  if (row.workload !== '') offers.push({ verb: 'child', label: t.child, signal: '', why: stopped ? t.stopped : null });
  offers.push({ verb: 'terminate', label: t.terminate, signal: 'SIGTERM', why: null }, killIt(null));
  if (below > 0) offers.push({ verb: 'killTree', label: t.killTree(below + 1), signal: 'SIGKILL', why: null });
  return offers;
}

/** True where any signal makes sense. */
export const takesSignals = (row: Row): boolean => !isEnded(row) && row.id !== ROOT && row.state !== 'Z' && row.state !== 'X';

/** Does what is offered, or says by spot why it would do nothing. */
export async function perform(offer: Offer, id: number, spot: Spot): Promise<void> {
  if (offer.why !== null) {
    refusal.value = { spot, id, sentence: offer.why };
    return;
  }
  switch (offer.verb) {
    case 'stop':
      return stop(id, spot);
    case 'continue':
      return resume(id, spot);
    case 'child':
      newChild(id);
      return;
    case 'terminate':
      return terminate(id, spot);
    case 'kill':
      return kill(id, spot);
    case 'killTree':
      return sendSignal(id, 'KILL', spot, true);
  }
}

const LETTERS: Readonly<Record<string, readonly Verb[]>> = { s: ['stop', 'continue'], n: ['child'], k: ['kill'] };

/** What a letter key on a focused process does: s stop or continue, n new child, k kill; undefined for other keys. */
export function offerByKey(key: string, row: Row, below: number): Offer | undefined {
  const verbs = LETTERS[key.toLowerCase()];
  return verbs && offersFor(row, below).find((offer) => verbs.includes(offer.verb));
}
