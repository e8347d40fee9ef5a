/** The last messages of each channel: what was told of them, with sending and receiving put together. */
import type { MessageRow } from '../wire';

/** Steps kept of each channel; the oldest are dropped. */
export const KEPT_STEPS = 200;

/** A message as far as its steps have come here: the server sends a sample when there are too many to follow. */
export interface Message {
  readonly channel: number;
  /** id of who sent it; 0: the teacher, or a process that is no longer there */
  readonly sender: number;
  /** the sender's own count, from 1 */
  readonly number: number;
  /** bytes of payload */
  readonly size: number;
  /** how it begins; hostile text */
  readonly text: string;
  /** ms since the epoch, null unknown */
  readonly sentAt: number | null;
  /** its sending was told, not only its receiving */
  readonly seen: boolean;
  /** id of who has it or had it, null: nobody yet, as far as is known */
  readonly receiver: number | null;
  /** ms since the epoch */
  readonly receivedAt: number | null;
  readonly lostAt: number | null;
}

interface Box {
  /** oldest first, by their first step */
  messages: Message[];
  steps: number;
  /** index + dropped of the newest message with that key */
  readonly places: Map<string, number>;
  dropped: number;
}

const keyOf = (sender: number, number: number): string => `${sender}/${number}`;

export class Mail {
  private readonly boxes = new Map<number, Box>();

  /** Takes steps in their order. Returns the channels that they belong to. */
  take(rows: readonly MessageRow[]): ReadonlySet<number> {
    const touched = new Set<number>();
    for (const row of rows) {
      let box = this.boxes.get(row[0]);
      if (box === undefined) {
        box = { messages: [], steps: 0, places: new Map(), dropped: 0 };
        this.boxes.set(row[0], box);
      }
      // A new list once a batch: views compare by identity.
      if (!touched.has(row[0])) box.messages = box.messages.slice();
      touched.add(row[0]);
      take(box, row);
    }
    return touched;
  }

  /** Oldest first. Another array when anything changed. */
  of(channel: number): readonly Message[] {
    return this.boxes.get(channel)?.messages ?? NONE;
  }

  forget(channel: number): void {
    this.boxes.delete(channel);
  }

  clear(): void {
    this.boxes.clear();
  }
}

const NONE: readonly Message[] = [];

function take(box: Box, [channel, step, process, sender, number, size, at, sentAt, text]: MessageRow): void {
  const known = place(box, sender, number, sentAt);
  const old = known === undefined ? undefined : box.messages[known];
  // The numbers of a sender only rise: the same step again is another message (of another sender without a name).
  const fresh = old === undefined || (step === 'sent' ? old.seen : step === 'received' ? old.receiver !== null : old.lostAt !== null);
  const base: Message = fresh
    ? { channel, sender, number, size, text, sentAt: sentAt > 0 ? sentAt : null, seen: false, receiver: null, receivedAt: null, lostAt: null }
    : old;
  const next: Message = {
    ...base,
    sentAt: base.sentAt ?? (step === 'sent' ? at : null),
    seen: base.seen || step === 'sent',
    receiver: step === 'received' ? process : base.receiver,
    receivedAt: step === 'received' ? at : base.receivedAt,
    lostAt: step === 'lost' ? at : base.lostAt,
  };
  box.steps++;
  if (!fresh && known !== undefined) box.messages[known] = next;
  else {
    box.messages.push(next);
    box.places.set(keyOf(sender, number), box.messages.length - 1 + box.dropped);
  }
  while (box.steps > KEPT_STEPS) drop(box);
}

/** Where the message of that sender and number stands. Its sender may have ended between its steps: then by when it was sent. */
function place(box: Box, sender: number, number: number, sentAt: number): number | undefined {
  const at = box.places.get(keyOf(sender, number));
  if (at !== undefined) return at - box.dropped;
  if (sender !== 0 || sentAt <= 0) return undefined;
  const found = box.messages.findLastIndex((m) => m.number === number && m.sentAt === sentAt && m.receiver === null);
  return found < 0 ? undefined : found;
}

function drop(box: Box): void {
  const [first] = box.messages.splice(0, 1);
  if (first === undefined) return;
  const key = keyOf(first.sender, first.number);
  if (box.places.get(key) === box.dropped) box.places.delete(key);
  box.dropped++;
  box.steps -= Number(first.seen) + Number(first.receiver !== null) + Number(first.lostAt !== null);
}
