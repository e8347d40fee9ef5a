/** Every workload and parameter of the server has its Spanish words: read from the sources of sim. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setLanguage } from './index';
import { workloadName } from './names';
import { paramHelp, workloadSummary } from './workloads';

/** Parameters that several workloads share, by the variable or function that makes them. */
const SHARED: readonly [RegExp, string][] = [
  [/\bsizeParam\b/, 'size'],
  [/\brateParam\(/, 'rate'],
  [/\bcountParam\b/, 'count'],
];

interface Found {
  readonly name: string;
  readonly params: readonly string[];
}

function found(): Found[] {
  const all: Found[] = [];
  for (const file of readdirSync('sim').filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))) {
    const declared = /= Workload\{\n([\s\S]*?)\n\}/.exec(readFileSync(`sim/${file}`, 'utf8'))?.[1] ?? '';
    const name = /Name:\s+"([a-z]+)"/.exec(declared)?.[1];
    if (name === undefined) continue;
    const head = declared.slice(0, declared.indexOf('Run:'));
    const own = [...head.matchAll(/\b(?:Int|Choice)\("([a-z_]+)"/g)].map((m) => m[1] ?? '');
    all.push({ name, params: [...own, ...SHARED.filter(([made]) => made.test(head)).map(([, param]) => param)] });
  }
  return all;
}

describe('in Spanish', () => {
  const all = found();

  it('the sources were read', () => {
    expect(all.map((w) => w.name)).toEqual(expect.arrayContaining(['primes', 'tree', 'crash', 'bomb']));
    expect(all.find((w) => w.name === 'crash')?.params).toEqual(['how', 'code', 'delay_ms']);
  });

  it.each(all.map((w) => [w.name, w] as const))('%s', (name, { params }) => {
    setLanguage('es');
    expect(workloadName(name), 'name').not.toBe(name);
    expect(workloadSummary(name, 'told'), 'summary').not.toBe('told');
    for (const param of params) expect(paramHelp(name, param, 'told'), param).not.toBe('told');
    setLanguage('en');
    expect(workloadSummary(name, 'told')).toBe('told');
  });
});
