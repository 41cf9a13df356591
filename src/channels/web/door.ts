import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

// As long as browsers keep any cookie: a link that was opened once is good until the token changes.
const COOKIE_SECONDS = 400 * 24 * 60 * 60;

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly words: string;
}

const NOT_HERE: Refusal = { status: 403, words: 'This inbox answers at its own address only.' };
const NOT_FROM_THERE: Refusal = { status: 403, words: 'This inbox takes nothing from other sites.' };
const NOT_JSON: Refusal = { status: 415, words: 'This inbox takes application/json only.' };
const NO_KEY: Refusal = {
  status: 401,
  words: 'Open the inbox with the link that `switchboard web` prints (in a clone: `node dist/switchboard.js web`).',
};

/**
 * Lets in who has the token, and only from the page itself. The cookie is derived from the token: it outlives a hub,
 * does not tell the token, and is void with it.
 */
export class Door {
  readonly #token: string;
  readonly #cookieName: string;
  readonly #cookie: string;

  /** `home`: two of them on one host have cookies of their own, since cookies do not tell ports apart. */
  constructor(token: string, home: string) {
    this.#token = token;
    this.#cookieName = `switchboard-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
    this.#cookie = createHmac('sha256', token).update('switchboard web cookie').digest('base64url');
  }

  /** Turns away what comes by another name than ours (DNS rebinding), or from another site. */
  refuseStranger(request: IncomingMessage, port: number): Refusal | null {
    const { host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
    if (host === undefined || !hostsOf(port).includes(host.toLowerCase())) return NOT_HERE;
    if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return NOT_FROM_THERE;
    if (request.method === 'POST') return refusePost(request);
    // Going to the page by a link from elsewhere is no harm; another site, or port, that loads a part of it is.
    const ownSite = site === undefined || site === 'same-origin' || site === 'none';
    return ownSite || mode === 'navigate' ? null : NOT_FROM_THERE;
  }

  /** Is this the token of the link? */
  opens(token: string): boolean {
    return isSame(token, this.#token);
  }

  /** What `Set-Cookie` says to who has shown the token. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict`;
  }

  /** Turns away who has no cookie. */
  refuseWithoutKey(request: IncomingMessage): Refusal | null {
    const cookies = (request.headers.cookie ?? '').split(';').map((each) => each.trim());
    const prefix = `${this.#cookieName}=`;
    const shown = cookies.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
    return shown.some((each) => isSame(each, this.#cookie)) ? null : NO_KEY;
  }

  get keyRefusal(): Refusal {
    return NO_KEY;
  }
}

/** A browser says where a POST comes from; what says nothing is no browser, and has no business here. */
function refusePost({ headers }: IncomingMessage): Refusal | null {
  if (headers.origin === undefined && headers['sec-fetch-site'] !== 'same-origin') return NOT_FROM_THERE;
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '') ? null : NOT_JSON;
}

function hostsOf(port: number): string[] {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'];
  // A browser leaves out the port that its scheme implies.
  return hosts.flatMap((host) => (port === 80 ? [host, `${host}:80`] : [`${host}:${port}`]));
}

/** In constant time, whatever somebody sends. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
