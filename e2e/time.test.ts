import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { card, cardOf, closePages, endAll, openBrowser, openPage, until, Vivero } from './vivero';

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
afterEach(async () => {
  await closePages(browser);
  await vivero.api('POST', '/api/resume', {});
  await vivero.api('POST', '/api/pace', { delay_ms: 0 });
});

interface Tree {
  readonly control: { readonly paused: boolean; readonly delay_ms: number };
  readonly channels: readonly { readonly sent: number }[];
}
const tree = (): Promise<Tree> => vivero.api<Tree>('GET', '/api/tree');
const sent = async (): Promise<number> => (await tree()).channels[0]!.sent;
const producer = (page: Page, state: string) => card(page, new RegExp(`^(producer|productor) 1, pid \\d+, ${state}`));

describe('the control of time', () => {
  it('pauses, goes on step by step, and resumes; a viewer sees it and cannot', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    const viewer = (await openPage(browser, vivero.linkOf(LOOKS_ON), { locale: 'es-ES' })).page;
    await producer(page, '').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await producer(page, 'held').waitFor();
    await producer(viewer, 'frenado').waitFor();
    await viewer.getByText('En pausa', { exact: true }).waitFor();
    await page.getByText('paused: what is measured does not count').waitFor();
    expect(await viewer.getByRole('slider').count()).toBe(0);
    expect(await viewer.getByRole('button', { name: /Pausa|Seguir|Paso/ }).count()).toBe(0);
    // Held at its gate: each step lets it pass one, so a few of them send a message, and no more of them none.
    const before = await sent();
    await until('a message', async () => {
      await page.getByRole('button', { name: 'Step' }).click();
      return (await sent()) > before;
    });
    await page.getByRole('button', { name: 'Resume' }).click();
    await producer(page, '(?!held)').waitFor();
    await viewer.getByText('En pausa', { exact: true }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('a step when nothing is paused is refused in words', async () => {
    const { page } = await openPage(browser, vivero.link);
    await page.getByRole('button', { name: 'Step' }).click();
    await page.getByRole('alert').getByText('step: nothing is paused; press Pause first').waitFor();
  });

  it('the space bar pauses, but not while anything is focused', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    await producer(page, '').waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor(); // it may act
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(new URL(request.url()).pathname);
    });
    await page.keyboard.press('Space');
    await until('paused', async () => (await tree()).control.paused);
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('Space');
    await page.getByRole('treeitem').first().focus();
    await page.keyboard.press('Space'); // opens the inspector
    await page.getByRole('complementary', { name: 'Inspector' }).waitFor();
    expect((await tree()).control.paused).toBe(true);
    expect(sent).toEqual(['/api/pause']);
    expect(complaints).toEqual([]);
  });

  it('slow motion: steps of the slider, told in words, on every page; who has no gates is named', async () => {
    const { page, complaints } = await openPage(browser, vivero.link, { locale: 'es-ES' });
    const viewer = (await openPage(browser, vivero.linkOf(LOOKS_ON))).page;
    await producer(page, '').waitFor();
    const slider = page.getByRole('slider', { name: 'Cámara lenta' });
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('sin freno');
    await slider.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    await until('half a second', async () => (await tree()).control.delay_ms === 500);
    await page.getByText('Cámara lenta: +0,5\u00a0s por paso').waitFor();
    await page.getByText('cámara lenta: lo medido no cuenta').waitFor();
    await viewer.getByText('Slow motion: +0.5\u00a0s a step').waitFor();
    expect(await page.getByText(/no se puede[n]? frenar/).count()).toBe(0);
    await page.keyboard.press('Home');
    await until('full speed', async () => (await tree()).control.delay_ms === 0);
    await page.getByText('lo medido no cuenta').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('names the programs that nothing holds', async () => {
    const foreign = await Vivero.boot(['run', '--', 'sh', '-c', 'sleep 600 | cat']);
    try {
      const { page, complaints } = await openPage(browser, foreign.link, { locale: 'es-ES' });
      await card(page, /^cat/).waitFor();
      await page.getByRole('button', { name: 'Pausa' }).click();
      await page.getByText(/^3 procesos no se pueden frenar: sh, (sleep, cat|cat, sleep)$/).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await foreign.stop();
    }
  });
});

describe('repeat', () => {
  it('starts the last choice again', async () => {
    const { page, complaints } = await openPage(browser, vivero.link);
    const again = page.getByRole('button', { name: 'Repeat' });
    await expect.poll(() => again.isDisabled()).toBe(true);
    await page.getByRole('button', { name: /^Messages/ }).click();
    const chain = async (): Promise<number[]> => (await vivero.processes()).filter((p) => p.label.startsWith('pipeline')).map((p) => p.pid);
    const first = await until('a chain of four', async () => ((await chain()).length === 4 ? chain() : null));
    for (const pid of first) await cardOf(page, pid).waitFor();
    await again.click();
    await until('two chains', async () => (await chain()).length === 8);
    await expect.poll(() => again.getAttribute('title')).toBe('Start once more: pipeline');
    await endAll(page, vivero);
    expect(complaints).toEqual([]);
  });
});
