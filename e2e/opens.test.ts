import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { card, cardOf, closePages, drawn, openBrowser, openPage, until, Vivero } from './vivero';

const LOOKS_ON = 'a-viewer-of-the-class-0123456789';

let vivero: Vivero;
let browser: Browser;

beforeAll(async () => {
  vivero = await Vivero.boot([], { VIVERO_VIEWER_TOKEN: LOOKS_ON });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await vivero.stop();
});

afterEach(() => closePages(browser));

/** Notes when the token went from the address, by the page's own clock. */
const watchAddress = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const noted = window as unknown as { cleaned?: number };
    const replace = history.replaceState.bind(history);
    history.replaceState = (...args) => {
      replace(...args);
      if (!location.hash.includes('token')) noted.cleaned ??= performance.now();
    };
  });

describe('the page opens on something alive', () => {
  it('in Spanish, with the token gone from the address before anything is painted; a reload keeps the presenter', async () => {
    const { page, complaints } = await openPage(browser, vivero.link, { locale: 'es-ES' }, watchAddress);
    await card(page, /^productor( \d)?, pid \d+/).waitFor();
    await card(page, /^consumidor( \d)?, pid \d+/).waitFor();
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('es');
    await expect.poll(() => page.url()).toBe(`${vivero.origin}/`);
    // The browser notes a paint only once it is on the screen, which may be after its cards are in the document.
    const painted = await until('the first paint', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime));
    const cleaned = await page.evaluate(() => (window as unknown as { cleaned: number }).cleaned);
    expect(cleaned).toBeLessThan(painted);
    await page.getByRole('heading', { name: 'Prueba algo' }).waitFor();

    await page.reload();
    await card(page, /^productor( \d)?, pid \d+/).waitFor();
    await page.getByRole('button', { name: 'Crear…' }).waitFor();
    await expect.poll(() => page.url()).toBe(`${vivero.origin}/`);
    expect(complaints).toEqual([]);
  });

  it('in English, under its name, with the machine above', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    await card(page, /^producer( \d)?, pid \d+/).waitFor();
    await page.getByRole('heading', { name: 'Vivero' }).waitFor();
    const meters = page.getByRole('button', { name: /^core \d+: .* busy/ });
    const cores = (await vivero.api<{ cores: unknown[] }>('GET', '/api/tree')).cores.length;
    await expect.poll(() => meters.count()).toBe(cores);
    await page.getByText(/observing costs .* procfs/).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('a viewer', () => {
  it('looks at everything and is offered no action', async () => {
    const [child] = await vivero.start('tree', { params: { depth: 1, branching: 2, grow_ms: 0, burst_ms: 0 } });
    const { page, complaints } = await openPage(browser, vivero.linkOf(LOOKS_ON));
    const mine = cardOf(page, child!.pid);
    await mine.waitFor();
    await page.getByText('You watch what the class is shown').waitFor();
    const forbidden = async (): Promise<string[]> => {
      const names = await page.getByRole('button').allInnerTexts();
      return names.filter((name) => /create|end all|terminate|kill|^stop|continue|new child|pause|step|repeat|send|other signals/i.test(name));
    };
    expect(await forbidden()).toEqual([]);
    await mine.click({ button: 'right' });
    await mine.press('k');
    await mine.press('s');
    await mine.press('n');
    await mine.press('Enter');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.getByText('resident memory').waitFor();
    await inspector.getByText('Open descriptors').waitFor();
    expect(await page.getByRole('menu').count()).toBe(0);
    expect(await forbidden()).toEqual([]);
    await page.getByRole('tab', { name: 'Table' }).click();
    const row = page.getByRole('row', { name: new RegExp(`\\b${child!.pid}\\b`) });
    await row.first().click({ button: 'right' });
    await drawn(page); // a menu, had there been one
    expect(await page.getByRole('menu').count()).toBe(0);
    await page.getByRole('button', { name: 'Log' }).click();
    await page.getByText('starts', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Consoles' }).click();
    await page.getByRole('region', { name: 'Consoles' }).waitFor();
    expect(await forbidden()).toEqual([]);
    expect(await page.getByRole('heading', { name: 'Try something' }).count()).toBe(0);
    await expect.poll(async () => (await vivero.processes()).find((p) => p.id === child!.id)?.state).toBe('S');
    expect(complaints).toEqual([]);
  });

  it('is counted', async () => {
    const first = await openPage(browser, vivero.link);
    await first.page.getByText('1 watches').waitFor();
    const second = await openPage(browser, vivero.linkOf(LOOKS_ON));
    await first.page.getByText('2 watch').waitFor();
    await second.page.getByText('2 watch').waitFor();
    await second.page.context().close();
    await first.page.getByText('1 watches').waitFor();
  });

  it('with a wrong token is told so', async () => {
    const { page } = await openPage(browser, vivero.linkOf('wrong'), { locale: 'es-ES' });
    await page.getByText('Este enlace no vale').waitFor();
    expect(await page.getByRole('treeitem').count()).toBe(0);
  });
});

describe('a hidden tab', () => {
  it('costs nothing, and is right within a second of coming back', async () => {
    const { page, complaints } = await openPage(browser, vivero.link, {}, (page) =>
      page.addInitScript(() => {
        const state = { hidden: false, read: 0, drawn: 0 };
        Object.assign(window, { state });
        Object.defineProperty(document, 'hidden', { get: () => state.hidden });
        const parse = JSON.parse.bind(JSON);
        JSON.parse = (...args: Parameters<typeof parse>): unknown => {
          state.read++;
          return parse(...args) as unknown;
        };
        new MutationObserver(() => state.drawn++).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      }),
    );
    await card(page, /^producer/).waitFor();
    const hide = (hidden: boolean): Promise<unknown> =>
      page.evaluate((hidden) => {
        Object.assign((window as unknown as { state: object }).state, { hidden, read: 0, drawn: 0 });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    const counts = (): Promise<{ read: number; drawn: number }> => page.evaluate(() => (window as unknown as { state: { read: number; drawn: number } }).state);
    await hide(true);
    // A dot that was on its way lands first: hidden is here only what the page is told, and frames go on.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const { state } = window as unknown as { state: { drawn: number } };
          let quiet = 0;
          const frame = (): void => {
            quiet = state.drawn === 0 ? quiet + 1 : 0;
            state.drawn = 0;
            if (quiet < 30) requestAnimationFrame(frame);
            else resolve();
          };
          requestAnimationFrame(frame);
        }),
    );
    const [fresh] = await vivero.start('idle');
    const [marker] = await vivero.start('primes', { params: { n: 1000 } });
    await until('the short one has ended', async () => !(await vivero.processes()).some((p) => p.id === marker!.id));
    const seen = await counts();
    expect(seen.read).toBe(0);
    expect(seen.drawn).toBeLessThan(5);
    expect(await cardOf(page, fresh!.pid).count()).toBe(0);

    const since = Date.now();
    await hide(false);
    await cardOf(page, fresh!.pid).waitFor();
    console.log(`right again ${Date.now() - since} ms after coming back`);
    expect(complaints).toEqual([]);
  });
});
