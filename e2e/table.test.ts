import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { cardOf, closePages, drawn, openBrowser, openPage, until, Vivero } from './vivero';

let vivero: Vivero;
let browser: Browser;
let pids: number[];

beforeAll(async () => {
  vivero = await Vivero.boot(['--empty']);
  browser = await openBrowser();
  await vivero.start('tree', { params: { depth: 2, branching: 2, grow_ms: 0, burst_ms: 0 } });
  await vivero.start('idle', { count: 2 });
  pids = await until('seven of a tree, two idle ones, and the root', async () => {
    const all = await vivero.processes();
    return all.length === 10 && all.map((p) => p.pid);
  });
});
afterAll(async () => {
  await browser.close();
  await vivero.stop();
});
afterEach(async () => {
  await closePages(browser);
  for (const p of await vivero.processes()) if (!pids.includes(p.pid)) await vivero.api('DELETE', `/api/processes/${p.id}`);
  await until('only what was there before', async () => (await vivero.processes()).length === pids.length);
});

async function openTable(locale = 'en-GB'): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, vivero.link, { locale });
  await opened.page.getByRole('tab', { name: /^(Table|Tabla)$/ }).click();
  await until('all lines', async () => (await lines(opened.page)).length === pids.length);
  return opened;
}

/** The table as it stands: pid, ppid, level. */
const lines = (page: Page): Promise<{ pid: number; ppid: number; level: number }[]> =>
  page.locator('tr[data-pid]').evaluateAll((rows) =>
    rows.map((row) => ({
      pid: Number(row.querySelector('.cell-pid')?.textContent),
      ppid: Number(row.querySelector('.cell-ppid')?.textContent),
      level: Number(row.getAttribute('aria-level')),
    })),
  );

describe('the table', () => {
  it('is the tree of the API: each under its parent', async () => {
    const { page, complaints } = await openTable('es-ES');
    const tree = new Map((await vivero.processes()).map((p) => [p.pid, p.ppid]));
    await expect.poll(async () => new Map((await lines(page)).map((l) => [l.pid, l.ppid]))).toEqual(tree);
    const shown = await lines(page);
    expect(shown).toHaveLength(tree.size);
    const above: number[] = [];
    for (const { pid, ppid, level } of shown) {
      if (level > 1) expect(above[level - 1]).toBe(ppid);
      above[level] = pid;
    }
    expect(complaints).toEqual([]);
  });

  it('finds by name and by pid; the key is /', async () => {
    const { page, complaints } = await openTable();
    await page.keyboard.press('/');
    await expect.poll(() => page.getByRole('searchbox').evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type('idle');
    await page.getByText('2 processes match “idle”').waitFor();
    await page.keyboard.press('Escape');
    // The search finds parts too: 123 in 1234.
    const one = pids.find((pid) => pids.filter((other) => String(other).includes(String(pid))).length === 1)!;
    await page.getByRole('searchbox').fill(String(one));
    await page.getByText(/^1 process matches/).waitFor();
    await expect.poll(async () => (await lines(page)).map((l) => l.pid)).toContain(one);
    expect(complaints).toEqual([]);
  });

  it('sorts as a flat list, and goes back to the tree', async () => {
    const { page, complaints } = await openTable();
    const before = await lines(page);
    await page.getByRole('button', { name: 'pid', exact: true }).click();
    await page.getByText(/^A flat list by pid/).waitFor();
    await expect.poll(async () => (await lines(page)).map((l) => l.pid)).toEqual([...pids].sort((a, b) => a - b));
    await page.getByRole('button', { name: 'pid', exact: true }).click();
    await until('the other way round', async () => (await lines(page))[0]?.pid === Math.max(...pids));
    await page.getByRole('button', { name: 'Back to the tree' }).click();
    await until('the tree', async () => JSON.stringify(await lines(page)) === JSON.stringify(before));
    expect(complaints).toEqual([]);
  });

  it('a frozen view holds, while the processes go on', async () => {
    const { page, complaints } = await openTable();
    await page.getByRole('button', { name: 'Freeze view' }).click();
    await page.getByText('View frozen; the processes go on').waitFor();
    await drawn(page); // the last of what came before
    const still = await page.locator('tbody').innerText();
    const [fresh] = await vivero.start('idle');
    // The server has told it to a viewer who is not frozen.
    const other = await openPage(browser, vivero.link);
    await cardOf(other.page, fresh!.pid).waitFor();
    expect(await page.locator('tbody').innerText()).toBe(still);
    await page.getByRole('button', { name: 'Freeze view' }).click();
    await page.locator(`tr[data-pid="${fresh!.pid}"]`).waitFor();
    expect(complaints).toEqual([]);
  });

  it('acts by its menu, and the row tells', async () => {
    const { page, complaints } = await openTable();
    const idle = (await vivero.processes()).find((p) => p.label === 'idle')!;
    await page.getByRole('button', { name: `Actions on idle, pid ${idle.pid}` }).click();
    await page.getByRole('menuitem', { name: /^Stop/ }).click();
    await page.locator(`tr[data-pid="${idle.pid}"]`).getByText('stopped').waitFor();
    await page.locator(`tr[data-pid="${idle.pid}"]`).click({ button: 'right' });
    await page.getByRole('menuitem', { name: /^Continue/ }).click();
    await until('goes on', async () => (await vivero.processes()).find((p) => p.id === idle.id)?.state === 'S');
    expect(complaints).toEqual([]);
  });
});
