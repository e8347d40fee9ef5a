/** A channel's numbers as words and sums. Pure. */
import { channelTexts } from '../i18n/channel';
import { duration, number } from '../i18n/numbers';
import { KEPT_STEPS, type Message } from '../state/mail';
import type { Channel } from '../wire';

/** ms as a person reads them: '0,052 ms', '12,3 ms', '1,25 s'. */
export function millis(ms: number): string {
  if (ms === 0) return '0';
  if (ms >= 1000) return duration(ms / 1000);
  return `${number(ms, ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0)}\u00a0ms`;
}

/** What a channel holds at most: the kernel counts in pages, so in KiB where that is whole. */
export const most = (bytes: number): string => (bytes >= 1024 && bytes % 1024 === 0 ? `${number(bytes / 1024)}\u00a0KiB` : `${number(bytes)}\u00a0bytes`);

export interface Conservation {
  readonly words: string;
  /** messages too many on the sent side; 0: it adds up */
  readonly off: number;
}

/** sent = received + inside + lost; null where one of them cannot be known. */
export function conservationOf({ sent, received, depth, lost }: Pick<Channel, 'sent' | 'received' | 'depth' | 'lost'>): Conservation | null {
  if (sent === null || received === null || depth === null || lost === null) return null;
  return { words: channelTexts().sum(sent, received, depth, lost), off: sent - received - depth - lost };
}

/** Says which part of the messages is seen, '' where there are none. */
export function shareOf(channel: Channel, messages: readonly Message[]): string {
  const t = channelTexts();
  if (messages.length === 0) return '';
  const shown = Math.min(KEPT_STEPS, messages.reduce((sum, m) => sum + Number(m.seen) + Number(m.receiver !== null) + Number(m.lostAt !== null), 0));
  if (!channel.sampled && (channel.skipped ?? 0) === 0) return t.last(messages.length);
  return t.sample((channel.sent ?? 0) + (channel.received ?? 0) + (channel.lost ?? 0), shown);
}

/** How long a message was in the channel, or that it still is. */
export function stayOf(m: Message): string {
  const t = channelTexts();
  if (m.lostAt !== null) return t.lost;
  if (m.receivedAt === null) return t.inside;
  return m.sentAt === null ? '' : millis(Math.max(0, m.receivedAt - m.sentAt));
}
