import { describe, expect, it } from 'vitest';
import { setLanguage } from './index';
import { processName, workloadName } from './names';
import { bytes, duration, number, percent } from './numbers';

/** Spaces made visible: _ the wide one that does not break, ' the narrow one. */
const seen = (text: string): string => text.replaceAll('\u00a0', '_').replaceAll('\u202f', "'");

describe('numbers', () => {
  it.each([
    [() => number(0), '0', '0'],
    [() => number(41204), "41'204", "41'204"],
    [() => number(2026), '2026', '2026'],
    [() => number(1234567.891, 1), "1'234'567.9", "1'234'567,9"],
    [() => number(-0.04, 1), '0.0', '0,0'],
    [() => number(-12), '−12', '−12'],
    [() => percent(0.004, 1), '0.4_%', '0,4_%'],
    [() => percent(3.12), '312_%', '312_%'],
    [() => bytes(0), '0_B', '0_B'],
    [() => bytes(999), '999_B', '999_B'],
    [() => bytes(999_999), '1.0_MB', '1,0_MB'],
    [() => bytes(6_800_000), '6.8_MB', '6,8_MB'],
    [() => bytes(371e6), '371_MB', '371_MB'],
    [() => bytes(7.7e9), '7.7_GB', '7,7_GB'],
    [() => duration(0.42), '0.42_s', '0,42_s'],
    [() => duration(12.34), '12.3_s', '12,3_s'],
    [() => duration(59.99), '1_min 0_s', '1_min 0_s'],
    [() => duration(185), '3_min 5_s', '3_min 5_s'],
    [() => duration(7800), '2_h 10_min', '2_h 10_min'],
  ])('%s → %s, %s', (format, en, es) => {
    setLanguage('en');
    expect(seen(format())).toBe(en);
    setLanguage('es');
    expect(seen(format())).toBe(es);
  });
});

describe('names', () => {
  const p = { name: 'primes', label: 'primes', workload: 'primes', role: '' };
  it('follow the language, the unknown keep their own', () => {
    setLanguage('es');
    expect(['primes', 'wait', 'memory', 'threads', 'idle', 'tree', 'crash', 'zombie', 'orphan', 'bomb', 'new'].map(workloadName)).toEqual(
      ['primos', 'espera', 'memoria', 'hilos', 'ocioso', 'árbol', 'fallo', 'zombi', 'huérfano', 'bomba', 'new'], // prettier-ignore
    );
    setLanguage('en');
    expect(workloadName('primes')).toBe('primes');
  });

  it.each([
    [p, 'primos'],
    [{ ...p, label: 'primes 5' }, 'primos 5'],
    [{ ...p, role: 'stage 2', workload: 'pipeline', label: 'pipeline' }, 'etapa 2'],
    [{ ...p, role: 'leaf', workload: 'tree' }, 'hoja'],
    [{ ...p, workload: '', label: 'sleep 600', name: 'sleep' }, 'sleep 600'],
    [{ ...p, workload: '', label: '', name: 'sleep' }, 'sleep'],
    [{ ...p, workload: '', label: 'primes', name: 'primes' }, 'primes'],
    [{ ...p, workload: 'constructor', label: 'x' }, 'constructor'],
  ])('%#', (process, name) => {
    setLanguage('es');
    expect(processName(process)).toBe(name);
  });
});
