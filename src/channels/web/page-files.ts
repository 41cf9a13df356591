import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

interface PageFile {
  readonly content: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** The files of the page, in memory: nothing that a request says leads to a path on disk. */
export class PageFiles {
  readonly #files = new Map<string, PageFile>();
  /** Names this build of the page. */
  readonly build: string;

  /** Reads all files of `directory` and the folders in it; none when it is missing. */
  constructor(directory: string) {
    for (const name of namesIn(directory)) {
      const content = readFileSync(join(directory, name));
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      this.#files.set(name, { content, type, etag: `"${hashOf([content])}"` });
    }
    const sorted = [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1));
    this.build = hashOf(sorted.flatMap(([name, { content }]) => [name, content]));
  }

  /** Sends a file by its name within the page, e.g. `assets/app.js`; false when there is none. */
  send(response: ServerResponse, name: string, knownEtag: string | undefined): boolean {
    const file = this.#files.get(name);
    if (!file) return false;
    // Asked for each time and sent once: a page never runs with a script of another build.
    response.setHeader('cache-control', 'private, no-cache');
    response.setHeader('etag', file.etag);
    if (knownEtag === file.etag) response.writeHead(304).end();
    else {
      response.writeHead(200, { 'content-type': file.type, 'content-length': file.content.length }).end(file.content);
    }
    return true;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name).slice(directory.length).replaceAll('\\', '/').replace(/^\//, ''),
      );
  } catch {
    return []; // Not built: whoever asks for the page is told so.
  }
}

function hashOf(contents: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content).update('\0');
  return hash.digest('base64url').slice(0, 22);
}
