import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './build.ts';
import { environment, killHomeWhenFinished, type StartOptions, until } from './switchboard.ts';

/** Keys that a person presses, as a terminal sends them. */
const KEYS = {
  enter: '\r',
  escape: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  space: ' ',
  tab: '\t',
  backspace: '\u007f',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
} as const;

/** How wide and high the terminal is; 80 columns and 40 rows unless given. */
export interface TerminalSize {
  readonly columns?: number;
  readonly rows?: number;
}

/** A command of the built program in a terminal of its own, with a person in front of it. */
export interface Terminal {
  /** All that was printed so far: no escape sequences, no carriage returns. What was drawn twice is there twice. */
  readonly text: string;
  /** The bytes as they came, for what must never be printed in any form. */
  readonly raw: string;
  /** Waits until something that was printed since the last match matches, and goes on reading behind it. */
  shows(pattern: RegExp | string): Promise<RegExpExecArray>;
  /** Types a text, without enter. */
  types(text: string): void;
  presses(...keys: (keyof typeof KEYS)[]): void;
  /** Waits for its end; the exit status (128 + signal when a signal killed it). */
  ended(): Promise<number>;
}

/** Starts the built command in a real pseudo-terminal; it, and every hub that it starts, is killed with the test. */
export function openTerminal(args: readonly string[], options: StartOptions & TerminalSize): Terminal {
  const { program = PROGRAM } = options;
  return typeInTerminal(`exec ${[process.execPath, program, ...args].map(quoted).join(' ')}`, options);
}

/** The same with a command line as a person types it. */
export function typeInTerminal(line: string, options: StartOptions & TerminalSize): Terminal {
  const { home, cwd, columns = 80, rows = 40 } = options;
  if (cwd === undefined) mkdirSync(home, { recursive: true, mode: 0o700 });
  // `script` copies the size of its own terminal, and it has none: the size is set from within. It gives its exit
  // status (-e), passes everything on at once (-f) and keeps no copy.
  const inside = `stty rows ${rows} cols ${columns} && ${line}`;
  const child = spawn('script', ['-qefc', inside, '/dev/null'], {
    cwd: cwd ?? home,
    env: { TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment(options) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let raw = '';
  let read = 0;
  let over = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (raw += text));
  }
  // Typed at a program that has just ended: nobody reads it.
  child.stdin.on('error', () => undefined);
  const end = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  end.catch(() => undefined).finally(() => (over = true));
  killHomeWhenFinished(home);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  const text = (): string => plain(raw);
  return {
    get text() {
      return text();
    },
    get raw() {
      return raw;
    },
    shows: async (pattern) => {
      const wanted = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern;
      let match: RegExpExecArray | null = null;
      await until(
        () => {
          const ended = over; // Before the look: what it printed last was all there by then.
          match = wanted.exec(text().slice(read));
          if (!match && ended) throw new Error(`It ended without showing ${wanted}:\n${text().slice(read)}`);
          return match !== null;
        },
        () => `${wanted} in:\n${text().slice(read)}`,
      );
      const found = match as unknown as RegExpExecArray;
      read += found.index + found[0].length;
      return found;
    },
    types: (typed) => void child.stdin.write(typed),
    presses: (...keys) => void child.stdin.write(keys.map((key) => KEYS[key]).join('')),
    ended: () => end,
  };
}

/** What a person reads: an escape sequence that is only half there yet is not text. */
function plain(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a sequence begins with ESC
  const whole = raw.replace(/\u001b(\[[0-9;?]*)?$/, '');
  return stripVTControlCharacters(whole).replaceAll('\r', '');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
