import { basename, relative, resolve } from 'node:path';

/**
 * How to call this program from the same directory: by its name where it is installed, else by its path. `home`: as it
 * was given in the arguments.
 */
export function commandName(home?: string): string {
  return programName() + (home === undefined ? '' : ` --home ${quoted(resolve(home))}`);
}

function programName(): string {
  const [, program = 'switchboard'] = process.argv;
  if (program.includes('/_npx/')) return 'npx claude-switchboard';
  if (basename(program) === 'switchboard') return 'switchboard';
  const path = relative(process.cwd(), program);
  const shortest = path.length < program.length ? path : program;
  return `node ${quoted(shortest)}`;
}

function quoted(word: string): string {
  return /[^\w./-]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word;
}
