// What a live scene costs the page: node web/harness/perf.mjs URL QUERY [seconds]. The share of the main thread, long tasks, nodes made.
import { chromium } from 'playwright-core';

const [url, query, seconds = '10'] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
await page.goto(`${url}/harness/?${query}`);
await page.waitForSelector('.map .card');
await page.waitForTimeout(1500);
await page.evaluate(() => {
  window.seen = { long: 0, added: 0 };
  new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.seen.long = Math.max(window.seen.long, e.duration)))).observe({ entryTypes: ['longtask'] });
  new MutationObserver((records) => records.forEach((r) => r.addedNodes.forEach((node) => node.nodeType === 1 && window.seen.added++))).observe(document.body, { childList: true, subtree: true });
});
const client = await page.context().newCDPSession(page);
await client.send('Performance.enable', { timeDomain: 'threadTicks' }); // its own time, not that of others on a busy machine
let began = performance.now();
const metric = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
const before = await metric();
began = performance.now();
await page.waitForTimeout(Number(seconds) * 1000);
const after = await metric();
const wall = (performance.now() - began) / 1000;
const share = (name) => `${((100 * (after[name] - before[name])) / wall).toFixed(1)} %`;
const { long, added } = await page.evaluate(() => window.seen);
process.stdout.write(`main thread ${share('TaskDuration')} (script ${share('ScriptDuration')}, layout ${share('LayoutDuration')}, style ${share('RecalcStyleDuration')}), longest task ${long} ms, elements made ${added}, heap ${(after.JSHeapUsedSize / 1e6).toFixed(1)} MB\n`);
await browser.close();
