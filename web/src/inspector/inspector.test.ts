import { describe, expect, it } from 'vitest';
import type { OutputEvent } from '../wire';
import { commandsFor } from './Check';
import { KEPT_CHARACTERS, outputOf, overlap } from './output';
import { runsOf } from './plot';
import { bytesTop, cpuTop } from './scale';

const output = (seq: number, text: string, stream: OutputEvent['stream'] = 'stdout', id = 5): OutputEvent => ({
  kind: 'output', seq, at: 0, id, pid: 100 + id, stream, text,
});

describe('outputOf', () => {
  it('shows the answer and then what came after it, in the order in which it came', () => {
    const events = [output(1, 'a\n'), output(3, 'c\n'), output(4, 'oh\n', 'stderr'), output(5, 'd\n'), output(6, 'no\n', 'stdout', 9)];
    expect(outputOf({ stdout: 'a\n', stderr: '' }, 5, events, 2, 2)).toEqual([
      { stream: 'stdout', text: 'a\nc\n' },
      { stream: 'stderr', text: 'oh\n' },
      { stream: 'stdout', text: 'd\n' },
    ]);
  });

  it('tells once what stands in the answer and came as an event meanwhile', () => {
    const events = [output(3, 'b\n'), output(4, 'c\n'), output(5, 'd\n')];
    expect(outputOf({ stdout: 'a\nb\nc\n', stderr: '' }, 5, events, 2, 5)).toEqual([{ stream: 'stdout', text: 'a\nb\nc\nd\n' }]);
  });

  it('tells a line twice that was written twice', () => {
    const events = [output(3, 'tick\n')];
    expect(outputOf({ stdout: 'tick\n', stderr: '' }, 5, events, 2, 2)).toEqual([{ stream: 'stdout', text: 'tick\ntick\n' }]);
  });

  it('keeps the end of what is too much', () => {
    const pieces = outputOf({ stdout: `${'x'.repeat(KEPT_CHARACTERS)}end`, stderr: '' }, 5, [], 0, 0);
    expect(pieces[0]?.text.length).toBe(KEPT_CHARACTERS);
    expect(pieces[0]?.text.endsWith('xend')).toBe(true);
  });
});

describe('overlap', () => {
  it('is the longest beginning of the one with which the other ends', () => {
    expect([overlap('abc', 'bcd'), overlap('abab', 'abc'), overlap('abc', 'xyz'), overlap('', 'a'), overlap('a', 'a')]).toEqual([2, 2, 0, 0, 1]);
  });
});

describe('scales', () => {
  it('reaches whole cores, at least one, whatever noise there is', () => {
    expect([[], [0.3], [1.02], [1.4], [3.97, null]].map(cpuTop)).toEqual([1, 1, 1, 2, 4]);
  });

  it('reaches round numbers of bytes', () => {
    expect([[], [11.4e6], [40e6], [97e6], [1e9, null]].map(bytesTop)).toEqual([1e6, 20e6, 60e6, 200e6, 2e9]);
  });
});

describe('commandsFor', () => {
  it('asks the system that the process runs on', () => {
    expect(commandsFor(42, 'linux')).toEqual(['ps -o pid,ppid,stat,%cpu,comm -p 42', 'ls -l /proc/42/fd']);
    expect(commandsFor(42, 'darwin')).toEqual(['ps -o pid,ppid,state,%cpu,comm -p 42', 'lsof -p 42']);
  });
});

describe('runsOf', () => {
  it('draws no line across what nobody saw', () => {
    expect([runsOf([]), runsOf([null]), runsOf([1, 2]), runsOf([null, 1, null, null, 2, 3, null])]).toEqual([
      [],
      [],
      [{ from: 0, to: 2 }],
      [
        { from: 1, to: 2 },
        { from: 4, to: 6 },
      ],
    ]);
  });
});
