import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makePrivateDirectory } from '../runtime/home.ts';

// Keeps compiled code between starts, where this Node can (22.1 and later), in a place that nobody else writes into. The home
// is made by a command that needs one: what only shows its help, or declines, leaves nothing behind.
const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
const home = process.env.SWITCHBOARD_HOME || join(homedir(), '.switchboard');
if (enableCompileCache && existsSync(home)) {
  const cache = join(home, 'compile-cache');
  // What Node makes within it is as open as the umask allows.
  const umask = process.umask(0o077);
  try {
    makePrivateDirectory(cache);
    enableCompileCache(cache);
  } catch {
    // Only speed is lost; what is wrong with the home is said where it is needed.
  } finally {
    process.umask(umask);
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
