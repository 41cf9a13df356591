// How the published program is bundled. `bench/run.mjs` bundles what it compares the program with by the same options.
import { readFileSync } from 'node:fs';

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

/** How the page of the web inbox is bundled, for browsers of the last two years. */
export const pageOptions = {
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

/** How the program is bundled: what it never uses is left out. */
export const programOptions = { ...bundleOptions, plugins: [withoutAjv] };
