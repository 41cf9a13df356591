import { printableJson, withoutEffects } from '../domain/text.ts';

/** Makes text that somebody else wrote safe to print: line breaks stay, every other control becomes visible. */
export function printable(text: string): string {
  return withoutEffects(text, (character) => {
    if (character === '\t') return '  ';
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\uFFFD';
  });
}

/** The same for what must stay on its line: a text with line breaks could forge the lines after it. */
export function printableLine(text: string): string {
  return printable(text.replaceAll('\n', '␊'));
}

/** Prints data as JSON on stdout. */
export function printJson(value: unknown): void {
  print(printableJson(value, 2));
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
