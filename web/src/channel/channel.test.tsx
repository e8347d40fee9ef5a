import { render } from 'preact';
import { act } from 'preact/test-utils';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n';
import { Inspector } from '../inspector/Inspector';
import { countTop } from '../inspector/scale';
import { refusal, selectChannel } from '../state/actions';
import { api, Refused } from '../state/api';
import { parseFrame } from '../state/model';
import { store } from '../state/store';
import { channelOf, processOf, snapshotOf } from '../state/testing';
import type { Channel, MessageRow } from '../wire';
import { conservationOf, millis, most, shareOf, stayOf } from './figures';
import { channelName } from './name';

// The canvas of a chart needs a browser; the end-to-end tests have one.
vi.mock('../inspector/Chart', () => ({ Chart: () => null }));

const at = 1_767_225_602_000;
const tree = [processOf({ id: 1, workload: '', label: 'vivero' }), processOf({ id: 2, workload: 'queue', role: 'producer' }), processOf({ id: 3, workload: 'queue', role: 'consumer', waits: 'read', on: 7 }), processOf({ id: 8 })];
const queue = channelOf({
  id: 7, kind: 'queue', name: 'queue', slots: 5, depth: 3, fill: 264, capacity: 440, sent: 120, received: 117, lost: 0, writers: [2], readers: [3], rate: 2.5,
  latency: { p50: 0.052, p99: 12.34 }, blocked: [{ process: 3, op: 'read', since: at - 2300 }],
}); // prettier-ignore
const message: MessageRow = [7, 'sent', 2, 2, 9, 64, at - 100, at - 100, '<b>hi</b>\u001b[2J...........'];

let host: HTMLElement;

beforeEach(() => {
  language.value = 'es';
  refusal.value = null;
  store.status.value = 'live';
  store.apply([snapshotOf(tree, { at: at - 4000 }), snapshotOf(tree, { at: at - 3000, channels: [queue] }), { kind: 'delta', at, messages: [message] }], 0);
  host = document.createElement('div');
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
  selectChannel(null);
});

const open = (id: number): Promise<void> =>
  act(() => {
    selectChannel(id);
    render(<Inspector />, host);
  });
const text = (selector: string): string => (host.querySelector(selector)?.textContent ?? '').replace(/[\u00a0\u202f]/g, ' ');

describe('figures', () => {
  it.each([
    [0, '0'],
    [0.0521, '0,052 ms'],
    [9.8765, '9,88 ms'],
    [123.4, '123 ms'],
    [1690, '1,69 s'],
  ])('%d ms', (ms, want) => expect(millis(ms).replace('\u00a0', ' ')).toBe(want));

  it.each([
    [65_536, '64 KiB'],
    [440, '440 bytes'],
    [1000, '1000 bytes'],
  ])('%d bytes at most', (n, want) => expect(most(n).replace('\u00a0', ' ')).toBe(want));

  it.each<[Partial<Channel>, string | undefined, number | undefined]>([
    [{ sent: 120, received: 117, depth: 3, lost: 0 }, 'enviados 120 = recibidos 117 + dentro 3 + perdidos 0', 0],
    [{ sent: 120, received: 110, depth: 3, lost: 5 }, 'enviados 120 = recibidos 110 + dentro 3 + perdidos 5', 2],
    [{ sent: null, received: null, depth: 3, lost: null }, undefined, undefined],
  ])('%#', (fields, words, off) => {
    const sum = conservationOf(channelOf({ id: 1, ...fields }));
    expect([sum?.words, sum?.off]).toEqual([words, off]);
  });

  it('says when the messages are a sample', () => {
    const messages = store.messages(7).value;
    expect(shareOf(queue, messages)).toBe('el último');
    expect(shareOf({ ...queue, skipped: 200 }, messages)).toMatch(/^de 237 pasos se muestran 1 \(muestra\)/);
    expect(shareOf(queue, [])).toBe('');
  });

  it.each([
    [{ receivedAt: null, lostAt: null }, 'dentro'],
    [{ receivedAt: 1250, lostAt: null }, '250 ms'],
    [{ receivedAt: 1250, lostAt: 1300 }, 'perdido'],
  ])('%o', (fields, want) => {
    const base = { channel: 7, sender: 2, number: 1, size: 1, text: '', sentAt: 1000, seen: true, receiver: 3 };
    expect(stayOf({ ...base, ...fields }).replace('\u00a0', ' ')).toBe(want);
  });

  it('names: ours in the reader’s language, others’ as they are', () => {
    expect([channelName({ name: 'pipe 2', kind: 'pipe', made: true }), channelName({ name: 'pipe\u001b', kind: 'pipe', made: false }), channelName({ name: '', kind: 'socket', made: false })]).toEqual(['tubería 2', 'pipe\u241b', 'par de sockets']);
  });

  it('scales reach round numbers', () => {
    expect([countTop([], 4), countTop([11], 4), countTop([0.3, null], 0.01), countTop([95], 2)]).toEqual([4, 20, 0.4, 100]);
  });
});

describe('the inspector of a channel', () => {
  it('says who holds it, what is in it and that it adds up', async () => {
    await open(7);
    expect(text('h2')).toBe('cola');
    expect(text('.facts')).toContain('escribe1productor 4002lee2consumidor 4003');
    expect(text('.facts')).toContain('bytes dentro264, como máximo 440 bytes');
    expect(text('.facts')).toContain('mensajes dentro3 de 5');
    expect(text('.facts')).toContain('la mitad ≤ 0,052 ms');
    expect(text('.conservation')).toContain('enviados 120 = recibidos 117 + dentro 3 + perdidos 0 ✓');
    expect(text('.channel-blocked')).toContain('bloqueado leyendo desde hace 2,30 s');
  });

  it('shows messages literally, by sender, and that one is inside', async () => {
    await open(7);
    const cells = [...host.querySelectorAll('.messages td')].map((cell) => cell.textContent);
    expect(cells).toEqual(['9', '1productor', '', 'dentro', '64', '<b>hi</b>␛[2J…']);
    expect(host.querySelector('.messages b')).toBeNull();
  });

  it('says what cannot be known, never nought', async () => {
    await act(() => store.apply(parseFrame(readFileSync('server/stream/testdata/channels.json', 'utf8')), 0));
    await open(8);
    expect(text('h2')).toBe('tubería');
    expect(text('.facts').match(/no se puede saber: el programa no lleva registrador/g)?.length).toBe(3);
    expect(text('.facts')).toMatch(/bytes dentro65 536, como máximo 64 KiB/);
    expect(text('.conservation')).toContain('no se puede saber');
    expect(text('.inspector-reason')).toContain('EPIPE');
    expect(host.querySelector('form')).toBeNull();
  });

  it('sends a message, says the server’s sentence when refused, and is not offered to viewers', async () => {
    const send = vi.spyOn(api, 'send').mockRejectedValueOnce(new Refused('send to queue: it is full', 409)).mockResolvedValue({ sent: true });
    await open(7);
    const input = host.querySelector<HTMLInputElement>('#send-text')!;
    const submit = (): Promise<void> =>
      act(async () => {
        host.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }));
        await Promise.resolve();
      });
    await submit();
    expect(send).not.toHaveBeenCalled();
    input.value = 'hola';
    await submit();
    await vi.waitFor(() => expect(text('.send .refusal')).toBe('send to queue: it is full'));
    expect(input.value).toBe('hola');
    await submit();
    await vi.waitFor(() => expect(text('.send-done')).toBe('enviado'));
    expect(send.mock.calls).toEqual([[7, 'hola'], [7, 'hola']]); // prettier-ignore
    await act(() => store.apply([snapshotOf(tree, { at, role: 'viewer', channels: [queue] })], 0));
    expect(host.querySelector('form')).toBeNull();
  });

  it('stays with its last numbers when nobody holds it any more', async () => {
    await open(7);
    await act(() => store.apply([{ kind: 'delta', at: at + 100, goneChannels: [7] }], 100));
    expect(text('.inspector-reason')).toBe('Ya no la tiene ningún proceso del árbol.');
    expect(text('.conservation')).toContain('enviados 120');
    expect(host.querySelector('form')).toBeNull();
  });
});
