/** What is in a channel, as its vessel draws it. Pure: from the channel's numbers and the messages that were told. */

import type { Message } from '../state/store';
import type { Channel } from '../wire';

/** One message at rest. */
export interface Dot {
  /** the sender's own count, null where it is not known */
  readonly number: number | null;
  /** id of the sender; 0 the teacher or nobody known */
  readonly sender: number;
  readonly text: string;
}

export interface Contents {
  /** the next one out first */
  readonly dots: readonly Dot[];
  /** messages in it, null unknown */
  readonly depth: number | null;
}

/** Who sent it: where frames do not say, a channel with one writer does. The teacher's own go into ours only. */
export function senderOf(channel: Pick<Channel, 'made' | 'writers'>, message: Pick<Message, 'sender'>): number {
  return message.sender === 0 && !channel.made && channel.writers.length === 1 ? (channel.writers[0] as number) : message.sender;
}

/**
 * The messages that were sent and not received. A sender's messages keep their order, so one that came out tells that
 * all before it did too, though a sample told nothing of them. Where the depth is known it decides: too many told are
 * cut at the exit, and missing ones are dots without a number.
 */
export function contentsOf(channel: Pick<Channel, 'depth' | 'writers' | 'sent' | 'made'>, messages: readonly Message[]): Contents {
  const { depth } = channel;
  const out = new Map<number, number>();
  for (const m of messages) if (m.receiver !== null || m.lostAt !== null) out.set(senderOf(channel, m), Math.max(out.get(senderOf(channel, m)) ?? 0, m.number));
  const inside = messages.filter((m) => m.receiver === null && m.lostAt === null && m.number > (out.get(senderOf(channel, m)) ?? 0));
  const known = inside.map((m): Dot => ({ number: m.number, sender: senderOf(channel, m), text: m.text }));
  if (depth === null) return { dots: known, depth: known.length > 0 || messages.length > 0 ? known.length : null };
  if (known.length >= depth) return { dots: known.slice(known.length - depth), depth };
  return { dots: [...missing(channel, depth, known), ...known], depth };
}

/** Messages that nobody told of stand at the exit: they were there first. The numbers of a single sender can be counted back. */
function missing({ writers, sent }: Pick<Channel, 'writers' | 'sent'>, depth: number, known: readonly Dot[]): Dot[] {
  const sender = writers.length === 1 ? (writers[0] as number) : 0;
  const next = known[0]?.number ?? (sent === null ? null : sent + 1);
  const count = depth - known.length;
  const countable = sender !== 0 && next !== null && known.every((dot) => dot.sender === sender) && next > count;
  return Array.from({ length: Math.min(count, 64) }, (_, i) => ({ number: countable ? next - count + i : null, sender, text: '' }));
}

/** A text without what fills it up to its size. */
export const spoken = (text: string): string => text.replace(/\.{3,}$/, '');

/** Messages a second that a person can follow with the eyes. */
export const FOLLOWED = 12;

/** To two figures: it is an estimate. */
function rounded(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1);
  return Math.round(n / unit) * unit;
}

/** One of how many messages is seen as a dot; 1: each one is. */
export function sampleOf({ rate, sampled }: Pick<Channel, 'rate' | 'sampled'>): number {
  const one = rate === null || rate <= FOLLOWED ? 1 : Math.max(2, rounded(rate / FOLLOWED));
  return one === 1 && sampled ? 2 : one;
}

/** The message that a process works on: the last that it received, until it reads or looks for another. */
export function inHand(process: { readonly id: number; readonly waits: string }, messages: readonly Message[]): Message | null {
  if (process.waits === 'read' || process.waits === 'events') return null;
  const had = messages.filter((m) => m.receiver === process.id && m.lostAt === null);
  return had.reduce<Message | null>((last, m) => (last !== null && (m.receivedAt ?? 0) < (last.receivedAt ?? 0) ? last : m), null);
}
