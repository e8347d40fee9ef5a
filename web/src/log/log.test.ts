import { beforeEach, describe, expect, it } from 'vitest';
import { language } from '../i18n';
import type { OutputEvent, TreeEvent } from '../wire';
import { ConsoleLines, KEPT_LINES, LONGEST } from './console';
import { literal } from './literal';
import { clockMs, namesOf, storyOf } from './story';

beforeEach(() => {
  language.value = 'en';
});

const spawned = (seq: number, id: number, parent: number, label: string, workload = ''): TreeEvent => ({
  kind: 'spawned', seq, at: 0, id, pid: 100 + id, ppid: 100 + parent, parent, name: label, label, workload,
});
const exited = (seq: number, id: number, end: { status?: number; signal?: string }, more: { cpu?: number; rss?: number } = {}): TreeEvent => ({
  kind: 'exited', seq, at: 0, id, pid: 100 + id, ppid: 101, name: 'x', label: 'x', ...end, ...more,
});
const output = (seq: number, id: number, text: string, stream: OutputEvent['stream'] = 'stdout', skipped?: number): OutputEvent => ({
  kind: 'output', seq, at: 0, id, pid: 100 + id, stream, text, skipped,
});

const nobody = { of: (): undefined => undefined };
const words = (event: TreeEvent, events: readonly TreeEvent[] = []): string => {
  const known = namesOf(events);
  const s = storyOf(event, { of: (id) => known.get(id) });
  return [s.before, s.name, String(s.pid), s.after, s.more].filter((part) => part !== '').join(' ').replace(/\s/g, ' ');
};

describe('storyOf', () => {
  it('tells a start with its parent, by name where that is known', () => {
    expect(words(spawned(2, 5, 3, 'sleep'))).toBe('sleep 105 starts child of pid 103');
    expect(words(spawned(2, 5, 3, 'sleep'), [spawned(1, 3, 1, 'bash')])).toBe('sleep 105 starts child of bash 103');
  });

  it('tells how it ended: status, signal, or that it cannot be known', () => {
    expect(words(exited(1, 5, { status: 0 }, { cpu: 1.25, rss: 2_000_000 }))).toBe('x 105 exited (0) after 1.25 s of CPU, 2.0 MB of memory at most');
    expect(words(exited(1, 5, { signal: 'KILL' }))).toBe('x 105 killed by SIGKILL');
    expect(words(exited(1, 5, {}))).toBe('x 105 gone; how it ended is not known');
  });

  it('marks as trouble only what failed', () => {
    const tones = [{ status: 0 }, { status: 3 }, { signal: 'SEGV' }, {}].map((end) => storyOf(exited(1, 5, end), nobody).tone);
    expect(tones).toEqual(['plain', 'trouble', 'trouble', 'plain']);
  });

  it('calls a process what it was called last, a worker of ours by its kind in the language', () => {
    const log = [spawned(1, 5, 1, 'sh'), spawned(2, 6, 1, 'primes', 'primes'), exited(3, 5, { status: 0 }), exited(4, 6, { status: 0 })];
    language.value = 'es';
    expect(namesOf(log).get(5)).toBe('x');
    expect(namesOf(log).get(6)).toBe('primos');
    expect(words(log[1]!, log)).toBe('primos 106 empieza hijo de pid 101');
  });

  it('tells a signal of a process that nobody knows by its pid', () => {
    expect(words({ kind: 'signalled', seq: 1, at: 0, id: 5, pid: 105, signal: 'TERM' })).toBe('SIGTERM sent to pid 105 105');
  });

  it('shows one line of output, literally and not for ever', () => {
    const story = storyOf(output(1, 5, '<b>\u001b[31mred\nnext'), nobody);
    expect(story.more).toBe('<b>␛[31mred …');
    expect(storyOf(output(1, 5, 'y'.repeat(5000)), nobody).more.length).toBeLessThan(210);
  });

  it('gives the time to the millisecond', () => {
    expect(clockMs(1_700_000_000_007)).toMatch(/^\d\d:\d\d:\d\d\.007$/);
  });
});

describe('literal', () => {
  it('makes visible what cannot be seen, and leaves lines alone', () => {
    expect(literal('a\tb\r\nc\u0000\u001b[2J\u007f\u0085')).toBe('a\tb\nc␀␛[2J␡\\x85');
    expect(literal('evil\u202egpj.exe')).toBe('evil\\u202egpj.exe');
    expect(literal('niño 日本 👍 <img src=x>')).toBe('niño 日本 👍 <img src=x>');
  });
});

describe('ConsoleLines', () => {
  const texts = (lines: ConsoleLines): string[] => lines.lines.map((line) => `${line.id}${line.stream === 'stderr' ? '!' : ''} ${line.text.replace(/\s/g, ' ')}`);

  it('joins pieces of one line, and keeps processes and streams apart', () => {
    const lines = new ConsoleLines();
    lines.take([output(1, 5, 'one, '), output(2, 5, 'two\nthree'), output(3, 6, 'other\n'), output(4, 5, ' four\n'), output(5, 5, 'bad\n', 'stderr')]);
    expect(texts(lines)).toEqual(['5 one, two', '5 three', '6 other', '5  four', '5! bad']);
  });

  it('takes each event once, and starts anew with a log that starts anew', () => {
    const lines = new ConsoleLines();
    const log = [output(1, 5, 'a\n'), output(2, 5, 'b\n')];
    expect(lines.take(log)).toBe(true);
    expect(lines.take(log)).toBe(false);
    expect(texts(lines)).toEqual(['5 a', '5 b']);
    lines.take([output(1, 9, 'new\n')]);
    expect(texts(lines)).toEqual(['9 new']);
  });

  it('says what was left out', () => {
    const lines = new ConsoleLines();
    lines.take([output(1, 5, 'end\n', 'stdout', 4096)]);
    expect(texts(lines)).toEqual(['5 [4.1 kB left out]', '5 end']);
  });

  it('stays within its bounds whatever a process writes', () => {
    const lines = new ConsoleLines();
    lines.take([output(1, 5, 'x'.repeat(LONGEST * 2 + 5)), output(2, 5, '\n'.repeat(KEPT_LINES + 100))]);
    expect(lines.lines.length).toBe(KEPT_LINES);
    expect(lines.lines.every((line) => line.text.length <= LONGEST)).toBe(true);
  });

  it('keeps empty lines', () => {
    const lines = new ConsoleLines();
    lines.take([output(1, 5, 'a\n\nb\n')]);
    expect(texts(lines)).toEqual(['5 a', '5 ', '5 b']);
  });
});
