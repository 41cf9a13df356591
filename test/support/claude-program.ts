import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FETCH = resolve(fileURLToPath(import.meta.url), '../../../scripts/fetch-claude.mjs');

let program: string | null = null;

/** The Claude Code to test with: `CLAUDE_CLI`, else the one that `scripts/fetch-claude.mjs` puts into the cache. */
export function claudeProgram(): string {
  program ??= execFileSync(process.execPath, [FETCH, '--where'], { encoding: 'utf8' }).trim();
  return program;
}

/** What the tests with the real Claude Code lack on this machine, in words; null when they can run. */
export function missingForClaude(): string | null {
  if (!existsSync(claudeProgram())) return `There is no ${claudeProgram()}. \`npm run test:claude\` fetches it.`;
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
  } catch {
    return 'There is no tmux, in which its terminal UI runs. Install it, e.g. by `apt-get install -y tmux`.';
  }
  return null;
}
