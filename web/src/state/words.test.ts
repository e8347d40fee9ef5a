import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../i18n';
import type { Ended, Known } from './store';
import { processOf } from './testing';
import { lookOf, reasonOf, stateWord } from './words';

const ended = (end: { status?: number; signal?: string }): Ended => ({ ...processOf({ id: 2 }), ended: { at: 0, ...end } });

const stuck = (kind: 'pipe' | 'queue' | 'socket' | 'lock', op: 'read' | 'write'): Known => ({ ...processOf({ id: 2, waits: op, on: 3 }), stuck: { kind, op } });

const states: [string, Partial<Known>, string, string, boolean][] = [
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
  ['waits for its children', { waits: 'child' }, 'waiting', 'square', false],
  ['a parent in vfork', { state: 'D', waits: 'child' }, 'waiting', 'square', false],
  ['waits for a key', { waits: 'input' }, 'waiting', 'square', false],
  ['reads a file', { waits: 'read' }, 'waiting', 'square', false],
  ['reads a channel for a moment', { waits: 'read', on: 3 }, 'sleeping', 'square', false],
  ['reads a channel for long', { waits: 'read', on: 3, stuck: { kind: 'pipe', op: 'read' } }, 'blocked', 'square', true],
  ['its main thread reads, others compute', { waits: 'read', on: 3, ran: 0.9, cpu: 0.9, stuck: { kind: 'pipe', op: 'read' } }, 'computing', 'circle', true],
  ['threads parked in locks', { waits: 'lock' }, 'waiting', 'square', false],
  ['waits for a lock', { waits: 'lock', threads: 1, stuck: { kind: 'lock', op: 'read' } }, 'blocked', 'square', true],
  ['at a gate of ours', { waits: 'sleep', held: true, gates: true }, 'held', 'bars', false],
  ['held before a write that would block', { held: true, stuck: { kind: 'pipe', op: 'write' } }, 'held', 'bars', false],
  ['stopped at a gate', { state: 'T', held: true }, 'stopped', 'octagon', true],
  ['a letter of tomorrow', { state: 'Q' }, 'unknown', 'square', false],
];

describe('lookOf', () => {
  it.each(states)('%s', (_, fields, key, shape, filled) => {
    const look = lookOf(processOf({ id: 2, ...fields }));
    expect(look).toMatchObject({ key, shape, filled, letter: key === 'held' ? '' : (fields.state ?? 'S') });
  });

  it('only those that cannot go on are in trouble', () => {
    const inTrouble = states.filter(([, fields]) => lookOf(processOf({ id: 2, ...fields })).trouble).map(([what]) => what);
    expect(inTrouble).toEqual(['waits for the disk', 'stopped', 'traced', 'reads a channel for long', 'waits for a lock', 'stopped at a gate']);
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
    [processOf({ id: 2, waits: 'child' }), 2, 'en espera', 'espera a sus hijos'],
    [processOf({ id: 2, waits: 'child' }), 1, 'en espera', 'espera a su hijo'],
    [processOf({ id: 1, waits: 'events' }), 2, 'en espera', 'abre procesos y los observa'],
    [processOf({ id: 2, waits: 'input' }), 0, 'en espera', 'espera una tecla'],
    [processOf({ id: 2, waits: 'sleep' }), 0, 'durmiendo', ''],
    [stuck('pipe', 'write'), 0, 'bloqueado', 'escribiendo, la tubería está llena'],
    [stuck('pipe', 'read'), 0, 'bloqueado', 'leyendo, la tubería está vacía'],
    [stuck('queue', 'write'), 0, 'bloqueado', 'enviando, la cola está llena'],
    [stuck('queue', 'read'), 0, 'bloqueado', 'recibiendo, la cola está vacía'],
    [stuck('socket', 'read'), 0, 'bloqueado', 'leyendo, no ha llegado nada'],
    [stuck('lock', 'read'), 0, 'bloqueado', 'espera un candado'],
    [processOf({ id: 2, held: true, waits: 'sleep' }), 0, 'frenado', 'por Pausa, Paso o cámara lenta'],
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
    expect(reasonOf(stuck('pipe', 'write'))).toBe('writing, the pipe is full');
    expect(stateWord(processOf({ id: 2, held: true }))).toBe('held');
  });
});
