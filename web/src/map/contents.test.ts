import { describe, expect, it } from 'vitest';
import type { Message } from '../state/store';
import { contentsOf, inHand, sampleOf, spoken } from './contents';
import { figures } from './dot';

const message = (number: number, change: Partial<Message> = {}): Message => ({
  channel: 9, sender: 2, number, size: 4, text: `m${number}`, sentAt: number, seen: true, receiver: null, receivedAt: null, lostAt: null, ...change,
}); // prettier-ignore
const got = (number: number, receiver = 3): Message => message(number, { receiver, receivedAt: 100 + number });
const one = { writers: [2], sent: 20, depth: 3, made: true };
const numbers = (dots: readonly { readonly number: number | null }[]): (number | null)[] => dots.map((dot) => dot.number);

describe('what is in a channel', () => {
  it('is what was sent and not received, the next one out first', () => {
    expect(numbers(contentsOf(one, [got(17), message(18), message(19), message(20)]).dots)).toEqual([18, 19, 20]);
  });

  it('takes out all that a sender sent before what came out, though nobody told of it', () => {
    const mixed = [message(4), message(5), message(7, { sender: 6 }), got(6), message(7)];
    expect(contentsOf({ ...one, writers: [2, 6], depth: 2 }, mixed).dots.map((dot) => [dot.sender, dot.number])).toEqual([[6, 7], [2, 7]]);
  });

  it('believes the depth: too many are cut at the exit, missing ones of a single sender are counted back', () => {
    expect(numbers(contentsOf({ ...one, depth: 2 }, [message(18), message(19), message(20)]).dots)).toEqual([19, 20]);
    expect(numbers(contentsOf(one, [message(20)]).dots)).toEqual([18, 19, 20]);
    expect(numbers(contentsOf(one, []).dots)).toEqual([18, 19, 20]);
    expect(contentsOf({ ...one, depth: 0 }, [message(20)]).dots).toEqual([]);
  });

  it('gives no number that it does not know', () => {
    expect(numbers(contentsOf({ made: true, writers: [2, 6], sent: 20, depth: 2 }, []).dots)).toEqual([null, null]);
    expect(numbers(contentsOf({ made: true, writers: [2], sent: null, depth: 2 }, []).dots)).toEqual([null, null]);
    expect(contentsOf({ made: true, writers: [2], sent: null, depth: null }, [])).toEqual({ dots: [], depth: null });
  });

  it('takes the only writer of a foreign channel for the sender that is not told', () => {
    const told = [message(1, { sender: 0 }), message(2, { sender: 0 })];
    expect(contentsOf({ made: false, writers: [2], sent: null, depth: 2 }, told).dots.map((dot) => dot.sender)).toEqual([2, 2]);
    expect(contentsOf({ made: true, writers: [2], sent: 2, depth: 2 }, told).dots.map((dot) => dot.sender)).toEqual([0, 0]);
  });

  it('a lost message is in no channel', () => {
    expect(numbers(contentsOf({ ...one, depth: null }, [message(18, { lostAt: 5 }), message(19)]).dots)).toEqual([19]);
  });

  it('a message is in hand until its receiver reads again', () => {
    const told = [got(16), got(17, 4), message(18)];
    expect(inHand({ id: 3, waits: 'sleep' }, told)?.number).toBe(16);
    expect(inHand({ id: 3, waits: 'read' }, told)).toBeNull();
    expect(inHand({ id: 7, waits: '' }, told)).toBeNull();
  });

  it('says of how many messages one is seen, and only above what a person can follow', () => {
    expect([null, 0, 2, 12].map((rate) => sampleOf({ rate, sampled: false }))).toEqual([1, 1, 1, 1]);
    expect(sampleOf({ rate: 20_000, sampled: true })).toBe(1700);
    expect(sampleOf({ rate: 5, sampled: true })).toBe(2);
  });

  it('leaves out what fills a text up, and writes long numbers short', () => {
    expect([spoken('message 10......'), spoken('a. b.'), spoken('...')]).toEqual(['message 10', 'a. b.', '']);
    expect([1, 999, 1234, null].map(figures)).toEqual(['1', '999', '…34', '']);
  });
});
