import { ID_CHARS_MIN } from '../relay/session-names.ts';

/** An id, or enough of its beginning, as a person types it; null for what is none. */
export function idPrefixIn(text: string): string | null {
  const prefix = text.trim().toLowerCase();
  return /^[0-9a-f-]+$/.test(prefix) && prefix.length >= ID_CHARS_MIN ? prefix : null;
}
