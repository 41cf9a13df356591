import fc from 'fast-check';

/** Text that has fooled terminals, chats, pages or parsers before. */
export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u001b[2J\u001b[1;1HHub: ok',
  '\u001b]52;c;cm0gLXJmIH4=\u0007',
  '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\',
  '\u001bP1$r0m\u001b\\',
  '\u009b31mred\u009b0m',
  '\u009d52;c;AAAA\u009c',
  '\u0090q\u009c',
  'rm -rf ~\rls -la    ',
  'no\b\byes',
  'a\u007f\u007fb',
  'line one\nHub: pid 1, version 9.9.9\nNo open questions.',
  '\u202etxt.exe',
  '\u2066hidden\u2069',
  '\u061c\u200e\u200f',
  'one\u2028two\u2029three\u0085four',
  'tag\u{e0001}\u{e0061}\u{e007f}',
  '\ufeff\u200b\u200d\u2060',
  'Z\u0300\u0301\u0302\u0303\u0304'.repeat(20),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../../etc/passwd',
  '/etc/passwd',
  'file:///etc/passwd',
  'C:\\windows\\system32',
  '..\\..\\x',
  '%2e%2e%2f',
  '$HOME`id`$(id)',
  '<script>alert(1)</script>',
  '"}\n{"v":1,"type":"answer"}',
  'null',
  'NaN',
  '1e308',
  '-0',
];

/** Characters that do something to whoever prints or parses them. */
const nastyCharacter = fc.oneof(
  fc.integer({ min: 0, max: 0x1f }),
  fc.integer({ min: 0x7f, max: 0x9f }),
  fc.constantFrom(0x61c, 0xad, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff),
  fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffe, 0xffff, 0xe0001, 0xe007f, 0x1f3f4),
  fc.constantFrom(...[...'"\\/`*_[]()<>&|;$\'{}:,.# \n'].map((character) => character.charCodeAt(0))),
);

/** Any short text, mostly one that somebody has thought about. */
export const hostileWord: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...NASTY_TEXTS),
        nastyCharacter.map((code) => String.fromCodePoint(code)),
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => parts.join('')),
);

/** The same, and now and then one that is longer than anything should be. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: hostileWord },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('A', '\u202e', '\u001b[', '[', 'é', '😀'), fc.constantFrom(200, 9_000, 70_000))
      .map(([unit, times]) => unit.repeat(times)),
  },
);

/** Keys that lead to a prototype where somebody forgot that they can. */
export const hostileKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON'),
  fc.string({ maxLength: 10 }),
);

/** A number that somebody forgot to think about. */
const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 63),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value; its text goes through `JSON.parse`, so `__proto__` is a key like any other. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(hostileText, hostileNumber, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(hostileKey, tie('value')), { maxLength: 4 }).map(objectOf),
  ),
})).value;

/** An object with exactly these own fields, whatever they are called. */
export function objectOf(fields: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [key, value] of fields) {
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** JSON of so many lists, or objects, within each other. */
export function nestedJson(depth: number, kind: 'list' | 'object' = 'list'): string {
  return kind === 'list' ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

// What moves, hides, turns or rings instead of being seen; line breaks are the only controls that may reach a terminal.
const UNPLAIN: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

/** The first character of a text that a terminal must never be given, as `U+1B: …` with what is around it; null when it is plain. */
export function unplain(text: string): string | null {
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (UNPLAIN.some(([from, to]) => code >= from && code <= to)) {
      return `U+${code.toString(16).toUpperCase()}: ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 20))}`;
    }
    at += character.length;
  }
  return null;
}
