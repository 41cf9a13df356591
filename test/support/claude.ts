import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAND_IN = join(import.meta.dirname, 'claude-stand-in.mjs');

/** A stand-in for the `claude` command in a directory of a test's own. */
export interface ClaudeStandIn {
  /** What goes into the environment: PATH with the stand-in on it, and where it writes down its calls. */
  readonly env: Record<string, string>;
  /** The arguments of each call so far. */
  calls(): string[][];
  /** Has any call had the bot's token in its environment? */
  sawToken(): boolean;
}

/** Puts a `claude` onto the PATH of the commands that a test starts. */
export function standInForClaude(directory: string): ClaudeStandIn {
  const bin = join(directory, 'bin');
  const calls = join(directory, 'claude-calls.jsonl');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'claude'), `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' "$@"\n`, { mode: 0o755 });
  const lines = (): { args: string[]; token: boolean }[] =>
    existsSync(calls)
      ? readFileSync(calls, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  return {
    env: { PATH: `${bin}:${process.env.PATH ?? ''}`, CLAUDE_STAND_IN_CALLS: calls },
    calls: () => lines().map(({ args }) => args),
    sawToken: () => lines().some(({ token }) => token),
  };
}
