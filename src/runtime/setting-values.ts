import { TIMINGS, type Timings } from './timings.ts';

// What a setting's text may be. A parser returns null for a value that is not possible, or says why, and quotes none: it
// may be a secret.

/** Why a value is not possible, where more can be said than what is wanted. */
export class Impossible {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** What `TELEGRAM_INBOX` may say. */
export function isInboxMode(value: string): value is 'on' | 'off' | 'auto' {
  return ['on', 'off', 'auto'].includes(value);
}

/** An http or https URL, without a slash at its end. */
export function parseUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  return /^https?:$/.test(new URL(url).protocol) ? url.replace(/\/+$/, '') : null;
}

/** A URL, or `host:port` as programs commonly take a proxy; a word alone is more likely to be a slip than a host. */
export function parseProxy(value: string): string | null {
  if (value.includes('://')) return parseUrl(value);
  return /^\S+:\d{1,5}\/?$/.test(value) ? parseUrl(`http://${value}`) : null;
}

/** `host:port`; an IPv6 address stands in brackets. */
export function parseAddress(value: string): { host: string; port: number } | null {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? null : { host, port };
}

/** A program and its arguments: a JSON list, or words separated by spaces. */
export function parseCommand(value: string): string[] | null {
  if (!value.startsWith('[')) return value.split(/\s+/);
  try {
    const parts: unknown = JSON.parse(value);
    const possible = Array.isArray(parts) && parts[0] && parts.every((part) => typeof part === 'string');
    return possible ? parts : null;
  } catch {
    return null; // Said to the reader by the caller, without quoting.
  }
}

/** Known timings in milliseconds, as a JSON object. */
export function parseTimings(value: string): Partial<Timings> | null {
  let given: unknown;
  try {
    given = JSON.parse(value);
  } catch {
    return null; // Said to the reader by the caller, without quoting.
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  const possible = Object.entries(given).every(
    ([name, ms]) => Object.hasOwn(TIMINGS, name) && typeof ms === 'number' && Number.isFinite(ms) && ms >= 0,
  );
  return possible ? (given as Partial<Timings>) : null;
}
