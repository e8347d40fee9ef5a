import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../i18n';
import type { Process } from '../wire';
import type { Ended } from './store';
import { processOf } from './testing';
import { lookOf, reasonOf, stateWord } from './words';

const ended = (end: { status?: number; signal?: string }): Ended => ({ ...processOf({ id: 2 }), ended: { at: 0, ...end } });

const states: [string, Partial<Process>, string, string, boolean][] = [
  // what, fields, key, shape, filled
  ['on a core', { state: 'R', cpu: 0.9, wait: 0.1 }, 'computing', 'circle', true],
  ['on a core, wait unknown', { state: 'R', cpu: 0, wait: null }, 'computing', 'circle', true],
  ['just begun', { state: 'R', cpu: 0, wait: 0 }, 'computing', 'circle', true],
  ['shares a core evenly', { state: 'R', cpu: 0.5, wait: 0.5 }, 'computing', 'circle', true],
  ['no core free', { state: 'R', cpu: 0.25, wait: 0.75 }, 'ready', 'circle', false],
  ['queued for a moment', { state: 'R', cpu: 0.02, wait: 0.05 }, 'computing', 'circle', true],
  ['caught asleep, but hungry', { state: 'S', cpu: 0.2, wait: 0.8 }, 'ready', 'circle', false],
  ['asleep', { state: 'S', cpu: 0 }, 'sleeping', 'square', false],
  ['asleep, works a little', { state: 'S', cpu: 0.49 }, 'sleeping', 'square', false],
  ['main thread sleeps, others compute', { state: 'S', cpu: 3.9, threads: 8 }, 'computing', 'circle', true],
  ['a kernel thread at rest', { state: 'I', cpu: 0 }, 'sleeping', 'square', false],
  ['waits for the disk', { state: 'D' }, 'disk', 'square', true],
  ['stopped', { state: 'T', cpu: 0.9 }, 'stopped', 'octagon', true],
  ['traced', { state: 't' }, 'traced', 'octagon', true],
  ['zombie', { state: 'Z' }, 'zombie', 'diamond', true],
  ['dead', { state: 'X' }, 'zombie', 'diamond', true],
  ['a letter of tomorrow', { state: 'Q' }, 'unknown', 'square', false],
];

describe('lookOf', () => {
  it.each(states)('%s', (_, fields, key, shape, filled) => {
    const look = lookOf(processOf({ id: 2, ...fields }));
    expect(look).toMatchObject({ key, shape, filled, letter: fields.state });
  });

  it('only those that cannot go on are in trouble', () => {
    const inTrouble = states.filter(([, fields]) => lookOf(processOf({ id: 2, ...fields })).trouble).map(([what]) => what);
    expect(inTrouble).toEqual(['waits for the disk', 'stopped', 'traced']);
  });

  it('an ended one has a tick for status 0 and a cross otherwise', () => {
    expect(lookOf(ended({ status: 0 }))).toMatchObject({ key: 'ended', shape: 'tick', letter: '' });
    expect(lookOf(ended({ status: 1 })).shape).toBe('cross');
    expect(lookOf(ended({ signal: 'KILL' })).shape).toBe('cross');
    expect(lookOf(ended({})).shape).toBe('cross');
  });
});

describe('words', () => {
  beforeEach(() => setLanguage('es'));

  it.each([
    [processOf({ id: 1 }), 3, 'en espera', 'abre procesos y los observa'],
    [processOf({ id: 2 }), 0, 'durmiendo', ''],
    [processOf({ id: 2 }), 1, 'durmiendo', 'tiene 1 hijo'],
    [processOf({ id: 2 }), 2, 'durmiendo', 'tiene 2 hijos'],
    [processOf({ id: 2, adopted: true }), 0, 'durmiendo', 'huérfano, lo adoptó Vivero'],
    [processOf({ id: 2, state: 'S', cpu: 2, threads: 8 }), 0, 'calculando', 'su hilo principal duerme, otros calculan'],
    [processOf({ id: 2, state: 'R', cpu: 0.2, wait: 0.8 }), 0, 'listo: sin núcleo libre', 'sin núcleo el 80\u00a0% del tiempo'],
    [processOf({ id: 2, state: 'Z' }), 0, 'zombi', 'terminó; su padre no lo recoge'],
    [ended({ signal: 'KILL' }), 0, 'matado por SIGKILL', ''],
    [ended({ status: 0 }), 0, 'terminó (0)', ''],
    [ended({}), 0, 'se fue; no se sabe cómo terminó', ''],
  ])('%#', (row, children, word, reason) => {
    expect([stateWord(row), reasonOf(row, children)]).toEqual([word, reason]);
  });

  it('in English: exited is not killed', () => {
    setLanguage('en');
    expect(stateWord(ended({ status: 1 }))).toBe('exited (1)');
    expect(stateWord(ended({ signal: 'TERM' }))).toBe('killed by SIGTERM');
  });
});
