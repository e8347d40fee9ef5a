/** head.js as the page runs it: a classic script. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { token } from './state/token';

const source = readFileSync('web/head.js', 'utf8');
const run = (): void => {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- it is the subject
  new Function(source)();
};

describe('head.js', () => {
  beforeEach(() => {
    sessionStorage.clear();
    localStorage.clear();
    delete document.documentElement.dataset.theme;
    history.replaceState(null, '', '/');
  });

  it.each([
    ['#token=abc', 'abc', ''],
    ['#token=abc&lesson=race', 'abc', '#lesson=race'],
    ['#lesson=race&token=a%2Bb', 'a+b', '#lesson=race'],
    ['#lesson=race', '', '#lesson=race'],
    ['', '', ''],
  ])('%s', (hash, kept, left) => {
    history.replaceState(null, '', `/?q=1${hash}`);
    run();
    expect(token()).toBe(kept);
    expect(location.hash).toBe(left);
    expect(location.search).toBe('?q=1');
    expect(location.href).not.toContain('abc');
  });

  it('a reload without the token keeps the one of before', () => {
    history.replaceState(null, '', '/#token=abc');
    run();
    run();
    expect(token()).toBe('abc');
  });

  it('a broken escape does no harm', () => {
    history.replaceState(null, '', '/#token=%E0%A4%A');
    expect(run).not.toThrow();
    expect(location.hash).toBe('');
  });

  it('sets theme and language before the first paint, and only ones that exist', () => {
    localStorage.setItem('vivero.theme', 'projector');
    localStorage.setItem('vivero.language', 'es');
    run();
    expect(document.documentElement.dataset.theme).toBe('projector');
    expect(document.documentElement.lang).toBe('es');
    delete document.documentElement.dataset.theme;
    localStorage.setItem('vivero.theme', '"><script>');
    run();
    expect(document.documentElement.dataset.theme).toBeUndefined();
  });
});
