/** Made-up trees for the harness: rows as the stream carries them. */

import { QUIET } from '../src/state/testing';
import type { Process } from '../src/wire';

export type Row = Process;

let nextId = 1;

export function row(parent: number, label: string, change: Partial<Process> = {}): Process {
  const id = nextId++;
  return {
    id,
    pid: 41189 + id,
    ppid: 41189 + parent,
    parent,
    name: label,
    label,
    workload: '',
    role: '',
    state: 'S',
    cpu: 0,
    rss: 2_900_000,
    threads: 4,
    core: id % 4,
    started: 1_700_000_000_000 + id * 100,
    progress: null,
    wait: 0,
    adopted: false,
    ...QUIET,
    ...change,
  }; // what the map does not show is left out
}

export const ours = (parent: number, workload: string, change: Partial<Process> = {}): Process => row(parent, workload, { workload, ...change });
const many = (n: number, make: (i: number) => Process): Process[] => Array.from({ length: n }, (_, i) => make(i));
const busy = (i: number): Partial<Process> =>
  i % 3 === 0 ? { state: 'R', cpu: 0.59, wait: 0.38 } : { state: 'R', cpu: 0.43, wait: 0.57 };

export const root = (): Process => {
  nextId = 1;
  return row(0, 'vivero', { threads: 9, cpu: 0.006 });
};

export const scenes: Readonly<Record<string, () => Process[]>> = {
  empty: () => [root()],
  one: () => [root(), ours(1, 'primes', { state: 'R', cpu: 0.98 })],
  demo: () => {
    const all = [root(), ours(1, 'tree', { role: 'root' })];
    const parent = 2;
    all.push(ours(parent, 'tree', { role: 'leaf', state: 'R', cpu: 0.31 }), ours(parent, 'tree', { role: 'leaf', cpu: 0.02 }));
    return all;
  },
  twelve: () => {
    const all = [root(), ours(1, 'tree', { role: 'root' })];
    all.push(ours(2, 'tree', { role: 'branch' }), ours(2, 'tree', { role: 'branch' }));
    for (const parent of [3, 4]) all.push(...many(2, (i) => ours(parent, 'tree', { role: 'leaf', ...busy(i) })));
    all.push(row(1, 'sleep', { adopted: true }));
    all.push(ours(1, 'memory', { state: 'T' }), ours(1, 'zombie', { role: 'parent' }));
    all.push(ours(all.length, 'zombie', { role: 'child', state: 'Z', rss: 0 }));
    return all;
  },
  busy: () => {
    const all = [root(), row(1, 'lector'), ours(1, 'primes', { role: 'parent' })];
    all.push(...many(8, (i) => ours(3, 'primes', i === 6 ? { state: 'T' } : busy(i))));
    all.push(row(1, 'sleep', { adopted: true }), row(1, 'bash'));
    all.push(row(13, 'padre.py'));
    all.push(row(14, 'hijo.py', { state: 'Z' }), row(14, 'otro.py', { state: 'D' }));
    return all;
  },
  sixty: () => {
    const all = [root(), ours(1, 'primes', { role: 'parent' })];
    all.push(...many(16, (i) => ours(2, 'primes', busy(i))));
    all.push(ours(1, 'wait', { role: 'parent' }));
    all.push(...many(20, () => ours(19, 'wait')));
    all.push(row(1, 'bash'), row(40, 'make'));
    for (let i = 0; i < 6; i++) {
      all.push(row(41, `sh`), row(all.length + 1, i % 2 === 0 ? 'cc1' : 'as', { state: 'R', cpu: 0.6 }), row(all.length + 1, 'collect2'));
    }
    return all;
  },
  many: () => {
    const all = [root()];
    const group = (parentName: string, n: number, make: (parent: number, i: number) => Process): void => {
      all.push(ours(1, parentName, { role: 'parent' }));
      const parent = all.length;
      all.push(...many(n, (i) => make(parent, i)));
    };
    group('primes', 128, (parent, i) => ours(parent, 'primes', i % 40 === 9 ? { state: 'R', cpu: 0.99 } : { state: 'R', cpu: 0.01, wait: 0.98 }));
    group('wait', 96, (parent) => ours(parent, 'wait'));
    group('memory', 64, (parent, i) => ours(parent, 'memory', i === 20 ? { state: 'R', cpu: 0.8 } : i % 9 === 4 ? { state: 'T' } : { state: 'D' }));
    all.push(row(1, 'bash'));
    all.push(row(all.length, 'padre.py'));
    const parent = all.length;
    all.push(...many(6, () => row(parent, 'hijo.py')));
    return all;
  },
  /** 300 that are all different: no stack, every one a card */
  each: () => {
    const all = [root()];
    for (let i = 0; i < 30; i++) {
      all.push(row(1, `trabajo-${i}`));
      const parent = all.length;
      for (let j = 0; j < 9; j++) all.push(row(parent, `tarea-${i}-${j}`, busy(j)));
    }
    return all.slice(0, 300);
  },
  hostile: () => [
    root(),
    row(1, '<img src=x onerror=alert(1)>'),
    row(1, 'un-nombre-largo-sin-espacios-que-no-cabe-en-ninguna-parte', { state: 'T' }),
    row(1, 'مرحبا بالعالم', { state: 'R', cpu: 3.9 }),
  ],
};
