import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Puts head.js into <head> as a classic script: it takes the token out of the address bar before anything is painted,
 * and modules are deferred, so it can be none.
 */
function head(): Plugin {
  const source = readFileSync(here('web/head.js'), 'utf8');
  const name = `assets/head-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`;
  let building = false;
  return {
    name: 'vivero-head',
    configResolved(config) {
      building = config.command === 'build';
    },
    buildStart() {
      if (building) this.emitFile({ type: 'asset', fileName: name, source });
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: building ? `/${name}` : '/head.js' }, injectTo: 'head-prepend' },
    ],
  };
}

/** Clears what an earlier build left where this one goes, and only that: in static/, embed.go lives too. */
function clean(): Plugin {
  let out = '';
  return {
    name: 'vivero-clean',
    apply: 'build',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir);
    },
    buildStart() {
      rmSync(join(out, 'assets'), { recursive: true, force: true });
      rmSync(join(out, 'index.html'), { force: true });
    },
  };
}

export default defineConfig({
  root: here('web'),
  publicDir: false,
  plugins: [clean(), head()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('static'),
    emptyOutDir: false,
    assetsInlineLimit: 0, // the content security policy allows no data: address
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2022',
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/ws': { target: 'ws://127.0.0.1:8080', ws: true } } },
});
