import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { language } from '../i18n';
import { openDrawer } from '../state/ui';
import { store } from '../state/store';
import { processOf, snapshotOf } from '../state/testing';
import type { TreeEvent } from '../wire';
import { ConsoleDrawer } from './ConsoleDrawer';
import { LogDrawer } from './LogDrawer';

const tree = [processOf({ id: 1, workload: '', label: 'vivero' }), processOf({ id: 2, workload: '', name: 'bash', label: 'bash' })];

/** 500 times /bin/true: a start and an end each. */
const trues: TreeEvent[] = Array.from({ length: 500 }, (_, i): TreeEvent[] => [
  { kind: 'spawned', seq: 2 * i + 1, at: i, id: 100 + i, pid: 5000 + i, ppid: 4002, parent: 2, name: 'true', label: 'true' },
  { kind: 'exited', seq: 2 * i + 2, at: i, id: 100 + i, pid: 5000 + i, ppid: 4002, name: 'true', label: 'true', status: 0 },
]).flat();

let host: HTMLElement;
let opener: HTMLElement;

beforeEach(() => {
  language.value = 'en';
  store.selected.value = null;
  opener = document.createElement('button');
  host = document.createElement('div');
  document.body.append(opener, host);
  opener.focus();
});

afterEach(() => {
  render(null, host);
  host.remove();
  opener.remove();
  store.apply([snapshotOf([], { seq: 0 })], 0); // the next test's server counts from the beginning
});

describe('LogDrawer', () => {
  it('keeps 1,000 lines without as many elements', async () => {
    store.apply([snapshotOf(tree, { seq: 1000, events: trues })], 0);
    await act(() => render(<LogDrawer />, host));
    expect(host.querySelector('.log-count')!.textContent).toBe('1000 lines');
    expect(host.querySelectorAll('.log-line').length).toBeLessThan(60);
  });

  it('selects a living process by a click; a line of one that is gone is no button', async () => {
    const started: TreeEvent = { kind: 'spawned', seq: 1001, at: 1, id: 2, pid: 4002, ppid: 4001, parent: 1, name: 'bash', label: 'bash' };
    store.apply([snapshotOf(tree, { seq: 1001, events: [...trues.slice(-2), started] })], 0);
    await act(() => render(<LogDrawer />, host));
    expect(host.querySelector('[data-seq="1000"]')!.tagName).toBe('DIV');
    await act(() => host.querySelector<HTMLElement>('button[data-seq="1001"]')!.click());
    expect(store.selected.value).toBe(2);
  });

  it('filters by kind', async () => {
    store.apply([snapshotOf(tree, { seq: 1000, events: trues })], 0);
    await act(() => render(<LogDrawer />, host));
    const starts = [...host.querySelectorAll<HTMLElement>('.log-kind')].find((button) => button.textContent === 'starts')!;
    await act(() => starts.click());
    expect(host.querySelector('.log-count')!.textContent).toBe('500 lines');
    await act(() => starts.click());
  });

  it('takes the focus and gives it back', async () => {
    await act(() => render(<LogDrawer />, host));
    expect(host.contains(document.activeElement)).toBe(true);
    openDrawer.value = 'log';
    host.querySelector<HTMLElement>('.icon-button')!.click();
    expect(openDrawer.value).toBeNull();
    await act(() => render(null, host));
    expect(document.activeElement).toBe(opener);
  });
});

describe('ConsoleDrawer', () => {
  const wrote = (seq: number, text: string): TreeEvent => ({ kind: 'output', seq, at: 0, id: 2, pid: 4002, stream: 'stderr', text });

  it('shows hostile output literally', async () => {
    store.apply([snapshotOf(tree, { seq: 1, events: [wrote(1, '<script>x</script>\u001b[2J\n')] })], 0);
    await act(() => render(<ConsoleDrawer />, host));
    expect(host.querySelector('code')!.textContent).toBe('<script>x</script>␛[2J');
    expect(host.querySelector('script')).toBeNull();
    await act(() => store.apply([wrote(2, 'more\n')], 0));
    expect(host.querySelectorAll('code').length).toBe(2);
  });

  it('says under vivero run where the output is', async () => {
    store.apply([snapshotOf(tree, { run: true })], 0);
    await act(() => render(<ConsoleDrawer />, host));
    expect(host.textContent).toContain('The output is in the terminal');
  });
});
