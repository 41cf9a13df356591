import { execFile } from 'node:child_process';

/** How a transcriber is run. */
export interface TranscriberOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limitMs: number;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

// Far more than anybody says in a voice message of 20 MB.
const OUTPUT_BYTES_MAX = 1024 * 1024;

/**
 * Makes a function that runs `command` (a program and its first arguments, no shell) with the path of a sound file at
 * its end, and resolves with what it printed. It rejects when the program fails, takes too long or prints absurdly much.
 */
export function transcriber(
  command: readonly string[],
  { environment, limitMs, signal }: TranscriberOptions,
): (path: string) => Promise<string> {
  const [program = '', ...first] = command;
  const options = {
    env: environment,
    timeout: limitMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: OUTPUT_BYTES_MAX,
    windowsHide: true,
    signal,
  };
  return (path) =>
    new Promise((resolve, reject) => {
      const child = execFile(program, [...first, path], options, (error, printed) => {
        if (!error) return resolve(printed);
        // What it wrote to stderr may be long, and its message repeats the whole command line.
        const { code, killed } = error;
        const why = killed ? `it took longer than ${limitMs / 1000} s, or printed too much` : `it ended with ${code}`;
        reject(new Error(`The transcriber ${program} gave no text: ${why}.`));
      });
      // One that asks something must not wait for an answer.
      child.stdin?.end();
    });
}
