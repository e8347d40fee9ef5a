// npm test: everything, on a machine that has Go and Node and nothing else. Installs what the tests need, runs every
// check, and says at its end what failed. No dependencies: it runs before they are there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'vivero-test-'));
const only = process.argv.slice(2); // names of steps, all when empty

/** The Chromium that the end-to-end tests drive, '' when there is none. */
function chromium() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);
  for (const name of names) {
    const found = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return '';
}

/** The lock file's packages are installed. */
function installed() {
  const mark = join(root, 'node_modules', '.package-lock.json');
  return existsSync(mark) && statSync(mark).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

const go = (args, env) => ({ command: ['go', ...args], env });
const bin = (name, ...args) => ({ command: [join('node_modules', '.bin', name), ...args] });
const vivero = join(scratch, 'vivero');
const page = join(scratch, 'page');

// Each lane runs its steps one after the other; the lanes run side by side, one for each core of a small machine.
const lanes = [
  [
    { name: 'type check', ...bin('tsc', '--noEmit') },
    { name: 'lint', ...bin('eslint', '.') },
    { name: 'page unit tests', ...bin('vitest', 'run') },
    { name: 'page build', ...bin('vite', 'build', '--outDir', page, '--logLevel', 'warn') },
    { name: 'page equals static/', command: ['diff', '-r', '-x', 'embed.go', page, 'static'] },
  ],
  [
    { name: 'gofmt', command: ['sh', '-c', 'test -z "$(git ls-files "*.go" | xargs gofmt -l | tee /dev/stderr)"'] },
    { name: 'go vet', ...go(['vet', './...']) },
    { name: 'go vet for macOS', ...go(['vet', './...'], { GOOS: 'darwin', CGO_ENABLED: '0' }) },
    { name: 'go build for Windows', ...go(['build', '-o', join(scratch, 'vivero.exe'), './server'], { GOOS: 'windows', CGO_ENABLED: '0' }) },
    { name: 'staticcheck', ...go(['run', 'honnef.co/go/tools/cmd/staticcheck', './...']) },
    { name: 'go build', ...go(['build', '-o', vivero, './server']) },
  ],
];
// Real processes and real clocks: these run alone, one package at a time.
const after = [
  { name: 'go test -race', ...go(['test', '-race', '-p', '1', '-timeout', '8m', './...']) },
  { name: 'end-to-end tests', ...bin('vitest', 'run', '--config', 'e2e/vitest.config.ts'), env: { VIVERO: vivero } },
];

/** Runs one step and keeps what it prints; shows it only when it fails. */
function run(step) {
  return new Promise((resolve) => {
    const started = Date.now();
    const seconds = () => ((Date.now() - started) / 1000).toFixed(1).padStart(6) + ' s';
    const [command, ...args] = step.command;
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...step.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const alive = setInterval(() => console.log(`       … ${step.name} (${seconds().trim()})`), 60_000);
    const end = (ok, why = '') => {
      clearInterval(alive);
      console.log(`${ok ? 'passed' : 'FAILED'} ${step.name.padEnd(24)} ${seconds()}`);
      if (!ok) console.log(`$ ${step.command.join(' ')}\n${output}${why}`);
      resolve({ name: step.name, ok, output: output + why });
    };
    child.on('error', (error) => end(false, String(error)));
    child.on('close', (code) => end(code === 0));
  });
}

async function inOrder(steps) {
  const results = [];
  for (const step of steps) if (!only.length || only.includes(step.name)) results.push(await run(step));
  return results;
}

function must(command, args, why) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.log(`FAILED ${why}`);
    process.exit(1);
  }
}

if (!installed()) must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci: the packages of package-lock.json could not be installed');
if (!chromium()) {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/debian|ubuntu/i.test(release) || process.getuid?.() !== 0) {
    console.log('FAILED The end-to-end tests need Chromium: install it (Debian: apt-get install chromium) or name its path in CHROMIUM.');
    process.exit(1);
  }
  must('apt-get', ['update', '-qq'], 'apt-get update');
  must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], 'apt-get install chromium');
}
process.env.CHROMIUM = chromium();

const results = (await Promise.all(lanes.map(inOrder))).flat();
results.push(...(await inOrder(after)));
rmSync(scratch, { recursive: true, force: true });

const failed = results.filter((r) => !r.ok);
for (const { name, output } of failed) console.log(`\nFAILED ${name}: the end of what it printed\n${output.split('\n').slice(-40).join('\n')}`);
console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
if (failed.length) console.log(`Failed: ${failed.map((r) => r.name).join(', ')}`);
process.exit(failed.length ? 1 : 0);
