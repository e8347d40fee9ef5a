import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { card, closePages, openBrowser, openPage, scratch, until, Vivero } from './vivero';

let browser: Browser;
let vivero: Vivero | undefined;
const folder = scratch();

beforeAll(async () => {
  browser = await openBrowser();
});
afterEach(async () => {
  await closePages(browser);
  await vivero?.stop();
  vivero = undefined;
});
afterAll(async () => {
  await browser.close();
  folder.remove();
});

describe('vivero run', () => {
  it('shows a pipeline by its programs, and a script by its name', async () => {
    const script = join(folder.path, 'padre.py');
    writeFileSync(script, 'import subprocess\nsubprocess.run(["sleep", "600"])\n');
    vivero = await Vivero.boot(['run', '--', 'sh', '-c', `python3 ${script} & tail -f /dev/null | cat; wait`]);
    const { page, complaints } = await openPage(browser, vivero.link);
    for (const name of ['sh', 'padre.py', 'sleep', 'tail', 'cat']) await card(page, new RegExp(`^${name}( \\d+)?, pid \\d+,`)).first().waitFor();
    expect(await page.getByRole('heading', { name: 'Try something' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('has each of 500 short programs in the log', async () => {
    const go = join(folder.path, 'go');
    execFileSync('mkfifo', [go]);
    vivero = await Vivero.boot(['run', '--keep', '--', 'sh', '-c', `cat '${go}'; for i in $(seq 500); do /bin/true; done`]);
    const { page, complaints } = await openPage(browser, vivero.link, { locale: 'es-ES' });
    await page.getByRole('button', { name: 'Registro' }).click();
    await writeFile(go, ''); // they begin once the page looks on: a snapshot brings 1,000 events, and these are more
    const log = page.getByRole('region', { name: 'Registro' });
    await log.getByRole('button', { name: 'comienzos' }).click(); // off: only ends are left
    await log.getByText('503 líneas').waitFor({ timeout: 60_000 }); // the 500, cat, seq and the shell
    await log.getByText(/terminó \(0\)/).first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows hostile names as the text they are, everywhere', async () => {
    const script = '<img src=x onerror=alert(1)>.py';
    const program = '<img src=x>'; // the kernel's name of a program has 15 bytes
    writeFileSync(join(folder.path, script), 'import time\ntime.sleep(600)\n');
    copyFileSync('/bin/sleep', join(folder.path, program));
    vivero = await Vivero.boot(['run', '--keep', '--', 'sh', '-c', `cd '${folder.path}'; './${program}' 600 & exec python3 '${script}'`]);
    const { page, complaints } = await openPage(browser, vivero.link);
    let alerts = 0;
    page.on('dialog', (dialog) => {
      alerts++;
      void dialog.dismiss();
    });
    for (const name of [script, program]) {
      const mine = page.getByRole('treeitem').getByText(name, { exact: true });
      await mine.click();
      await page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name, exact: true }).waitFor();
      await mine.click({ button: 'right' });
      await page.getByRole('menu').getByText(name, { exact: true }).waitFor();
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Log' }).click();
    // Under a version manager python3 starts dozens more: the first lines are out of sight.
    const log = page.getByRole('region', { name: 'Log' });
    await until('the first lines', async () => {
      await log.hover();
      await page.mouse.wheel(0, -100_000); // nothing when the lines are not drawn yet: once more then
      return log.getByText(program, { exact: true }).first().waitFor({ timeout: 500 }).then(() => true, () => false);
    });
    await page.getByRole('tab', { name: 'Table' }).click();
    await page.getByRole('row').getByText(script, { exact: true }).waitFor();
    await page.getByRole('row').getByText(program, { exact: true }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(alerts).toBe(0);
    expect(complaints).toEqual([]);
  });
});
