import { describe, expect, it } from 'vitest';
import type { MessageRow } from '../wire';
import { KEPT_STEPS, Mail } from './mail';

const sent = (number: number, at: number, sender = 2, channel = 9): MessageRow => [channel, 'sent', sender, sender, number, 16, at, at, `message ${number}`];
const received = (number: number, at: number, sentAt: number, sender = 2, channel = 9): MessageRow => [channel, 'received', 3, sender, number, 16, at, sentAt, `message ${number}`];
const lost = (number: number, at: number, sentAt: number, sender = 2): MessageRow => [9, 'lost', 3, sender, number, 16, at, sentAt, ''];

const shown = (rows: readonly MessageRow[]): readonly unknown[] => {
  const mail = new Mail();
  mail.take(rows);
  return mail.of(9).map((m) => [m.sender, m.number, m.sentAt, m.receivedAt, m.lostAt]);
};

describe('mail', () => {
  it.each<[string, readonly MessageRow[], readonly unknown[]]>([
    ['a message on its way', [sent(1, 10)], [[2, 1, 10, null, null]]],
    ['sending and receiving are one message', [sent(1, 10), sent(2, 20), received(1, 30, 10)], [[2, 1, 10, 30, null], [2, 2, 20, null, null]]],
    ['two senders count apart', [sent(1, 10), sent(1, 11, 4), received(1, 12, 11, 4)], [[2, 1, 10, null, null], [4, 1, 11, 12, null]]],
    ['only its receiving was in the sample', [received(7, 30, 10)], [[2, 7, 10, 30, null]]],
    ['its receiving came first', [received(7, 30, 10), sent(7, 10)], [[2, 7, 10, 30, null]]],
    ['its sender ended in between', [sent(1, 10), received(1, 30, 10, 0)], [[2, 1, 10, 30, null]]],
    ['the teacher sends, who has no numbers of his own', [received(1, 30, 10, 0), received(1, 50, 40, 0)], [[0, 1, 10, 30, null], [0, 1, 40, 50, null]]],
    ['lost with its receiver', [sent(1, 10), received(1, 20, 10), lost(1, 30, 10)], [[2, 1, 10, 20, 30]]],
    ['when it was sent is not known', [[9, 'received', 3, 2, 1, 4, 30, 0, 'x']], [[2, 1, null, 30, null]]],
  ])('%s', (_, rows, want) => {
    expect(shown(rows)).toEqual(want);
  });

  it('keeps the last steps, whole messages, and pairs them after the dropping too', () => {
    const mail = new Mail();
    for (let i = 1; i <= 500; i++) mail.take([sent(i, i * 10), received(i, i * 10 + 5, i * 10)]);
    expect(mail.of(9).length).toBe(KEPT_STEPS / 2);
    expect(mail.of(9).at(-1)).toMatchObject({ number: 500, sentAt: 5000, receivedAt: 5005, seen: true });
    mail.take([sent(501, 6000)]);
    mail.take([received(501, 6001, 6000)]);
    expect(mail.of(9).at(-1)).toMatchObject({ number: 501, receivedAt: 6001 });
    expect(mail.of(9)[0]?.number).toBe(402);
  });

  it('gives another list only where something came, and forgets', () => {
    const mail = new Mail();
    expect([...mail.take([sent(1, 10), sent(1, 10, 2, 8)])].sort()).toEqual([8, 9]);
    const [first, other] = [mail.of(9), mail.of(8)];
    mail.take([sent(2, 20)]);
    expect(mail.of(9)).not.toBe(first);
    expect(first.length).toBe(1);
    expect(mail.of(8)).toBe(other);
    mail.forget(9);
    expect(mail.of(9)).toEqual([]);
  });
});
