/** Boots the real program and opens its page in real Chromium. Whoever boots, stops: see `stop`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

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
    private readonly token: string,
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
        log += data;
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

/** A page with the presenter's link open, on a projector's 1280 × 720 unless told otherwise. Complaints of the page fail the test that ends with `complaints`. */
export async function openPage(browser: Browser, link: string, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(link);
  return { page, complaints };
}

/** Waits until `look` gives something true, and gives it. */
export async function until<T>(what: string, look: () => Promise<T> | T, ms = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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
