import type { IncomingMessage, ServerResponse } from 'node:http';
import { UUID } from '../../domain/ids.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Door, Refusal } from './door.ts';
import type { PageFiles } from './page-files.ts';
import { sendText, setSafetyHeaders } from './responses.ts';

/** An id within a path: nothing else ever comes near a file name. */
export const UUID_PART = UUID.source.replace(/^\^(.*)\$$/, '($1)');

/** A request that was let in. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the parts of the path in parentheses were. */
  readonly parts: readonly string[];
}

/** What answers a path, by method. */
export interface Route {
  readonly path: RegExp;
  readonly method: 'GET' | 'POST';
  readonly answer: (exchange: Exchange) => void | Promise<void>;
}

// After this the address bar has no token. By a page and not by a redirect: to a request that another site has caused,
// browsers add no strict cookie.
const ENTERED =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">' +
  '<title>Switchboard</title><p><a href="/">Open the inbox</a></p></html>\n';
const PAGE = /^\/(?:sessions(?:\/([^/]+))?)?$/;
const ASSET = /^\/(assets\/[^?]+)$/;

/** What requests are answered with. */
export interface RequestParts {
  /** The one of now: a new token makes another. */
  readonly door: () => Door;
  readonly files: PageFiles;
  readonly routes: readonly Route[];
  /** Where the server listens. */
  readonly port: () => number;
  readonly log: Logger;
}

/** Answers one request: who may not come in learns nothing but that. Never throws. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  parts: RequestParts,
): Promise<void> {
  setSafetyHeaders(response);
  try {
    await answer(request, response, parts);
  } catch (error) {
    if (response.closed || response.destroyed) return; // Whoever asked has gone away.
    parts.log.warn({ error: String(error) }, 'a request of the web inbox failed');
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'Something went wrong here; try again. The hub log says what.');
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: RequestParts): Promise<void> {
  const door = parts.door();
  const url = parseUrl(request.url);
  if (!url) return refuse(request, response, 400, 'This is no address.');
  const token = url.pathname === '/' && request.method === 'GET' ? url.searchParams.get('token') : null;
  const refusal =
    door.refuseStranger(request, parts.port()) ?? (token === null ? door.refuseWithoutKey(request) : null);
  if (refusal) return turnAway(request, response, refusal);
  if (token !== null) {
    if (!door.opens(token)) return turnAway(request, response, door.keyRefusal);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': door.setCookie }).end(ENTERED);
    return;
  }
  await answerInside(request, response, url, parts);
}

async function answerInside(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { routes, files }: RequestParts,
): Promise<void> {
  const file = fileOf(url.pathname);
  const here = routes.filter(({ path }) => path.test(url.pathname));
  const route = here.find(({ method }) => method === request.method);
  if (route) {
    const [, ...found] = route.path.exec(url.pathname) ?? [];
    await route.answer({ request, response, query: url.searchParams, parts: found });
  } else if (here.length > 0 || (file !== null && request.method !== 'GET' && request.method !== 'HEAD')) {
    response.setHeader('allow', here[0]?.method ?? 'GET');
    refuse(request, response, 405, 'This address takes another method.');
  } else if (file === null || !files.send(response, file, request.headers['if-none-match'])) {
    const words =
      file === 'index.html' ? 'The page is not there: install Switchboard again.' : 'There is nothing here.';
    refuse(request, response, file === 'index.html' ? 503 : 404, words);
  }
}

/** The page's file that a path stands for. One page shows all: which part, its script reads from the path. */
function fileOf(path: string): string | null {
  const page = PAGE.exec(path);
  if (page) return page[1] === undefined || UUID.test(page[1]) ? 'index.html' : null;
  return ASSET.exec(path)?.[1] ?? null;
}

function turnAway(request: IncomingMessage, response: ServerResponse, { status, words }: Refusal): void {
  refuse(request, response, status, words);
}

/** Says why not. What is left of a body that was not read must not be taken for the next request. */
export function refuse(request: IncomingMessage, response: ServerResponse, status: number, words: string): void {
  if (request.method !== 'GET') response.setHeader('connection', 'close');
  sendText(response, status, words);
}

function parseUrl(path = ''): URL | null {
  // A browser asks for paths only; a whole address is what one asks of a proxy.
  if (!path.startsWith('/') || path.startsWith('//')) return null;
  if (!URL.canParse(path, 'http://127.0.0.1')) return null;
  const url = new URL(path, 'http://127.0.0.1');
  // A backslash is a slash to browsers, and to this parser: `/\evil` names a host.
  return url.host === '127.0.0.1' ? url : null;
}
