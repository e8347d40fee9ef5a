// Pictures of the harness's scenes: node web/harness/shots.mjs URL DIRECTORY [only scene…]. Needs a Chromium of the system.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, out, ...only] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const shots = [
  ['empty', 'scene=empty'],
  ['empty-tiles', 'scene=empty&tiles=1'],
  ['one', 'scene=one'],
  ['demo', 'scene=demo&tiles=1'],
  ['twelve', 'scene=twelve'],
  ['twelve-dark', 'scene=twelve&theme=dark'],
  ['busy', 'scene=busy'],
  ['busy-select', 'scene=busy&select=8'],
  ['busy-dark', 'scene=busy&theme=dark'],
  ['sixty', 'scene=sixty'],
  ['many', 'scene=many'],
  ['many-dark', 'scene=many&theme=dark&language=en'],
  ['each', 'scene=each'],
  ['hostile', 'scene=hostile'],
  ['twelve-en', 'scene=twelve&language=en'],
  ['twelve-projector', 'scene=twelve&theme=projector'],
  ['phone-demo', 'scene=demo&role=viewer', 390, 844],
  ['phone-busy', 'scene=busy&role=viewer', 390, 844],
  ['phone-many', 'scene=many', 390, 844],
  ['talk-queue', 'talk=queue&tiles=1'],
  ['talk-queue-en', 'talk=queue&language=en'],
  ['talk-queue-dark', 'talk=queue&theme=dark&delay=500&channel=100'],
  ['talk-pipeline', 'talk=pipeline'],
  ['talk-pipeline-dark', 'talk=pipeline&theme=dark&language=en'],
  ['talk-long', 'talk=long'],
  ['talk-many', 'talk=many'],
  ['talk-pingpong', 'talk=pingpong'],
  ['talk-scatter', 'talk=scatter'],
  ['talk-shell', 'talk=shell'],
  ['talk-python', 'talk=python'],
  ['talk-cores', 'talk=cores'],
  ['talk-load', 'talk=load'],
  ['phone-queue', 'talk=queue&role=viewer', 390, 844],
  ['phone-pingpong', 'talk=pingpong&role=viewer', 390, 844],
  ['phone-pipeline', 'talk=pipeline&role=viewer', 390, 844],
  ['phone-talk-many', 'talk=many&role=viewer', 390, 844],
  ['phone-scatter', 'talk=scatter&role=viewer', 390, 844],
];
for (const [name, query, width = 1280, height = 720] of shots) {
  if (only.length > 0 && !only.includes(name)) continue;
  const page = await browser.newPage({ viewport: { width, height }, hasTouch: width < 500, isMobile: width < 500 });
  page.on('pageerror', (error) => process.stderr.write(`${name}: ${error.message}\n`));
  page.on('console', (message) => message.type() === 'error' && process.stderr.write(`${name}: ${message.text()}\n`));
  await page.goto(`${url}/harness/?${query}`);
  await page.waitForSelector('.map .card');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${out}/${name}.png` });
  await page.close();
}
await browser.close();
