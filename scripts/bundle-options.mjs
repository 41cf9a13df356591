// How the published program is bundled. `bench/run.mjs` bundles what it compares the program with by the same options.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** How everything is bundled. */
export const bundleOptions = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  define: { SWITCHBOARD_VERSION: JSON.stringify(version) },
  // Its usual entry hides what it requires from a bundler.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  chunkNames: '[name]-[hash]',
  // CommonJS packages inside the bundle call require(), which an ES module does not have.
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: 'warning',
};

// For browsers of the last two years.
const pageOptions = {
  bundle: true,
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'browser',
  target: ['chrome120', 'firefox121', 'safari17.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  tsconfigRaw: {},
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
};

// The SDK's server imports a JSON Schema validator (ajv, three quarters of what `switchboard mcp` would load at its start)
// for elicitation alone. Nothing here elicits, and `mcp/server.ts` gives the server a validator of its own.
const withoutAjv = {
  name: 'without-ajv',
  setup({ onLoad }) {
    onLoad({ filter: /validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
    }));
  },
};

// Of telegraf the program uses the client alone. Its usual entry also brings a framework for bots and eight packages.
const withoutFramework = {
  name: 'without-framework',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^telegraf$/ }, () => ({ path: 'telegraf', namespace: 'client-alone' }));
    onLoad({ filter: /^telegraf$/, namespace: 'client-alone' }, () => ({
      contents:
        'export { Telegram } from "./lib/telegram.js"; export { TelegramError } from "./lib/core/network/error.js";',
      resolveDir: resolve('node_modules/telegraf'),
    }));
  },
};

// node-fetch falls back to it where Node has no URL of its own, which was so before Node 10: with its tables it would be
// a fifth of the program, and warn of `punycode` at each start.
const withoutWhatwgUrl = {
  name: 'without-whatwg-url',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^whatwg-url$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /^whatwg-url$/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

// node-fetch takes URLs apart by `url.parse`, of which Node 24 warns at each start. It does so for `http.request` and to put
// them together again; the program's agents are asked for by the host.
const withoutUrlParse = {
  name: 'without-url-parse',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^url$/ }, ({ importer }) =>
      packageFolder(importer)?.endsWith('node-fetch') ? { path: 'url', namespace: 'today' } : null,
    );
    onLoad({ filter: /^url$/, namespace: 'today' }, () => ({
      contents: `const { urlToHttpOptions } = require('node:url');
        const parse = (text) => { const url = new URL(text); return { ...urlToHttpOptions(url), host: url.host }; };
        module.exports = { URL, parse, format: ({ href }) => href };`,
    }));
  },
};

/** How the program is bundled: what it never uses is left out. */
export const programOptions = {
  ...bundleOptions,
  plugins: [withoutAjv, withoutFramework, withoutWhatwgUrl, withoutUrlParse],
};

/** The program: what it is made of, and how. */
export const programBuild = { entryPoints: { switchboard: 'src/cli/main.ts' }, ...programOptions };

/** Where the sources of the page of the web inbox lie. */
export const PAGE = 'src/channels/web/page';

/** The page: what it is made of, and how. */
export const pageBuild = {
  entryPoints: [
    { in: `${PAGE}/main.tsx`, out: 'app' },
    { in: `${PAGE}/styles/app.css`, out: 'app' },
  ],
  ...pageOptions,
};

/** The folder of the package that an input of a build belongs to, e.g. `node_modules/zod`; null for our own. */
export function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? null;
}
