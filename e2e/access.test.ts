import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { closePages, drawn, openBrowser, openPage, until, Vivero } from './vivero';

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
afterEach(() => closePages(browser));

/** What axe finds, in words. It needs a script of its own in the page, which our policy refuses: only here it is bypassed. */
async function violations(page: Page, within = 'body'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${v.help}: ${node.html.slice(0, 160)} (${node.any[0]?.message ?? ''})`));
}

const open = async (theme: string, locale: string, more: BrowserContextOptions = {}): Promise<Page> => {
  const { page } = await openPage(browser, vivero.link, { locale, bypassCSP: true, reducedMotion: 'reduce', ...more }, (page) =>
    page.addInitScript((theme) => localStorage.setItem('vivero.theme', theme), theme),
  );
  await page.getByRole('treeitem').first().waitFor();
  await page.getByRole('button', { name: /^(core|núcleo) \d+: / }).first().waitFor();
  await drawn(page);
  return page;
};

describe('axe finds nothing', () => {
  it.each([
    ['light', 'es-ES'],
    ['light', 'en-GB'],
    ['dark', 'es-ES'],
    ['projector', 'en-GB'],
  ])('on a new page, %s, %s', async (theme, locale) => {
    expect(await violations(await open(theme, locale))).toEqual([]);
  });

  it.each([
    ['light', 'es-ES'],
    ['dark', 'en-GB'],
  ])('with everything open, one after the other, %s, %s', { timeout: 300_000 }, async (theme, locale) => {
    const spanish = locale === 'es-ES';
    const [some] = await vivero.start('crash', { params: { delay_ms: 60_000 } });
    await vivero.start('zombie');
    await vivero.api('POST', `/api/processes/${some!.id}/signal`, { signal: 'STOP' });
    const page = await open(theme, locale);
    await page.locator(`.card[data-pid="${some!.pid}"][data-state="stopped"]`).click();
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.getByText(spanish ? 'memoria residente' : 'resident memory').waitFor();
    expect(await violations(page, '.inspector-place'), 'inspector').toEqual([]);
    // Colours are the same for all drawers (theme.test.ts holds their contrast): the dark is looked at in few places.
    if (theme === 'light') {
      await page.getByRole('button', { name: spanish ? 'Crear…' : 'Create…' }).click();
      await page.getByRole('radio').first().waitFor();
      expect(await violations(page, '.spawn'), 'spawn drawer').toEqual([]);
      await page.locator(`.card[data-pid="${some!.pid}"]`).click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      expect(await violations(page, '.view'), 'map and menu').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      for (const drawer of spanish ? ['Cronograma', 'Registro', 'Consolas'] : ['Timeline', 'Log', 'Consoles']) {
        await page.getByRole('button', { name: drawer }).click();
        await page.getByRole('region', { name: drawer }).waitFor();
        expect(await violations(page, '.strip'), drawer).toEqual([]);
      }
    }
    await page.getByRole('tab', { name: spanish ? 'Tabla' : 'Table' }).click();
    await page.getByRole('treegrid').waitFor();
    expect(await violations(page, '.view'), 'table').toEqual([]);
    await vivero.api('POST', '/api/pause', {});
    await page.getByRole('button', { name: spanish ? 'Seguir' : 'Resume' }).waitFor();
    expect(await violations(page, '.toolbar'), 'toolbar, paused').toEqual([]);
    expect(await violations(page, '.foot'), 'foot, paused').toEqual([]);
    await vivero.api('POST', '/api/resume', {});
    if (theme === 'light') {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await violations(page, '.help'), 'keys').toEqual([]);
    }
    await vivero.api('POST', '/api/end-all', {});
    await until('all have ended', async () => (await vivero.processes()).length === 1);
  });

  it('on a phone', async () => {
    await vivero.start('tree', { params: { grow_ms: 0 } });
    const page = await open('light', 'es-ES', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    expect(await violations(page), 'map').toEqual([]);
    await page.getByRole('tab', { name: 'Tabla' }).tap();
    await page.getByRole('treegrid').waitFor();
    expect(await violations(page, '.view'), 'table').toEqual([]);
  });
});
