import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { card, cardOf, closePages, endAll, kernel, openBrowser, openPage, until, Vivero } from './vivero';

let vivero: Vivero;
let browser: Browser;

beforeAll(async () => {
  vivero = await Vivero.boot([]);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await vivero.stop();
});
afterEach(async () => {
  await closePages(browser);
  await vivero.api('POST', '/api/end-all', {});
  await until('all have ended', async () => (await vivero.processes()).length === 1);
});

const tiles = (page: Page) => page.getByRole('heading', { name: /Try something|Prueba algo/ });

describe('the spawn drawer', () => {
  it('starts what was picked, as often as asked, with the parameters typed', async () => {
    const { page, complaints } = await openPage(browser, vivero.link, { locale: 'es-ES' });
    await page.getByRole('button', { name: 'Crear…' }).click();
    const drawer = page.getByRole('region', { name: 'Crear procesos' });
    await drawer.getByRole('radio', { name: 'árbol' }).check();
    await drawer.getByLabel('profundidad').fill('1');
    await drawer.getByLabel('ramas').fill('2');
    await drawer.getByLabel('cuántos').fill('2');
    await drawer.getByRole('button', { name: 'Crear 2 procesos' }).click();
    const leaves = await until('two trees of three', async () => {
      const all = (await vivero.processes()).filter((p) => p.label === 'tree');
      return all.length === 6 && all;
    });
    for (const { pid, ppid } of leaves) {
      await cardOf(page, pid).waitFor();
      expect(kernel(pid)?.ppid).toBe(ppid);
    }
    expect(complaints).toEqual([]);
  });

  it('shows the server’s sentence at the form, and starts nothing', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    const before = await vivero.processes();
    await page.getByRole('button', { name: 'Create…' }).click();
    const drawer = page.getByRole('region', { name: 'Create processes' });
    await drawer.getByRole('radio', { name: 'primes' }).check();
    // The browser's own bounds are taken away, as if they were not the server's.
    const n = drawer.getByLabel('n', { exact: true });
    await n.evaluate((field) => field.removeAttribute('min'));
    await n.fill('-5');
    await drawer.getByRole('button', { name: 'Create 1 process' }).click();
    await drawer.getByRole('alert').getByText(/n must be 1\.\.\d+, got -5/).waitFor();
    expect(await vivero.processes()).toHaveLength(before.length);
    expect(complaints.filter((c) => !c.includes('400'))).toEqual([]);
  });

  it('the browser does not send what is out of bounds', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    const sent: (string | null)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.postData());
    });
    await page.getByRole('button', { name: 'Create…' }).click();
    const drawer = page.getByRole('region', { name: 'Create processes' });
    await drawer.getByRole('radio', { name: 'idle' }).check();
    await drawer.getByLabel('how many').fill('0');
    await drawer.getByRole('button', { name: /^Create/ }).click();
    await expect.poll(() => drawer.getByLabel('how many').evaluate((field: HTMLInputElement) => field.matches(':invalid'))).toBe(true);
    // What is within them is sent: had the first been, it would have come before.
    await drawer.getByLabel('how many').fill('3');
    await drawer.getByRole('button', { name: 'Create 3 processes' }).click();
    await until('three', async () => (await vivero.processes()).filter((p) => p.label === 'idle').length === 3);
    expect(sent).toHaveLength(1);
    expect(complaints).toEqual([]);
  });
});

describe('a process', () => {
  it('gets a real child from the context menu', async () => {
    const [parent] = await vivero.start('idle');
    const { page, complaints } = await openPage(browser, vivero.link);
    await cardOf(page, parent!.pid).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'New child' }).click();
    const drawer = page.getByRole('region', { name: 'Create processes' });
    await drawer.getByRole('radio', { name: 'wait' }).check();
    await drawer.getByRole('button', { name: 'Create 1 process' }).click();
    const child = await until('the child', async () => (await vivero.processes()).find((p) => p.parent === parent!.id));
    expect(kernel(child.pid)?.ppid).toBe(parent!.pid);
    await cardOf(page, child.pid).waitFor();
    await expect.poll(() => cardOf(page, child.pid).getAttribute('aria-level')).toBe('3');
    expect(complaints).toEqual([]);
  });

  it('is stopped, continued, terminated and killed from the menu', async () => {
    const [pid, other] = (await vivero.start('idle', { count: 2 })).map((p) => p.pid) as [number, number];
    const { page, complaints } = await openPage(browser, vivero.link);
    const choose = async (of: number, verb: RegExp): Promise<void> => {
      await cardOf(page, of).click({ button: 'right' });
      await page.getByRole('menuitem', { name: verb }).click();
      await page.getByRole('menu').waitFor({ state: 'detached' });
    };
    await choose(pid, /^Stop/);
    await until('stopped', () => kernel(pid)?.state === 'T');
    await card(page, new RegExp(`pid ${pid}, stopped`)).waitFor();
    await choose(pid, /^Continue/);
    await until('goes on', () => kernel(pid)?.state === 'S');
    await choose(pid, /^Terminate/);
    await until('gone', () => kernel(pid) === null);
    // It is told for three seconds only: who looks has to look from the first on.
    await Promise.all([card(page, new RegExp(`pid ${other}, killed by SIGKILL`)).waitFor(), choose(other, /^Kill SIGKILL/)]);
    await until('gone', () => kernel(other) === null);
    await until('its card leaves', async () => (await cardOf(page, other).count()) === 0);
    expect(complaints).toEqual([]);
  });

  it('and all below it are killed at once, from the inspector', async () => {
    const [top] = await vivero.start('tree', { params: { depth: 1, branching: 3, grow_ms: 0 } });
    const family = await until('all four', async () => {
      const all = (await vivero.processes()).filter((p) => p.label === 'tree');
      return all.length === 4 && all;
    });
    const { page, complaints } = await openPage(browser, vivero.link, { locale: 'es-ES' });
    await cardOf(page, top!.pid).click();
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.getByRole('button', { name: /^Detener/ }).click();
    await until('stopped', () => kernel(top!.pid)?.state === 'T');
    await inspector.getByRole('button', { name: /^Continuar/ }).click();
    await until('goes on', () => /^[SR]$/.test(kernel(top!.pid)?.state ?? ''));
    await inspector.getByRole('button', { name: /Matar también a sus descendientes \(4\)/ }).click();
    for (const { pid } of family) await until(`${pid} is gone`, () => kernel(pid) === null);
    expect(complaints).toEqual([]);
  });

  it('obeys letters, but only while its card is focused', async () => {
    const [pid] = (await vivero.start('idle')).map((p) => p.pid) as [number];
    const { page, complaints } = await openPage(browser, vivero.link);
    const mine = cardOf(page, pid);
    await mine.waitFor();
    await page.keyboard.press('k');
    await page.getByRole('searchbox').fill('k');
    await page.getByRole('searchbox').fill('');
    await mine.focus();
    await page.keyboard.press('s');
    await until('stopped', () => kernel(pid)?.state === 'T');
    await card(page, new RegExp(`pid ${pid}, stopped`)).waitFor();
    await page.keyboard.press('s');
    await until('goes on', () => kernel(pid)?.state === 'S');
    await card(page, new RegExp(`pid ${pid}, (waiting|sleeping)`)).waitFor();
    await page.keyboard.press('n');
    await page.getByRole('region', { name: 'Create processes' }).waitFor();
    await expect.poll(() => page.getByLabel('Parent').locator('option:checked').innerText()).toContain(String(pid));
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Create processes' }).waitFor({ state: 'detached' });
    await mine.focus();
    await page.keyboard.press('k');
    await until('gone', () => kernel(pid) === null);
    expect(complaints).toEqual([]);
  });
});

describe('the tiles', () => {
  it('fill the cores, are gone then, and come back when nothing runs', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    await tiles(page).waitFor();
    await page.getByRole('button', { name: /^Fill the cores/ }).click();
    await until('as many as promised', async () => {
      const cores = (await vivero.api<{ cores: unknown[] }>('GET', '/api/tree')).cores.length;
      return (await vivero.processes()).filter((p) => p.label === 'primes').length === 2 * cores;
    });
    await tiles(page).waitFor({ state: 'detached' });
    const all = page.getByRole('button', { name: 'End all' });
    // It asks for three seconds only: who looks has to look from the first on.
    await Promise.all([page.getByRole('button', { name: /^Really end \d+ processes\?$/ }).waitFor(), all.click()]);
    // Too late: it asks anew.
    await all.waitFor();
    expect((await vivero.processes()).length).toBeGreaterThan(1);
    await endAll(page, vivero);
    await tiles(page).waitFor();
    expect(complaints).toEqual([]);
  });

  it('are gone when another client starts something', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    await tiles(page).waitFor();
    await vivero.start('idle');
    await tiles(page).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});
