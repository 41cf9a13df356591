import { TIMINGS, type Timings } from './timings.ts';

// What the values of settings look like. A parser returns null for what is not possible, and quotes nothing: values may be secrets.

/** Where an inbox can stand. */
export function isInboxMode(value: string): value is 'on' | 'off' | 'auto' {
  return ['on', 'off', 'auto'].includes(value);
}

/** An http or https URL without slashes at its end; null for anything else. */
export function parseUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  return /^https?:$/.test(new URL(url).protocol) ? url.replace(/\/+$/, '') : null;
}

/** `host:port`, an IPv6 host in brackets; null for anything else. */
export function parseAddress(value: string): { host: string; port: number } | null {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? null : { host, port };
}

/** A program and its arguments: a JSON list, or words; null for a list that is none. */
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

/** Overrides of the timings, as JSON; null for what is not possible. */
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
