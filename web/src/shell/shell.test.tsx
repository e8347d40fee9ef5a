import { render, type ComponentChildren } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../i18n';
import { ROOT, store } from '../state/store';
import { processOf, snapshotOf } from '../state/testing';
import { openDrawer, spawnParent, view } from '../state/ui';
import { workloads } from '../state/workloads';
import type { Process, SnapshotMessage, TreeEvent } from '../wire';
import { Header } from './Header';
import { Meters } from './Meters';
import { valueOf } from './ParamField';
import { SpawnDrawer } from './SpawnDrawer';
import { tilesShown } from './Tiles';
import { Toolbar } from './Toolbar';

let box: HTMLElement;
const root = processOf({ id: ROOT, workload: '', label: 'vivero' });
const many = (n: number): Process[] => [root, ...Array.from({ length: n }, (_, i) => processOf({ id: i + 2 }))];

function show(element: ComponentChildren): void {
  void act(() => render(element, box));
}
const text = (): string => box.textContent.replaceAll('\u00a0', ' ');

beforeEach(() => {
  setLanguage('es');
  box = document.createElement('div');
  document.body.append(box);
  store.status.value = 'live';
  openDrawer.value = null;
  spawnParent.value = ROOT;
  store.selected.value = null;
  view.value = 'map';
});
afterEach(() => {
  render(null, box);
  box.remove();
});

describe('tiles', () => {
  const past: TreeEvent = { kind: 'exited', seq: 1, at: 0, id: 4, pid: 4004, ppid: 4001, name: 'primes', label: 'primes', status: 0 };
  const cases: [string, Process[], Partial<SnapshotMessage>, () => unknown, boolean][] = [
    ['at the beginning', many(2), {}, () => undefined, true],
    ['not once another process has started', many(3), {}, () => undefined, false],
    ['not once another has started and ended', many(2), { seq: 1, events: [past] }, () => undefined, false],
    ['again when nothing runs', many(0), { seq: 1, events: [past] }, () => undefined, true],
    ['not for viewers', many(2), { role: 'viewer' as const }, () => undefined, false],
    ['not under run', many(0), { run: true }, () => undefined, false],
    ['not beside the inspector', many(2), {}, () => (store.selected.value = 2), false],
    ['not over the log', many(2), {}, () => (openDrawer.value = 'log'), false],
    ['not over the table', many(2), {}, () => (view.value = 'table'), false],
  ];
  it.each(cases)('%s', (_, processes, fields, prepare, shown) => {
    store.apply([snapshotOf(processes, { demo: [2, 3], ...fields })], 0);
    prepare();
    expect(tilesShown()).toBe(shown);
  });
});

describe('header', () => {
  it('tells what it costs, and how many may be missed', () => {
    store.apply([snapshotOf(many(1), { viewers: 38 })], 0);
    show(
      <>
        <Header />
        <Toolbar field={{ current: null }} />
      </>,
    );
    expect(text()).toContain('observar cuesta 0,4 % · procfs');
    expect(text()).toContain('38 miran');
    expect(text()).not.toContain('breves');
    void act(() => store.apply([{ kind: 'delta', at: 1, observer: { cpu: 0, rss: 0, missed: null, events: false } }], 0));
    expect(text()).toContain('pueden faltar los muy breves');
    void act(() => store.apply([{ kind: 'delta', at: 1, observer: { cpu: 0, rss: 0, missed: 12, events: false } }], 0));
    expect(text()).toContain('hasta 12 breves sin ver');
  });

  it('a core tells who ran there, most first, as text', () => {
    const hostile = processOf({ id: 2, workload: '', label: '<img src=x onerror=alert(1)>', cpu: 0.2, core: 1 });
    store.apply([snapshotOf([root, hostile, processOf({ id: 3, cpu: 0.7, core: 1 }), processOf({ id: 4, cpu: 0.9, core: 0 })])], 0);
    show(<Meters />);
    void act(() => box.querySelectorAll<HTMLElement>('.meter')[1]!.focus());
    const names = [...box.querySelectorAll('.who-name')].map((e) => e.textContent);
    expect(names).toEqual(['primos', '<img src=x onerror=alert(1)>']);
    expect(box.querySelector('img')).toBeNull();
  });
});

describe('toolbar', () => {
  it('a viewer sees no action', () => {
    store.apply([snapshotOf(many(1), { role: 'viewer' })], 0);
    show(<Toolbar field={{ current: null }} />);
    expect(text()).toContain('Miras lo que dirige la clase');
    expect(text()).not.toContain('Crear');
    expect(text()).toContain('Congelar vista');
  });
});

describe('the spawn form', () => {
  beforeEach(() => {
    workloads.value = [
      { name: 'primes', summary: 'Counts.', params: [{ name: 'n', kind: 'int', default: 5, min: 1, max: 1_000_000, help: 'the largest' }] },
      { name: 'novel', summary: 'Something new.', params: [{ name: 'how', kind: 'choice', default: 'b', choices: ['a', 'b'], help: 'which way' }] },
    ];
    store.apply([snapshotOf([...many(1), processOf({ id: 9, workload: '', label: 'sleep 600' })])], 0);
  });

  it('is made from what the server offers: bounds, defaults, help', () => {
    show(<SpawnDrawer />);
    const n = box.querySelector<HTMLInputElement>('input[type=number]')!;
    expect([n.min, n.max, n.value]).toEqual(['1', '1000000', '5']);
    expect(text()).toContain('el mayor número que se prueba');
    void act(() => box.querySelector<HTMLInputElement>('input[value=novel]')!.click());
    expect(text()).toContain('Something new.');
    expect(text()).toContain('which way');
    expect(box.querySelector<HTMLSelectElement>('select')!.value).toBe('b');
  });

  it('offers only workers as parents, and keeps one that has ended', () => {
    spawnParent.value = 77;
    show(<SpawnDrawer />);
    const options = [...box.querySelectorAll('select')].at(-1)!.querySelectorAll('option');
    expect([...options].map((o) => o.value)).toEqual(['1', '77', '2']);
  });

  it.each([
    ['int', '12', 12],
    ['int', '-5', -5],
    ['int', '', ''],
    ['int', 'x', 'x'],
    ['choice', '12', '12'],
  ] as const)('%s %s is sent as %s', (kind, typed, value) => {
    expect(valueOf({ name: 'p', kind, default: 1, help: '' }, typed)).toBe(value);
  });
});
