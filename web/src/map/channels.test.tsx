import { options, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../i18n';
import { store } from '../state/store';
import { channelOf, processOf, snapshotOf, valuesOf } from '../state/testing';
import type { MessageRow, Process, ServerMessage } from '../wire';
import { MapView } from './MapView';
import { plot } from './plot';

let host: HTMLElement;
let pid = 19_000;
let seq = 0;

const producer = (change: Partial<Process> = {}): Process => processOf({ id: 2, workload: 'queue', role: 'producer', label: 'queue', ...change });
const consumer = (change: Partial<Process> = {}): Process => processOf({ id: 3, workload: 'queue', role: 'consumer', label: 'queue', ...change });
const queue = channelOf({ id: 9, kind: 'queue', slots: 5, depth: 3, sent: 19, received: 16, capacity: null, fill: null, writers: [2], readers: [3], rate: 2 });
const pipe = channelOf({ id: 9, kind: 'pipe', depth: null, sent: null, received: null, capacity: null, fill: null, rate: null, made: false, writers: [2], readers: [3] });
const sent = (number: number): MessageRow => [9, 'sent', 2, 2, number, 4, 1000 + number, 1000 + number, `message ${number}....`];
const received = (number: number): MessageRow => [9, 'received', 3, 2, number, 4, 2000 + number, 1000 + number, `message ${number}....`];

const vessel = (): HTMLElement => host.querySelector<HTMLElement>('.vessel[data-channel="9"]')!;
const card = (id: number): HTMLElement => host.querySelector<HTMLElement>(`.card[data-id="${id}"]`)!;
const dots = (of: Element): string[] => [...of.querySelectorAll<SVGElement>('.dot')].filter((dot) => (dot.dataset['message'] ?? '') !== '').map((dot) => dot.querySelector('text')!.textContent);
const settle = (): Promise<void> => act(async () => {
    await vi.advanceTimersByTimeAsync(60);
  });
const frame = async (...messages: ServerMessage[]): Promise<void> => {
  store.apply(messages, performance.now());
  await settle();
};
const open = async (channel = queue, processes: Process[] = [producer(), consumer()]): Promise<void> => {
  const root = processOf({ id: 1, pid, name: 'vivero', label: 'vivero', workload: '' });
  await frame(snapshotOf([root, ...processes], { seq, at: 10_000, channels: [channel] }));
  await act(() => render(<MapView />, host));
  await settle();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
  options.debounceRendering = (draw) => void setTimeout(draw);
  setLanguage('es');
  pid++;
  host = document.createElement('div');
  document.body.append(host);
  store.selected.value = null;
  store.selectedChannel.value = null;
});

afterEach(async () => {
  render(null, host);
  host.remove();
  await vi.runOnlyPendingTimersAsync();
  vi.useRealTimers();
});

describe('channels on the map', () => {
  it('rests each message in its slot, the oldest at the exit, in its sender’s hue', async () => {
    await open();
    expect(vessel().textContent).toContain('cola: 3 de 5');
    expect(vessel().textContent).toContain('2 mensajes/s');
    expect(dots(vessel())).toEqual(['17', '18', '19']);
    const hue = (card(2).querySelector<HTMLElement>('.chip'))!.dataset['hue'];
    expect(vessel().querySelector<SVGElement>('.dot')!.dataset['hue']).toBe(hue);
    expect(vessel().getAttribute('aria-label')).toBe('cola de productor 1 a consumidor 2, cola: 3 de 5');
  });

  it('puts a received message into its reader’s hand, and makes no element for it', async () => {
    await open();
    const elements = host.querySelectorAll('*').length;
    const scene = plot.scene.value;
    await frame({ kind: 'delta', at: 10_100, messages: [sent(17), sent(18), sent(19), received(17)], channels: [{ ...queue, depth: 2, received: 17 }], values: [valuesOf(consumer({ waits: 'sleep' }))] });
    // On their way they are not in it yet; 200 ms later they rest.
    expect(dots(vessel())).toEqual([]);
    for (let i = 0; i < 8; i++) await settle();
    expect(dots(vessel())).toEqual(['18', '19']);
    expect(host.querySelector('.flyer.up')).toBeNull();
    expect(card(3).textContent).toContain('con el mensaje');
    expect(dots(card(3))).toEqual(['17']);
    await frame({ kind: 'delta', at: 10_200, values: [valuesOf(consumer({ waits: 'read', on: 9 }))] });
    expect(card(3).classList.contains('has-hand')).toBe(false);
    expect(host.querySelectorAll('*')).toHaveLength(elements);
    expect(plot.scene.value).toBe(scene);
  });

  it('shows a valve only at a writer that is blocked in write, and no number that is not known', async () => {
    await open(pipe);
    expect(vessel().querySelector('.valve.shut')).toBeNull();
    expect(vessel().textContent).toContain('tubería');
    expect(vessel().textContent).not.toMatch(/\d/);
    await frame({ kind: 'delta', at: 11_000, channels: [{ ...pipe, blocked: [{ process: 2, op: 'write', since: 10_000 }] }] });
    expect(vessel().querySelector('.valve.shut')).not.toBeNull();
    await frame({ kind: 'delta', at: 11_100, channels: [{ ...pipe, blocked: [{ process: 3, op: 'read', since: 10_000 }] }] });
    expect(vessel().querySelector('.valve.shut')).toBeNull();
  });

  it('says that dots are a sample when there are too many to follow', async () => {
    await open({ ...queue, rate: 20_000 });
    expect(vessel().textContent).toContain('muestra: 1 de 1700');
    expect(vessel().textContent).toMatch(/20.000 mens\.\/s/);
  });

  it('is selected by a click and by Enter', async () => {
    await open();
    const at: PointerEventInit = { bubbles: true, pointerId: 1, pointerType: 'mouse', button: 0, clientX: 50, clientY: 50 };
    vessel().dispatchEvent(new PointerEvent('pointerdown', at));
    vessel().dispatchEvent(new PointerEvent('pointerup', at));
    expect([store.selectedChannel.value, store.selected.value]).toEqual([9, null]);
    await settle();
    expect(vessel().getAttribute('aria-pressed')).toBe('true');
    vessel().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(store.selectedChannel.value).toBeNull();
    vessel().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    expect(store.selectedChannel.value).toBe(9);
    expect(vessel().tabIndex).toBe(0);
  });

  it('keeps channel and places while the card of a killed end fades', async () => {
    await open();
    const at = [2, 3].map((id) => card(id).style.transform);
    await frame(
      { kind: 'exited', seq: ++seq, at: 10_100, id: 3, pid: 4003, ppid: pid, name: 'queue', label: 'queue', signal: 'KILL' },
      { kind: 'delta', at: 10_100, gone: [3], channels: [{ ...queue, readers: [] }] },
    );
    expect([2, 3].map((id) => card(id).style.transform)).toEqual(at);
    expect(host.querySelector('[data-line="c9:p3"]')).not.toBeNull();
    store.expire(performance.now() + 4000);
    await settle();
    expect(host.querySelector('[data-line="c9:p3"]')).toBeNull();
    expect(dots(vessel())).toEqual(['17', '18', '19']);
  });
});
