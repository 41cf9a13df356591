import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from './home.ts';

const webPlace = z.object({
  token: z.string().regex(/^[\w-]{20,}$/),
  port: z.number().int().min(1).max(65_535),
  /** A new token that no hub has taken up yet. */
  pending: z.literal(true).optional(),
});

/** Where the web inbox of a home is served, and the token that opens it. Whoever knows the token can answer. */
export type WebPlace = z.infer<typeof webPlace>;

/** Where the hub of this home serves its web inbox, or served it last; null when it never did. */
export function readWebPlace(home: string): WebPlace | null {
  try {
    return webPlace.parse(JSON.parse(readFileSync(pathIn(home), 'utf8')));
  } catch {
    return null; // Missing or damaged: the next hub writes it anew.
  }
}

/** A new token: 256 random bits, as letters and digits that a URL takes. */
export function newWebToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Keeps the place, so that a link and a cookie outlive the hub that gave them. Mode 0600. */
export function keepWebPlace(home: string, { token, port }: WebPlace): void {
  replaceFile(pathIn(home), `${JSON.stringify({ v: 1, token, port })}\n`);
}

/** Leaves a new token for the hub that runs, or for the next one. What opened the inbox before opens it no more then. */
export function renewWebToken(home: string, port: number): void {
  replaceFile(pathIn(home), `${JSON.stringify({ v: 1, token: newWebToken(), port, pending: true })}\n`);
}

/** The address without the token: may be logged and shown to anybody. */
export function webAddress({ port }: Pick<WebPlace, 'port'>): string {
  return `http://127.0.0.1:${port}`;
}

/** The link that opens the inbox. For the eyes of the person in front of this machine only: never in a log or record. */
export function webLink(place: WebPlace): string {
  return `${webAddress(place)}/?token=${place.token}`;
}

function pathIn(home: string): string {
  return join(home, 'web.json');
}
