import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Keeps compiled code between starts, where this Node can (22.1 and later), in a place that nobody else writes into.
const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
if (enableCompileCache) {
  const home = process.env.SWITCHBOARD_HOME || join(homedir(), '.switchboard');
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    enableCompileCache(join(home, 'compile-cache'));
  } catch {
    // Only speed is lost; what is wrong with the home is said where it is needed.
  }
}

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === 'mcp') {
  // The way that every start of a Claude Code instance takes: no argument parser is loaded for it.
  const { startMcp } = await import('./start-mcp.ts');
  await startMcp();
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
