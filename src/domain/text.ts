/** Makes text what every channel takes: half of a surrogate pair cannot be sent as UTF-8, and NUL is refused. Keeps its length. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** Cuts a text to `charsMax` characters, on one line, with an ellipsis where something is missing. */
export function preview(text: string, charsMax: number): string {
  const line = wellFormed(text).replace(/\s+/gu, ' ').trim();
  const characters = [...line];
  return characters.length <= charsMax
    ? line
    : `${characters
        .slice(0, charsMax - 1)
        .join('')
        .trimEnd()}…`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time in words, as coarse as a person needs it: `40 s`, `3 min`, `2 h 5 min`, `3 d`. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / 1000)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return `${Math.floor(span / HOUR)} h${minutes ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(span / DAY)} d`;
}
