import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../i18n';
import type { Row } from '../state/store';
import type { Process } from '../wire';
import { faceOf } from './face';

const process = (change: Partial<Process> = {}): Process =>
  ({
    id: 7,
    pid: 41212,
    ppid: 41207,
    parent: 2,
    name: 'primes',
    label: 'primes 5',
    workload: 'primes',
    role: '',
    state: 'S',
    cpu: 0,
    rss: 1,
    threads: 4,
    core: 0,
    started: 0,
    progress: null,
    wait: 0,
    adopted: false,
    ...change,
  }) as Process;
const ended = (how: { status?: number; signal?: string }): Row => ({ ...process(), ended: { at: 0, ...how } });

describe('faceOf', () => {
  beforeEach(() => setLanguage('es'));

  it('writes an alike name without its number, for the chip has that', () => {
    expect(faceOf(process(), 0, 5)).toMatchObject({ name: 'primos', pid: 41212, spoken: 'primos 5, pid 41212, durmiendo' });
  });

  it('gives CPU as a percentage and a share of one core', () => {
    const face = faceOf(process({ state: 'R', cpu: 0.586 }), 0, 5);
    expect(face).toMatchObject({ word: 'calculando', line: 'calculando', lineIsWord: true, share: 0.586 });
    expect(face.cpu).toMatch(/^59\s%$/);
    expect(face.tail).toBe(face.cpu);
    expect(faceOf(process({ state: 'R', cpu: 3.9 }), 0, 0).share).toBe(1);
  });

  it('marks trouble only for what cannot go on, and says it where a bed has room for one word', () => {
    expect(faceOf(process({ state: 'T' }), 0, 0)).toMatchObject({ look: { trouble: true, shape: 'octagon' }, tail: 'detenido', line: 'detenido' });
    for (const state of ['R', 'S', 'Z']) expect(faceOf(process({ state }), 0, 0).look.trouble).toBe(false);
  });

  it('tells a zombie from one that has ended', () => {
    expect(faceOf(process({ state: 'Z' }), 0, 0)).toMatchObject({
      over: 'zombie',
      look: { shape: 'diamond', letter: 'Z' },
      line: 'terminó; su padre no lo recoge',
      cpu: '',
      share: 0,
    });
    expect(faceOf(ended({ status: 0 }), 0, 0)).toMatchObject({ over: 'ended', word: 'terminó (0)', tail: 'terminó (0)', look: { shape: 'tick' } });
    expect(faceOf(ended({ signal: 'KILL' }), 0, 0)).toMatchObject({ word: 'matado por SIGKILL', tail: 'SIGKILL', look: { shape: 'cross' } });
  });

  it('never says killed of a process that exited', () => {
    for (const status of [0, 1, 137]) expect(faceOf(ended({ status }), 0, 0).word).toBe(`terminó (${status})`);
  });

  it('names an orphan, and who adopted it', () => {
    const face = faceOf(process({ adopted: true }), 0, 0);
    expect(face.line).toContain('Vivero');
    expect(face.hint).toBe('Lo adoptó Vivero (subreaper); normalmente pid 1.');
    expect(face.cpu).toBe('');
  });

  it('speaks English too', () => {
    setLanguage('en');
    expect(faceOf(process({ state: 'T' }), 0, 5)).toMatchObject({ name: 'primes', line: 'stopped' });
    expect(faceOf(ended({ signal: 'SEGV' }), 0, 0).word).toBe('killed by SIGSEGV');
  });

  it('leaves hostile names as they are: they only ever become text nodes', () => {
    const label = '<img src=x onerror=alert(1)> 3';
    expect(faceOf(process({ workload: '', label }), 0, 0).name).toBe(label);
  });
});
