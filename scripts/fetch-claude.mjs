// Fetches the Claude Code that the tests in test/claude drive into a cache outside of this repository, unless it is
// there. It is no dependency of the project: its licence forbids passing it on, and its program has 377 MB.
//
//   node scripts/fetch-claude.mjs           fetches it and prints where it is
//   node scripts/fetch-claude.mjs --where   only prints where it is, or would be
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Pinned: what the tests see on its screen and in its files changes from version to version.
const VERSION = '2.1.329';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'claude-switchboard-test');
const program = process.env.CLAUDE_CLI || join(cache, `claude-${VERSION}`);

if (!process.argv.includes('--where') && !existsSync(program)) {
  if (process.env.CLAUDE_CLI) throw new Error(`CLAUDE_CLI names ${program}, which does not exist.`);
  fetchProgram();
}
process.stdout.write(`${program}\n`);

function fetchProgram() {
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'fetching-'));
  try {
    // The package of this platform alone, which is the program. The main one adds a link to it by an install script,
    // and asks for a newer Node: without a version, npm on Node 20 takes a much older one.
    const name = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
    const npm = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', directory];
    execFileSync('npm', [...npm, `${name}@${VERSION}`], { cwd: directory, stdio: ['ignore', 2, 2] });
    // Moved into place at once, so that two who fetch at the same time do not see half a program.
    renameSync(join(directory, 'node_modules', name, 'claude'), program);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
