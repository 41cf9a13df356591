const COLUMNS = 80;
const COLUMNS_MIN = 20;
// A longer line is hard to read, however wide the terminal is.
const COLUMNS_MAX = 100;

/** How long a line may be in this terminal; 80 columns where there is none. */
export function textWidth(): number {
  return Math.max(COLUMNS_MIN, Math.min(process.stdout.columns || COLUMNS, COLUMNS_MAX));
}

/** Breaks at spaces, with what follows below the first word; one that is longer than a line stays whole, to be copied. */
export function wrapped(lead: string, text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(' ')) {
    if (line !== null && lead.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === null ? word : `${line} ${word}`;
  }
  return [...lines, line ?? ''].map((each, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + each);
}
