import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

/** A stand-in for the opener of browsers, first on a PATH of its own: writes down what it is given, and ends like this. */
export function browserOpener(status = 0): { env: Record<string, string>; opened: () => string } {
  const directory = temporaryDirectory();
  const opener = join(directory, process.platform === 'darwin' ? 'open' : 'xdg-open');
  const given = join(directory, 'given');
  writeFileSync(opener, `#!/bin/sh\necho "$@" >> ${given}\nexit ${status}\n`, { mode: 0o755 });
  writeFileSync(given, '');
  return { env: { PATH: `${directory}:${process.env.PATH}` }, opened: () => readFileSync(given, 'utf8').trim() };
}
