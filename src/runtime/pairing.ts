import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from './home.ts';

// A code is handed from the command that printed it to the hub, which alone hears Telegram, by a small file in the
// home; and the hub's word of who came goes back the same way. Only the code's hash is in it.

/** How long a code can be used. */
export const PAIRING_MS = 10 * 60_000;
const CODE_BYTES = 16;
// The prefix tells a code from the links to questions. Telegram takes 64 characters of A-Z a-z 0-9 _ - after ?start=.
const CODE = /^p_[A-Za-z0-9_-]{22}$/;

const pairing = z.object({
  v: z.literal(1),
  /** Of the bot that the link opens. */
  bot_id: z.string(),
  /** SHA-256 of the code, in hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since the epoch. */
  created_at: z.number(),
  /** Who has used it; from then on it is good for nobody else. */
  taken_by: z.object({ id: z.string(), name: z.string() }).optional(),
  /** What came of it: an owner more, or the sentence that says why not. */
  outcome: z.union([z.literal('owner'), z.object({ failed: z.string() })]).optional(),
});

/** A code that was handed out last, as the home's `pairing.json` says it. */
export type Pairing = z.infer<typeof pairing>;

/** Is this text written like a code? */
export function looksLikeCode(text: string): boolean {
  return CODE.test(text);
}

/** Makes a new code and hands it to the hub; any earlier one is void from now on. */
export function openPairing(home: string, botId: string, now: number): { code: string; pairing: Pairing } {
  const code = `p_${randomBytes(CODE_BYTES).toString('base64url')}`;
  const opened: Pairing = { v: 1, bot_id: botId, hash: hashOf(code).toString('hex'), created_at: now };
  writePairing(home, opened);
  return { code, pairing: opened };
}

/** The last code that was handed out; null when there is none, or its file is damaged. */
export function readPairing(home: string): Pairing | null {
  try {
    return pairing.safeParse(JSON.parse(readFileSync(pairingFile(home), 'utf8'))).data ?? null;
  } catch {
    return null; // No code was handed out; and one that cannot be read can be made again.
  }
}

/** Replaces what the file says. */
export function writePairing(home: string, changed: Pairing): void {
  replaceFile(pairingFile(home), `${JSON.stringify(changed)}\n`);
}

/** Ends a code, unless another one has taken its place. Returns whether it could still have been used. */
export function closePairing(home: string, { hash }: Pick<Pairing, 'hash'>): boolean {
  const now = readPairing(home);
  if (now?.hash !== hash) return false;
  rmSync(pairingFile(home), { force: true });
  return now.taken_by === undefined;
}

/** Is this the code? Takes the same time however much of it is right. */
export function isCodeOf({ hash }: Pick<Pairing, 'hash'>, code: string): boolean {
  return timingSafeEqual(hashOf(code), Buffer.from(hash, 'hex'));
}

/** May nobody use the code any more? A clock that was set back before its making ends it, too. */
export function isExpired({ created_at }: Pick<Pairing, 'created_at'>, now: number): boolean {
  return Math.abs(now - created_at) >= PAIRING_MS;
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}

function pairingFile(home: string): string {
  return join(home, 'pairing.json');
}
