// Escape sequences of the terminal, and the controls that turn the direction of writing: a question's text must not
// move the cursor, forge a line or hide one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes text that somebody else wrote safe to print: line breaks stay, every other control becomes visible. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, (character) => {
    if (character === '\t') return '  ';
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\uFFFD';
  });
}

/** Prints lines on stdout. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Prints lines on stderr, where they do not mix with a result that a script reads. */
export function printError(...lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Sees to it that a reader who goes away (`| head`), or a closed terminal, ends nothing. */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => undefined); // There is nobody left who could read about it.
  }
}
