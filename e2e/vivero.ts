/** Boots the real program and opens its page in real Chromium. Whoever boots, stops: see `stop`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';

/** How the API shows a process; the fields that the tests look at. */
export interface Row {
  readonly id: number;
  readonly pid: number;
  readonly ppid: number;
  readonly parent: number;
  readonly name: string;
  readonly label: string;
  readonly state: string;
}

export class Vivero {
  private constructor(
    private readonly child: ChildProcess,
    readonly link: string,
    readonly origin: string,
    readonly token: string,
    private readonly log: () => string,
  ) {}

  /** Starts the program on a free port and waits for its link. */
  static async boot(args: string[] = ['--empty'], env: NodeJS.ProcessEnv = {}): Promise<Vivero> {
    const binary = process.env.VIVERO;
    if (!binary) throw new Error('VIVERO must name the built program: npm test does, or go build -o vivero ./server');
    const run = args[0] === 'run';
    const argv = run ? ['run', '--addr', '127.0.0.1:0', ...args.slice(1)] : ['--addr', '127.0.0.1:0', ...args];
    const child = spawn(binary, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let log = '';
    const link = await new Promise<string>((resolve, reject) => {
      const look = (data: Buffer) => {
        log += data.toString();
        const found = /http:\/\/\S+#token=\S+/.exec(log);
        if (found) resolve(found[0]);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', (code) => reject(new Error(`vivero ended with ${code} before it printed its link:\n${log}`)));
    });
    const url = new URL(link);
    return new Vivero(child, link, url.origin, url.hash.replace('#token=', ''), () => log);
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.origin + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.error}\n${this.log()}`);
    return answer;
  }

  start(workload: string, more: { params?: Record<string, unknown>; parent?: number; count?: number } = {}): Promise<{ id: number; pid: number }[]> {
    return this.api('POST', '/api/processes', { workload, ...more });
  }

  async processes(): Promise<Row[]> {
    return (await this.api<{ processes: Row[] }>('GET', '/api/tree')).processes;
  }

  /** The link of one who only looks, when the program was booted with that token in VIVERO_VIEWER_TOKEN. */
  linkOf(token: string): string {
    return `${this.origin}/#token=${token}`;
  }

  /** Sends a signal to the process that was started (the keeper). */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends the program; returns when it and all that it started have ended. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
  }
}

/** Real Chromium, headless. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A page with the presenter's link open, on a projector's 1280 × 720 unless told otherwise. `complaints` gathers what its console says of errors; `prepare` comes before the page does. */
export async function openPage(browser: Browser, link: string, options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<unknown>): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await prepare?.(page);
  await page.goto(link);
  return { page, complaints };
}

/** What the kernel says of a process: its state as ps shows it and its parent; null when it is gone. */
export function kernel(pid: number): { state: string; ppid: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: state ?? '', ppid: Number(ppid) };
  } catch {
    return null;
  }
}

/** The card or stack of the map whose spoken name fits. */
export const card = (page: Page, name: RegExp): Locator => page.getByRole('treeitem', { name });

/** The card of a pid. */
export const cardOf = (page: Page, pid: number): Locator => card(page, new RegExp(`pid ${pid},`));

/** Closes all pages: after each test, so that one that failed leaves none to the next. */
export async function closePages(browser: Browser | undefined): Promise<void> {
  for (const context of browser?.contexts() ?? []) await context.close();
}

/** Waits until `look` gives something true, and gives it. */
export async function until<T>(what: string, look: () => Promise<T> | T, ms = 20_000): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, false | 0 | '' | null | undefined>;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resolves when the page has drawn whatever it was to draw by now: what is not there then, was not asked for. */
export const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/** Ends all by the two clicks it takes. The second has to come within three seconds of the first: on a machine too busy for that the button asks anew, and so do we. */
export async function endAll(page: Page, vivero: Vivero): Promise<void> {
  const ask = page.getByRole('button', { name: 'End all' });
  const sure = page.getByRole('button', { name: /^Really end \d+ process(es)?\?$/ });
  await until(
    'all have ended, by two clicks',
    async () => {
      await ask.click();
      const clicked = await sure.click({ timeout: 2500 }).then(() => true, () => false);
      if (!clicked) return false;
      return until('all have ended', async () => (await vivero.processes()).length === 1).catch(() => false);
    },
    60_000,
  );
}

/** Pids whose environment holds `mark`. */
export function marked(mark: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  }).map(Number);
}

/** A folder that is removed by the caller's `remove`. */
export function scratch(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'vivero-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
