/** What each process does with messages: which one it has in hand, which one it will send next. */

import { computed } from '@preact/signals';
import { store, type Row } from '../state/store';
import { FOLLOWED, inHand, senderOf } from './contents';

/** Channels that each process reads and writes, by id of the process. */
const endsOf = computed<ReadonlyMap<number, { readonly reads: readonly number[]; readonly writes: readonly number[] }>>(() => {
  store.wiring.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const ends = new Map<number, { reads: number[]; writes: number[] }>();
  const of = (id: number): { reads: number[]; writes: number[] } => {
    const known = ends.get(id) ?? { reads: [], writes: [] };
    ends.set(id, known);
    return known;
  };
  for (const channel of store.channels.values()) {
    for (const id of channel.readers) of(id).reads.push(channel.id);
    for (const id of channel.writers) of(id).writes.push(channel.id);
  }
  return ends;
});

export interface Hand {
  /** number and sender of the message it works on, null: none that could be followed */
  readonly message: { readonly number: number; readonly sender: number; readonly text: string } | null;
  /** number of the message that it sends next, null: it sends none, or too many to follow */
  readonly next: number | null;
}

const EMPTY: Hand = { message: null, next: null };

/** Subscribes the caller to the channels of that process and to no others. */
export function handOf(row: Row): Hand {
  const ends = endsOf.value.get(row.id);
  if (ends === undefined) return EMPTY;
  const slow = (id: number): boolean => (store.channel(id).value?.rate ?? 0) <= FOLLOWED;
  const told = ends.reads.filter(slow).flatMap((id) => store.messages(id).value);
  const held = told.length === 0 ? null : inHand(row, told);
  const from = held === null ? undefined : store.channel(held.channel).peek();
  const message = held === null ? null : { number: held.number, text: held.text, sender: from ? senderOf(from, held) : held.sender };
  let next: number | null = null;
  for (const id of ends.writes.filter(slow)) {
    for (const m of store.messages(id).value) if (m.sender === row.id) next = Math.max(next ?? 0, m.number + 1);
  }
  return message === null && next === null ? EMPTY : { message, next };
}
