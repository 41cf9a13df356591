/** Makes text what every channel takes: half of a surrogate pair cannot be sent as UTF-8, and NUL is refused. Keeps its length. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

// Escape sequences of the terminal, the controls that turn the direction of writing or hide text, and the line ends that
// only some programs know. Two of the kind are letters of their languages, and join emoji.
const TAKES_EFFECT = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/gu;

/** Replaces every character that would do something to a terminal instead of being seen. Line breaks stay. */
export function withoutEffects(text: string, replace: (character: string) => string): string {
  return text.toWellFormed().replace(TAKES_EFFECT, replace);
}

/** JSON that may be printed: what would take effect in a terminal is escaped, so that it is the same data. */
export function printableJson(value: unknown, indent?: number): string {
  return withoutEffects(JSON.stringify(value, null, indent) ?? 'null', (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

// So much white space nobody writes: of a text without end only the beginning is looked at.
const UNITS_PER_CHARACTER = 100;
// Most names and labels: words with one space between, and nothing that would have to be replaced.
const PLAIN_LINE = /^(?:[^\s\0\ud800-\udfff]+(?: [^\s\0\ud800-\udfff]+)*)?$/;

/** Cuts a text to `charsMax` characters, on one line, with an ellipsis where something is missing. */
export function preview(text: string, charsMax: number): string {
  // A hub over a thousand sessions names them a million times.
  if (text.length <= charsMax && PLAIN_LINE.test(text)) return text;
  const near = text.slice(0, UNITS_PER_CHARACTER * charsMax);
  const line = wellFormed(near).replace(/\s+/gu, ' ').trim();
  const characters = [...line];
  return characters.length <= charsMax && near.length === text.length
    ? line
    : `${characters
        .slice(0, charsMax - 1)
        .join('')
        .trimEnd()}…`;
}

/**
 * The beginning of a text, its lines as they are: up to about `charsMax` characters, with an ellipsis where something is
 * missing. A code block that is open at its end is closed, so that what follows stays outside.
 */
export function excerpt(text: string, charsMax: number): string {
  const whole = wellFormed(text).trim();
  const near = [...whole.slice(0, 2 * charsMax)];
  const cut = near.length > charsMax || whole.length > 2 * charsMax;
  const kept = cut
    ? near
        .slice(0, charsMax - 1)
        .join('')
        .trimEnd()
    : whole;
  const lines = kept.split('\n');
  let fence = '';
  for (const line of lines) {
    const [, ticks = '', language = ''] = /^\s*(`{3,})([^`]*)$/.exec(line) ?? [];
    if (fence === '') fence = ticks;
    else if (ticks.length >= fence.length && language.trim() === '') fence = '';
  }
  const ends = /^\s*```/.test(lines.at(-1) ?? '') ? '\n…' : '…';
  return `${kept}${cut ? ends : ''}${fence === '' ? '' : `\n${fence}`}`;
}

/** The beginning of a text that keeps its lines, with an ellipsis where something is missing. */
export function beginning(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  return `${text.slice(0, cutAt(text, unitsMax - 1)).trimEnd()}…`;
}

/** Where to cut so that at most `unitsMax` stay: after a line, after a word, else between two characters. */
export function cutAt(text: string, unitsMax: number): number {
  const near = text.slice(0, unitsMax);
  for (const end of ['\n', ' ']) {
    const at = near.lastIndexOf(end) + 1;
    if (at > unitsMax / 2) return at;
  }
  // Half of a surrogate pair cannot be sent.
  return /[\uD800-\uDBFF]$/.test(near) && /^[\uDC00-\uDFFF]/.test(text.slice(unitsMax)) ? unitsMax - 1 : unitsMax;
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
