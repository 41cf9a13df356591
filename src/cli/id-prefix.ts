import { printableJson } from '../domain/text.ts';
import { printError } from './terminal.ts';

// Fewer could be typed by accident and mean many.
const PREFIX_CHARS_MIN = 4;

/** An id, or the beginning of one, as a person types it. Null after saying what is wrong with it. */
export function parseIdPrefix(what: 'session' | 'question', text: string): string | null {
  const prefix = text.trim().toLowerCase();
  if (/^[0-9a-f-]+$/.test(prefix) && prefix.length >= PREFIX_CHARS_MIN) return prefix;
  printError(`${printableJson(text)} is no ${what} id, nor the first ${PREFIX_CHARS_MIN} characters or more of one.`);
  return null;
}
