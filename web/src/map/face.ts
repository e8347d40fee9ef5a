/** What a card says, as plain data: the painter writes it and knows no process. */

import { mapTexts } from '../i18n/map';
import { percent } from '../i18n/numbers';
import { isEnded, ROOT, type Row } from '../state/store';
import { lookOf, reasonOf, stateWord, type Look } from '../state/words';
import type { Hand } from './hand';
import { plainName } from './seeds';

export interface Face {
  readonly name: string;
  readonly look: Look;
  /** the state in a word or two; a large card has the reason below it */
  readonly word: string;
  readonly reason: string;
  /** the same where no line follows: of one that is blocked what it waits for */
  readonly brief: string;
  /** the one line that a small card has room for: the reason, or the word where there is none */
  readonly line: string;
  /** the line is the state's word, and has its colour */
  readonly lineIsWord: boolean;
  readonly pid: number;
  /** what a card in a bed has room for beside its pid: the CPU, or what is the matter with it */
  readonly tail: string;
  /** '31 %', '' where it means nothing */
  readonly cpu: string;
  /** the whole reason, and what else is worth a look at rest; '' for none */
  readonly hint: string;
  /** of the bar, 0..1 */
  readonly share: number;
  readonly over: '' | 'zombie' | 'ended';
  /** the message that it works on: number and sender's id; null for none, or none that there is room for */
  readonly hand: Hand['message'];
  /** all of it in one sentence, without values that change all the time */
  readonly spoken: string;
}

/** What a card without a line of its own for the reason says of one that is blocked. */
function stuckWord(row: Row): string | null {
  if (isEnded(row) || row.stuck === undefined || row.stuck.kind === 'lock') return null;
  return mapTexts().stuck[row.stuck.kind][row.stuck.op];
}

function shortOf(key: Look['key'], reason: string): string {
  const { short } = mapTexts();
  return key === 'zombie' ? short.zombie : key === 'disk' ? short.disk : reason;
}

const NOTHING: Hand = { message: null, next: null };

export function faceOf(row: Row, children: number, chip: number, hand: Hand = NOTHING): Face {
  const t = mapTexts();
  const look = lookOf(row);
  const name = plainName(row);
  const full = stateWord(row);
  const over = isEnded(row) ? 'ended' : look.key === 'zombie' ? 'zombie' : '';
  // What keeps it from going on is more than what it has in hand.
  const message = over === '' && !look.trouble ? hand.message : null;
  const sends = row.workload !== '' && look.key === 'sleeping' && row.waits === 'sleep' && hand.next !== null;
  const reason = message ? t.withMessage : sends ? t.untilNext(hand.next) : reasonOf(row, children);
  // 'listo: sin núcleo libre' is word and reason in one; where a line of its own gives the reason, the word is enough.
  const word = reason === '' || over === 'ended' ? full : (full.split(':')[0] as string);
  const lineIsWord = reason === '' || (message !== null && look.key !== 'sleeping') || look.key === 'stopped' || look.key === 'ready' || (look.key === 'computing' && !row.adopted);
  // What is read aloud must not change with every message.
  const spokenReason = reasonOf(row, children);
  return {
    name,
    look,
    word,
    brief: look.key === 'blocked' ? (stuckWord(row) ?? word) : word,
    reason: look.key === 'stopped' ? (reason.split(';')[0] as string) : reason,
    line: lineIsWord ? full : shortOf(look.key, reason),
    lineIsWord,
    pid: row.pid,
    tail: isEnded(row) ? (row.ended.signal === undefined ? (full.split(';')[0] as string) : `SIG${row.ended.signal}`) : over !== '' || look.trouble ? (look.key === 'blocked' ? (stuckWord(row) ?? word) : word) : percent(row.cpu),
    // A card that says what it waits for needs the room, and its nought says nothing.
    cpu: over !== '' || (!lineIsWord && row.cpu < 0.005) ? '' : percent(row.cpu),
    hint: row.adopted ? t.adoptedHint : reason,
    share: over === '' ? Math.min(1, Math.max(0, row.cpu)) : 0,
    over,
    hand: message,
    spoken: t.spoken(chip > 0 ? `${name} ${chip}` : name, row.pid, spokenReason === '' ? full : `${word}: ${spokenReason}`, row.id === ROOT),
  };
}
