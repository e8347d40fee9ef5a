/** Messages as arrows from the sender's lane to the receiver's: a space-time diagram. Pure. */
import type { Message } from '../state/mail';
import type { Channel } from '../wire';

export interface Arrow {
  /** id */
  readonly channel: number;
  readonly number: number;
  /** ms since the epoch */
  readonly sentAt: number;
  /** null: on its way, or its receiving was not in the sample */
  readonly receivedAt: number | null;
  /** ids */
  readonly sender: number;
  readonly receiver: number | null;
  readonly lost: boolean;
}

/** Channels whose messages are drawn: the selected one, or those that the selected process reads or writes. */
export function channelsOf(channels: ReadonlyMap<number, Channel>, process: number | null, channel: number | null): readonly number[] {
  if (channel !== null) return channels.has(channel) ? [channel] : [];
  if (process === null) return [];
  return [...channels.values()].filter((c) => c.writers.includes(process) || c.readers.includes(process)).map((c) => c.id);
}

/** Arrows that touch left..right. process: only its own messages; null: all. */
export function arrowsOf(messages: readonly Message[], process: number | null, left: number, right: number): readonly Arrow[] {
  const arrows: Arrow[] = [];
  for (const m of messages) {
    if (m.sentAt === null || m.sender === 0 || m.sentAt > right || (m.receivedAt ?? Infinity) < left) continue;
    if (process !== null && m.sender !== process && m.receiver !== process) continue;
    arrows.push({ channel: m.channel, number: m.number, sentAt: m.sentAt, receivedAt: m.receivedAt, sender: m.sender, receiver: m.receiver, lost: m.lostAt !== null });
  }
  return arrows;
}
