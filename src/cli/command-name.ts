import { basename, relative } from 'node:path';

/** How to call this program from the same directory: by its name where it is installed, else by its path. */
export function commandName(): string {
  const [, program = 'switchboard'] = process.argv;
  if (program.includes('/_npx/')) return 'npx claude-switchboard';
  if (basename(program) === 'switchboard') return 'switchboard';
  const path = relative(process.cwd(), program);
  const shortest = path.length < program.length ? path : program;
  return `node ${/[^\w./-]/.test(shortest) ? `'${shortest.replaceAll("'", `'\\''`)}'` : shortest}`;
}
