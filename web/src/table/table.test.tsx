import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { language } from '../i18n';
import { lastStarted } from '../state/actions';
import { search } from '../state/ui';
import { store } from '../state/store';
import { processOf, snapshotOf, valuesOf } from '../state/testing';
import { TableView } from './TableView';

const many = [
  processOf({ id: 1, workload: '', name: 'vivero', label: 'vivero' }),
  processOf({ id: 2, cpu: 0.5 }),
  processOf({ id: 3, workload: '', name: 'x', label: '<img src=x onerror=alert(1)>' }),
  ...Array.from({ length: 300 }, (_, i) => processOf({ id: 10 + i })),
];

let host: HTMLElement;
let seq = 0;

beforeEach(async () => {
  language.value = 'en';
  search.value = '';
  store.selected.value = null;
  store.apply([snapshotOf(many, { seq: ++seq })], 0);
  host = document.createElement('div');
  document.body.append(host);
  await act(() => render(<TableView />, host));
});

afterEach(() => {
  render(null, host);
  host.remove();
});

const line = (id: number): HTMLElement => host.querySelector<HTMLElement>(`tr[data-id="${id}"]`)!;
const press = (key: string): Promise<void> =>
  act(() => void host.querySelector('.table')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })));

describe('TableView', () => {
  it('has only the lines in sight in the document, and says how many there are', () => {
    expect(host.querySelectorAll('tr[data-id]').length).toBeLessThan(40);
    expect(host.querySelector('.table')!.getAttribute('aria-rowcount')).toBe(String(many.length + 1));
    expect(line(2).getAttribute('aria-level')).toBe('2');
    expect(line(2).getAttribute('aria-setsize')).toBe(String(many.length - 1));
  });

  it('writes only the cells that changed', async () => {
    const seen: Node[] = [];
    const watch = new MutationObserver((records) => seen.push(...records.map((record) => record.target)));
    watch.observe(host, { subtree: true, childList: true, attributes: true, characterData: true });
    await act(() => store.apply([{ kind: 'delta', at: 1_767_225_602_100, values: [valuesOf(processOf({ id: 2, cpu: 0.75 }))] }], 100));
    seen.push(...watch.takeRecords().map((record) => record.target));
    watch.disconnect();
    expect(line(2).querySelector('.cell-cpu')!.textContent).toMatch(/^75\s%$/);
    expect(seen.length).toBeGreaterThan(0);
    const cell = line(2).querySelector('.cell-cpu')!;
    expect(seen.filter((node) => !cell.contains(node))).toEqual([]);
  });

  it('shows a hostile name as text', () => {
    expect(line(3).querySelector('bdi')!.textContent).toBe('<img src=x onerror=alert(1)>');
    expect(host.querySelector('img')).toBeNull();
  });

  it('walks by keys, selects with Enter, folds with the left arrow', async () => {
    await press('Home');
    await press('ArrowDown');
    expect(host.querySelector('.table')!.getAttribute('aria-activedescendant')).toBe('line-2');
    await press('Enter');
    expect(store.selected.value).toBe(2);
    await press('ArrowLeft'); // a leaf: to its parent
    await press('ArrowLeft');
    expect(host.querySelectorAll('tr[data-id]').length).toBe(1);
    expect(line(1).getAttribute('aria-expanded')).toBe('false');
    await press('ArrowRight');
    expect(host.querySelectorAll('tr[data-id]').length).toBeGreaterThan(1);
  });

  it('sorts as a flat list and says so', async () => {
    await act(() => host.querySelector<HTMLElement>('th.cell-cpu button')!.click());
    expect(host.querySelector('tr[data-id]')!.getAttribute('data-id')).toBe('2');
    expect(host.querySelector('th.cell-cpu')!.getAttribute('aria-sort')).toBe('descending');
    expect(host.querySelector('.table-summary')!.textContent).toContain('A flat list by CPU, largest first');
    await act(() => host.querySelector<HTMLElement>('.table-back')!.click());
    expect(host.querySelector('tr[data-id]')!.getAttribute('data-id')).toBe('1');
  });

  it('shows what the search finds, and the way to it', async () => {
    await act(() => {
      search.value = 'onerror';
    });
    expect([...host.querySelectorAll('tr[data-id]')].map((tr) => tr.getAttribute('data-id'))).toEqual(['1', '3']);
  });

  it('offers no actions to a viewer', async () => {
    expect(host.querySelectorAll('.table-more').length).toBeGreaterThan(0);
    await act(() => store.apply([snapshotOf(many, { seq: ++seq, role: 'viewer' })], 0));
    expect(host.querySelectorAll('.table-more').length).toBe(0);
  });
});

describe('what was started here', () => {
  it('comes into sight once it has a line', async () => {
    const box = host.querySelector<HTMLElement>('.table-box')!;
    expect(box.scrollTop).toBe(0);
    await act(() => {
      lastStarted.value = [500];
    });
    await act(() => store.apply([snapshotOf([...many, processOf({ id: 500 })], { seq: ++seq })], 0));
    expect(box.scrollTop).toBeGreaterThan(300 * 40);
  });
});
