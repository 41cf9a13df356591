import module from 'node:module';

// Keeps compiled code between starts, where this Node can (22.1 and later).
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === 'mcp') {
  // The way that every start of a Claude Code instance takes: no argument parser is loaded for it.
  const { startMcp } = await import('./start-mcp.ts');
  await startMcp();
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
