import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { cardOf, closePages, openBrowser, openPage, until, Vivero } from './vivero';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** True when a server can listen there now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port that is free now, and stays so while nobody listens there: below those that systems hand out by themselves, to the page's own attempts to connect for one. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

describe('when the server goes', () => {
  it('the page says so, and is back by itself, with nothing of the old one', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const again = (): Promise<Vivero> => Vivero.boot(['--addr', address, '--empty'], { VIVERO_TOKEN: 'the-same-for-both-0123456789abcdef' });
    let vivero = await again();
    try {
      await vivero.start('idle', { count: 3 });
      const { page } = await openPage(browser, vivero.link);
      await until('all four', async () => (await page.getByRole('treeitem').count()) === 4);
      const before = await vivero.processes();
      await vivero.stop();
      await page.getByText('Nothing comes from the server').waitFor();
      expect(await page.getByRole('treeitem').count()).toBeGreaterThan(0); // what was seen last stays, marked as old

      vivero = await again();
      const [fresh] = await vivero.start('idle');
      await cardOf(page, fresh!.pid).waitFor();
      await page.getByText('Nothing comes from the server').waitFor({ state: 'detached' });
      await until('root and child, once each', async () => (await page.getByRole('treeitem').count()) === 2);
      for (const { pid } of before) expect(await cardOf(page, pid).count()).toBe(0);
      await expect.poll(async () => (await page.locator('[data-pid]').evaluateAll((all) => all.map((e) => e.getAttribute('data-id')))).sort()).toEqual(['1', '2']);
      await closePages(browser);
    } finally {
      await vivero.stop();
    }
  });

  it('or falls silent, the page says so too', async () => {
    const vivero = await Vivero.boot();
    try {
      const { page, complaints } = await openPage(browser, vivero.link);
      await page.getByRole('treeitem').first().waitFor();
      const root = (await vivero.processes())[0]!.pid;
      process.kill(root, 'SIGSTOP');
      try {
        await page.getByText('Nothing comes from the server').waitFor();
      } finally {
        process.kill(root, 'SIGCONT'); // stopped it could not end
      }
      await page.getByText('Nothing comes from the server').waitFor({ state: 'detached' });
      await expect.poll(() => page.getByRole('treeitem').count()).toBe(1);
      expect(complaints).toEqual([]);
      await closePages(browser);
    } finally {
      await vivero.stop();
    }
  });
});
