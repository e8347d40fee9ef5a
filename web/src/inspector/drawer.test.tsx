import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '../i18n';
import { api, Refused } from '../state/api';
import { refusal } from '../state/actions';
import { store } from '../state/store';
import { processOf, snapshotOf } from '../state/testing';
import type { Details } from '../wire';
import { Inspector } from './Inspector';

// The canvas of a chart needs a browser; the end-to-end tests have one.
vi.mock('./Chart', () => ({ Chart: () => null }));

const tree = [
  processOf({ id: 1, workload: '', label: 'vivero' }),
  processOf({ id: 2, state: 'R', cpu: 1 }),
  processOf({ id: 3, workload: '', name: 'sh', label: '<b>sh</b>' }),
  processOf({ id: 4, state: 'Z', parent: 3, ppid: 4003 }),
];

const details: Details = {
  ...tree[1]!,
  exe: '/bin/x',
  memory: { rss: 8e6, pss: 2_900_000, uss: 1e6 },
  cmdline: ['x', '--secret'],
  environ: ['TOKEN=<i>1</i>'],
};

let host: HTMLElement;

beforeEach(() => {
  language.value = 'en';
  refusal.value = null;
  vi.spyOn(api, 'details').mockResolvedValue(details);
  store.status.value = 'live';
  store.apply([snapshotOf(tree)], 0);
  host = document.createElement('div');
  document.body.append(host);
});

afterEach(() => {
  render(null, host);
  host.remove();
  store.selected.value = null;
});

const open = (id: number): Promise<void> =>
  act(async () => {
    store.selected.value = id;
    render(<Inspector />, host);
    await Promise.resolve();
  });
const verbs = (): (string | null)[] => [...host.querySelectorAll('[data-verb]')].map((button) => button.getAttribute('data-verb'));

describe('Inspector', () => {
  it('is not there until something is chosen', async () => {
    await act(() => render(<Inspector />, host));
    expect(host.childElementCount).toBe(0);
    expect(api.details).not.toHaveBeenCalled();
  });

  it('shows the facts, with what the slow look adds', async () => {
    await open(2);
    await vi.waitFor(() => expect(host.querySelector('.facts')!.textContent).toMatch(/2\.9\sMB/));
    expect(host.querySelector('h2')!.textContent).toBe('primes');
    expect(host.querySelector('.inspector-state')!.textContent).toContain('computing');
    expect(host.querySelector('.facts')!.textContent).toContain('4001 vivero');
  });

  it('offers what makes sense, and nothing to viewers', async () => {
    await open(2);
    expect(verbs()).toEqual(['stop', 'child', 'terminate', 'kill']);
    await open(3);
    expect(verbs()).toEqual(['stop', 'terminate', 'kill', 'killTree']);
    await open(1);
    expect(verbs()).toEqual([]);
    await open(2);
    await act(() => store.apply([snapshotOf(tree, { role: 'viewer' })], 0));
    expect(verbs()).toEqual([]);
    expect(host.querySelector('[data-section="secrets"]')).toBeNull();
  });

  it("says the server's sentence beside the buttons", async () => {
    vi.spyOn(api, 'signal').mockRejectedValue(new Refused('signal STOP: pid 4002 has ended', 404));
    await open(2);
    await act(async () => {
      host.querySelector<HTMLElement>('[data-verb="stop"]')!.click();
      await Promise.resolve();
    });
    await vi.waitFor(() => expect(host.querySelector('.inspector-actions .refusal')!.textContent).toBe('signal STOP: pid 4002 has ended'));
  });

  it('hides command line and environment until asked, again for each process, and shows them literally', async () => {
    await open(2);
    await vi.waitFor(() => expect(host.querySelector('.facts')!.textContent).toMatch(/MB/));
    expect(host.textContent).not.toContain('--secret');
    await act(() => host.querySelector<HTMLElement>('[data-section="secrets"] button')!.click());
    await vi.waitFor(() => expect(host.textContent).toContain('TOKEN=<i>1</i>'));
    expect(host.querySelector('i')).toBeNull();
    await open(3);
    expect(host.textContent).not.toContain('--secret');
    expect(host.querySelector('h2')!.textContent).toBe('<b>sh</b>');
  });

  it('stays with how it ended after the process has left the tree', async () => {
    await open(2);
    const end = { kind: 'exited', seq: 1, at: 5000, id: 2, pid: 4002, ppid: 4001, name: 'primes', label: 'primes', signal: 'KILL', cpu: 1.5, rss: 9e6 } as const;
    await act(() => store.apply([end, { kind: 'delta', at: 5000, gone: [2] }], 1000));
    expect(host.querySelector('.inspector-state')!.textContent).toContain('killed by SIGKILL');
    await act(() => store.expire(60_000));
    expect(store.row(2).value).toBeUndefined();
    expect(host.querySelector('.inspector-state')!.textContent).toContain('killed by SIGKILL');
    expect(host.querySelector('.facts')!.textContent).toMatch(/CPU in its life1\.50\ss/);
    expect(verbs()).toEqual([]);
    store.apply([snapshotOf(tree, { seq: 0 })], 0);
  });
});
