import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;

/** Which rooms each room may import, itself included. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: ['domain'],
  runtime: ['runtime', 'domain'],
  store: ['store', 'domain', 'runtime'],
  relay: ['relay', 'store', 'domain', 'runtime'],
  channels: ['channels', 'relay', 'domain', 'runtime'],
  mcp: ['mcp', 'store', 'domain', 'runtime'],
  cli: ['cli', 'mcp', 'channels', 'relay', 'store', 'domain', 'runtime'],
};

/** Packages and built-in modules that must stay inside one room or channel, and what a pure room may not touch. */
const ONLY_IN: Record<string, RegExp> = {
  telegraf: /^channels\/telegram\//,
  '@telegraf/types': /^channels\/telegram\//,
  'proper-lockfile': /^(store|runtime)\//,
  commander: /^cli\//,
  'node:http': /^channels\//,
  'node:https': /^channels\//,
  preact: /^channels\/web\/page\//,
  'preact/hooks': /^channels\/web\/page\//,
};
/** Every way of Node to another machine, and the sources that may use it; those without such a place are used nowhere. */
const NETWORK: Record<string, { readonly use: RegExp; readonly allowed?: RegExp }> = {
  'node:net': { use: /['"](node:)?net['"]/, allowed: /^runtime\// },
  'node:http': { use: /['"](node:)?https?['"]/, allowed: /^channels\// },
  // The doctor asks the page's own server on loopback.
  fetch: { use: /\bfetch\(/, allowed: /^(channels\/web\/page\/hub|cli\/doctor\/web-inbox)\.ts$/ },
  EventSource: { use: /\bEventSource\(/, allowed: /^channels\/web\/page\// },
  'https-proxy-agent': { use: /['"]https-proxy-agent['"]/, allowed: /^channels\/telegram\// },
  'node:tls': { use: /['"](node:)?tls['"]/ },
  'node:http2': { use: /['"](node:)?http2['"]/ },
  'node:dgram': { use: /['"](node:)?dgram['"]/ },
  'node:dns': { use: /['"](node:)?dns(\/promises)?['"]/ },
  'node:inspector': { use: /['"](node:)?inspector(\/promises)?['"]/ },
  WebSocket: { use: /\bWebSocket\b/ },
  XMLHttpRequest: { use: /\b(XMLHttpRequest|sendBeacon|RTCPeerConnection)\b/ },
};
const PURE_PACKAGES = ['zod', 'uuid'];

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return { path: path.replaceAll('\\', '/'), room: path.split(/[\\/]/)[0] ?? '', text, imports };
  });

function target(source: Source, specifier: string): string {
  return relative(SRC, resolve(SRC, dirname(source.path), specifier)).replaceAll('\\', '/');
}

describe('architecture', () => {
  it('has sources to check, all in rooms that the table names', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect([...new Set(sources.map(({ room }) => room))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  it('imports only along the arrows of the table', () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => target(source, specifier))
        .filter((path) => !MAY_IMPORT[source.room]?.includes(path.split('/')[0] ?? ''))
        .map((path) => `${source.path} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets no channel import another channel', () => {
    const wrong = sources
      .filter(({ room }) => room === 'channels')
      .flatMap((source) =>
        source.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => target(source, specifier))
          .filter((path) => path.startsWith('channels/') && path.split('/')[1] !== source.path.split('/')[1])
          .map((path) => `${source.path} imports ${path}`),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps the web page and the hub apart: they share types alone', () => {
    const isPage = (path: string) => path.startsWith('channels/web/page/');
    const wrong = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/^(import|export)( type)? [^;]*?from '(\.[^']+)';/gms)]
        .map(([, , type, specifier = '']) => ({ type, at: join(dirname(path), specifier).replaceAll('\\', '/') }))
        .filter(({ at }) => isPage(path) !== isPage(at))
        .filter(({ type, at }) => !(isPage(path) && type && /^(relay\/|channels\/web\/wire\.ts$)/.test(at)))
        .map(({ at }) => `${path} imports ${at}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets the web page make elements of nothing but its own code', () => {
    const markup = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function/i;
    const wrong = sources.filter(({ path, text }) => path.startsWith('channels/web/page/') && markup.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('keeps the domain pure: no I/O, no clock, no randomness', () => {
    const wrong = sources
      .filter(({ room }) => room === 'domain')
      .flatMap(({ path, text, imports }) => [
        ...imports
          .filter((specifier) => !specifier.startsWith('.') && !PURE_PACKAGES.includes(specifier))
          .map((specifier) => `${path} imports ${specifier}`),
        ...(text.match(/Date\.now\(|new Date\(\)|Math\.random|performance\.now|process\.|\bv4\(/g) ?? []).map(
          (use) => `${path} uses ${use}`,
        ),
      ]);
    expect(wrong).toEqual([]);
  });

  it('keeps each package where it belongs', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports.filter((specifier) => ONLY_IN[specifier] && !ONLY_IN[specifier].test(path)).map((s) => `${path}: ${s}`),
    );
    expect(wrong).toEqual([]);
  });

  it('opens network connections only in channels, and local sockets only in runtime', () => {
    const places = Object.entries(NETWORK);
    const used = places.map(([means, { use }]) => [means, sources.filter(({ text }) => use.test(text))] as const);
    expect(
      used.filter(([means, users]) => users.length === 0 && NETWORK[means]?.allowed).map(([means]) => means),
    ).toEqual([]);
    const wrong = used.flatMap(([means, users]) =>
      users.filter(({ path }) => !NETWORK[means]?.allowed?.test(path)).map(({ path }) => `${path} uses ${means}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reads process.env and writes stdout only in cli', () => {
    const wrong = sources
      .filter(({ room, text }) => room !== 'cli' && /process\.env\b|process\.stdout|console\./.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it('ends no process outside cli', () => {
    const wrong = sources.filter(({ room, text }) => room !== 'cli' && /process\.exit\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('swallows no error without a word', () => {
    const wrong = sources.filter(({ text }) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(text)).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  it(`keeps files under ${FILE_LINES_MAX} lines`, () => {
    const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > FILE_LINES_MAX)).toEqual([]);
  });

  it(`keeps functions under ${FUNCTION_LINES_MAX} lines`, () => {
    expect(sources.flatMap(({ path, text }) => longFunctions(path, text))).toEqual([]);
  });
});

/** Functions and methods by indentation, which the formatter guarantees: a header line ending in `{`, its closing line. */
function longFunctions(path: string, text: string): string[] {
  const lines = text.split('\n');
  const header =
    /^(\s*)(export |private |public |protected |static |async |override |function |get |set |\w+\(|const \w+ = (async )?\()/;
  const found: string[] = [];
  for (const [index, line] of lines.entries()) {
    const indent = header.exec(line)?.[1];
    if (indent === undefined || !line.endsWith('{') || /^\s*(export )?(class|interface|type|abstract)\b/.test(line))
      continue;
    if (!/[)>]\s*(:.*)?(=>\s*)?\{$/.test(line)) continue;
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}}`));
    if (end - index + 1 > FUNCTION_LINES_MAX) found.push(`${path}:${index + 1} has ${end - index + 1} lines`);
  }
  return found;
}
