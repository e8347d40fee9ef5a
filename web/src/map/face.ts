/** What a card says, as plain data: the painter writes it and knows no process. */

import { mapTexts } from '../i18n/map';
import { percent } from '../i18n/numbers';
import { isEnded, ROOT, type Row } from '../state/store';
import { lookOf, reasonOf, stateWord, type Look } from '../state/words';
import { plainName } from './seeds';

export interface Face {
  readonly name: string;
  readonly look: Look;
  /** the state in a word or two; a large card has the reason below it */
  readonly word: string;
  readonly reason: string;
  /** the one line that a small card has room for: the reason, or the word where there is none */
  readonly line: string;
  /** the line is the state's word, and has its colour */
  readonly lineIsWord: boolean;
  readonly pid: number;
  /** '31 %', '' where it means nothing */
  readonly cpu: string;
  /** of the bar, 0..1 */
  readonly share: number;
  readonly over: '' | 'zombie' | 'ended';
  /** all of it in one sentence, without values that change all the time */
  readonly spoken: string;
}

export function faceOf(row: Row, children: number, chip: number): Face {
  const t = mapTexts();
  const look = lookOf(row);
  const name = plainName(row);
  const full = stateWord(row, children);
  const reason = reasonOf(row, children);
  const over = isEnded(row) ? 'ended' : look.key === 'zombie' ? 'zombie' : '';
  // 'listo: sin núcleo libre' is word and reason in one; where a line of its own gives the reason, the word is enough.
  const word = reason === '' || over === 'ended' ? full : (full.split(':')[0] as string);
  const plain = look.key === 'stopped' || look.key === 'ready' || look.key === 'computing' || reason === '';
  return {
    name,
    look,
    word,
    reason,
    line: plain && !(row.adopted && look.key === 'computing') ? full : reason,
    lineIsWord: plain && !(row.adopted && look.key === 'computing'),
    pid: row.pid,
    cpu: over === '' ? percent(row.cpu) : '',
    share: over === '' ? Math.min(1, Math.max(0, row.cpu)) : 0,
    over,
    spoken: t.spoken(chip > 0 ? `${name} ${chip}` : name, row.pid, reason === '' ? full : `${word}: ${reason}`, row.id === ROOT),
  };
}
