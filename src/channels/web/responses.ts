import type { ServerResponse } from 'node:http';

// Nothing but our own files may run, load or frame anything: what a session wrote stays text, whatever the page does
// with it.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Headers that every response has, whatever becomes of the request. */
export const ON_EVERY_RESPONSE = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // What is asked, and by whom, stays in no cache. A page file says otherwise.
  'cache-control': 'no-store',
};

/** Sets what every response says, whatever becomes of the request. */
export function setSafetyHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(ON_EVERY_RESPONSE)) response.setHeader(name, value);
}

/** Answers with one plain sentence. */
export function sendText(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`);
}

/** Answers with data. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}
