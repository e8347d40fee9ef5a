/** npm run bench:page: the main thread's share at 300 processes and 10 Hz, the longest task, and the heap over churn. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { openBrowser, openPage, until, Vivero } from './vivero';

const SECONDS = Number(process.env.SECONDS ?? 10);
/** of churn; the heap has to be flat over two minutes */
const CHURN_SECONDS = Number(process.env.CHURN ?? 120);

let vivero: Vivero;
let browser: Browser;

beforeAll(async () => {
  vivero = await Vivero.boot(['--empty', '--max-processes', '400']);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await vivero.stop();
});

async function metrics(devtools: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map((m) => [m.name, m.value]));
}

/** Share of a core that the page's main thread uses, over some seconds, and its longest task in ms. */
async function share(page: Page, devtools: CDPSession): Promise<{ share: number; longest: number }> {
  await page.evaluate(() => {
    const seen = { longest: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
    }).observe({ type: 'longtask' });
  });
  const before = await metrics(devtools);
  await page.waitForTimeout(SECONDS * 1000);
  const after = await metrics(devtools);
  const longest = await page.evaluate(() => (window as unknown as { seen: { longest: number } }).seen.longest);
  return { share: (after.TaskDuration! - before.TaskDuration!) / (after.Timestamp! - before.Timestamp!), longest };
}

/** Bytes of JavaScript that are alive, and nodes of the document, after a collection. */
async function heap(devtools: CDPSession): Promise<{ bytes: number; nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return { bytes: usedSize, nodes: (await metrics(devtools)).Nodes! };
}

const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;

it(`300 processes at 10 Hz for ${SECONDS} s`, async () => {
  const { page } = await openPage(browser, vivero.link);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await vivero.start('wait', { count: 250, params: { pause_ms: 200 } });
  await vivero.start('tree', { count: 7, params: { grow_ms: 0 } });
  await until('300', async () => (await vivero.processes()).length >= 300, 60_000);
  await page.waitForTimeout(2000);
  for (const view of ['Map', 'Table']) {
    await page.getByRole('tab', { name: view }).click();
    await page.waitForTimeout(1000);
    const { share: used, longest } = await share(page, devtools);
    console.log(`${view}: main thread ${percent(used)} of a core, longest task ${longest.toFixed(0)} ms (target 30 %)`);
    expect(used).toBeLessThan(0.9);
  }
  await page.getByRole('tab', { name: 'Map' }).click();
  await page.context().close();
  await vivero.api('POST', '/api/end-all', {});
  await until('all have ended', async () => (await vivero.processes()).length === 1, 20_000);
});

it(`the heap is flat over ${CHURN_SECONDS} s of churn`, async () => {
  const { page } = await openPage(browser, vivero.link);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const churn = async (seconds: number): Promise<number> => {
    const end = Date.now() + seconds * 1000;
    let born = 0;
    while (Date.now() < end) {
      born += (await vivero.start('primes', { count: 5, params: { n: 1000 } })).length;
      await page.waitForTimeout(250);
    }
    await page.waitForTimeout(4000); // the last ones leave the map after 3 s
    return born;
  };
  await churn(Math.min(20, CHURN_SECONDS)); // the log of 1,000 events fills
  const before = await heap(devtools);
  const born = await churn(CHURN_SECONDS);
  const after = await heap(devtools);
  const grown = (after.bytes - before.bytes) / before.bytes;
  console.log(`${born} processes came and went: heap ${(before.bytes / 1e6).toFixed(2)} -> ${(after.bytes / 1e6).toFixed(2)} MB (${percent(grown)}), nodes ${before.nodes} -> ${after.nodes}`);
  expect(grown).toBeLessThan(0.5);
  await page.context().close();
});
