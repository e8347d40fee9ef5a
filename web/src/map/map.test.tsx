import { options, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../i18n';
import { menu } from '../menu/ActionMenu';
import { lastStarted } from '../state/actions';
import { store } from '../state/store';
import { processOf, rowOf, snapshotOf, valuesOf } from '../state/testing';
import type { Process, ServerMessage } from '../wire';
import { MapView } from './MapView';
import { plot } from './plot';

let host: HTMLElement;
let pid = 9000;
let seq = 0;

const root = (): Process => processOf({ id: 1, pid, name: 'vivero', label: 'vivero', workload: '' });
const card = (id: number): HTMLElement => host.querySelector<HTMLElement>(`.card[data-id="${id}"]`)!;
const settle = (): Promise<void> => act(async () => {
    await vi.advanceTimersByTimeAsync(60);
  });
const frame = async (...messages: ServerMessage[]): Promise<void> => {
  store.apply(messages, performance.now());
  await settle();
};
const pointer = (type: string, target: Element, fields: PointerEventInit = {}): void => {
  target.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, pointerType: 'mouse', button: 0, clientX: 50, clientY: 50, ...fields }));
};
const key = (target: Element, name: string): void => void target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
  options.debounceRendering = (draw) => void setTimeout(draw);
  setLanguage('es');
  pid++; // another server: nothing of the test before keeps its place
  host = document.createElement('div');
  document.body.append(host);
  store.selected.value = null;
  await frame(snapshotOf([root(), processOf({ id: 2 }), processOf({ id: 3 }), processOf({ id: 4, state: 'T' })], { seq }));
  await act(() => render(<MapView />, host));
  await settle();
});

afterEach(async () => {
  render(null, host);
  host.remove();
  menu.value = null;
  await vi.runOnlyPendingTimersAsync(); // a frame that was asked for and never came would stop all later ones
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the map', () => {
  it('shows each process once, with pid, number and word, as a tree', () => {
    expect([...host.querySelectorAll('.card')].map((c) => c.getAttribute('data-id'))).toEqual(['1', '2', '3', '4']);
    expect(card(3).dataset['pid']).toBe('4003');
    expect(card(3).textContent).toContain('4003');
    expect(card(3).querySelector('.chip')?.textContent).toBe('2');
    expect(card(4).textContent).toContain('detenido');
    expect(card(4).getAttribute('aria-label')).toMatch(/^primos 3, pid 4004, detenido/);
    expect(card(2).getAttribute('aria-level')).toBe('2');
    expect(card(1).getAttribute('aria-expanded')).toBe('true');
    expect([...host.querySelectorAll('[role="treeitem"][tabindex="0"]')]).toHaveLength(1);
  });

  it('writes new values into the card and lays nothing out', async () => {
    const before = plot.scene.value;
    const element = card(2);
    await frame({ kind: 'delta', at: 1, values: [valuesOf(processOf({ id: 2, state: 'R', cpu: 0.97 }))] });
    expect(plot.scene.value).toBe(before);
    expect(card(2)).toBe(element);
    expect(element.textContent).toMatch(/97\s%/);
    expect(element.querySelector<HTMLElement>('.card-bar')!.style.transform).toBe('scaleX(0.97)');
    expect(element.dataset['state']).toBe('computing');
  });

  it('selects what was under the pointer when it was pressed, however the tree moves', async () => {
    pointer('pointerdown', card(3));
    await frame({ kind: 'delta', at: 2, rows: [rowOf(processOf({ id: 5, parent: 2, pid: 4005 }))], gone: [4] });
    pointer('pointerup', card(2));
    expect(store.selected.value).toBe(3);
  });

  it('keeps the place of an ended one while the pointer is here, and closes it afterwards', async () => {
    const at = (id: number): string => card(id).style.transform;
    const before = at(4);
    pointer('pointermove', card(4));
    await frame({ kind: 'exited', seq: ++seq, at: 3, id: 2, pid: 4002, ppid: pid, name: 'primes', label: 'primes', signal: 'KILL' }, { kind: 'delta', at: 3, gone: [2] });
    expect(card(2).textContent).toContain('SIGKILL');
    expect(card(2).querySelector('.card-inside')!.className).toContain('ended');
    store.expire(performance.now() + 4000);
    await settle();
    expect(at(4)).toBe(before);
    pointer('pointerleave', host.querySelector('.map')!, { bubbles: false });
    await settle();
    expect(host.querySelector('.card[data-id="2"]')).toBeNull();
    expect(at(4)).not.toBe(before);
  });

  it('walks by arrows and selects by Enter', async () => {
    card(1).focus();
    key(card(1), 'ArrowRight');
    expect(document.activeElement).toBe(card(2));
    key(card(2), 'ArrowDown');
    key(card(3), 'Enter');
    expect(store.selected.value).toBe(3);
    key(card(3), 'ArrowLeft');
    expect(document.activeElement).toBe(card(1));
    await settle();
    expect(card(1).tabIndex).toBe(0);
  });

  it('acts by letter on the focused card, and shows the refusal at it', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', (path: string, init: { readonly body: string }) => {
      asked.push(`${path} ${init.body}`);
      return Promise.resolve(new Response(JSON.stringify({ error: 'signal 3: it is gone' }), { status: 404 }));
    });
    card(3).focus();
    key(card(3), 'k');
    await settle();
    expect(asked).toEqual(['/api/processes/3/signal {"signal":"KILL","tree":false}']);
    expect(host.querySelector('.map-refusal')?.textContent).toContain('signal 3: it is gone');
  });

  it('gives a viewer no actions', async () => {
    await frame(snapshotOf([root(), processOf({ id: 2 })], { role: 'viewer', seq }));
    pointer('pointermove', card(2));
    card(2).dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: 9, clientY: 9 }));
    const asked = vi.fn();
    vi.stubGlobal('fetch', asked);
    key(card(2), 'k');
    await settle();
    expect(host.querySelector('.more')).toBeNull();
    expect(menu.value).toBeNull();
    expect(asked).not.toHaveBeenCalled();
  });

  it('opens the menu for the pressed card and lays nothing out while it is open', async () => {
    card(3).dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: 9, clientY: 9 }));
    await settle();
    expect(menu.value?.id).toBe(3);
    const before = plot.scene.value;
    await frame({ kind: 'delta', at: 5, rows: [rowOf(processOf({ id: 6, pid: 4006 }))] });
    expect(plot.scene.value).toBe(before);
    menu.value = null;
    await settle();
    expect(plot.scene.value?.spots.has(6)).toBe(true);
  });

  it('folds a crowd and unfolds it by Enter', async () => {
    const crowd = Array.from({ length: 70 }, (_, i) => processOf({ id: 10 + i, pid: 5000 + i, workload: 'wait', name: 'wait', label: 'wait' }));
    await frame({ kind: 'delta', at: 6, rows: crowd.map(rowOf) });
    const stack = host.querySelector('.stack')!;
    expect(stack.getAttribute('aria-expanded')).toBe('false');
    expect(stack.querySelectorAll('.stack-waffle path')).toHaveLength(1);
    expect(stack.textContent).toContain('70 durmiendo');
    key(stack, 'Enter');
    await settle();
    expect(host.querySelector('.stack')).toBeNull();
    expect(card(10)).not.toBeNull();
    host.querySelector<HTMLElement>('.bed-fold')!.click();
    await settle();
    expect(host.querySelector('.stack')).not.toBeNull();
  });

  it('writes hostile names as text', async () => {
    await frame({ kind: 'delta', at: 7, rows: [rowOf(processOf({ id: 7, workload: '', label: '<img src=x onerror=alert(1)>' }))] });
    expect(host.querySelector('img')).toBeNull();
    expect(card(7).textContent).toContain('<img src=x onerror=alert(1)>');
    lastStarted.value = [];
  });
});
