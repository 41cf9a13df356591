import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PROGRAM } from './build.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** The version that the built command says it is. */
export function builtVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version;
}

/** A copy of the built command that says it is of another version; returns the path of its program. */
export function programOfVersion(version: string): string {
  const directory = temporaryDirectory();
  cpSync(dirname(PROGRAM), directory, { recursive: true });
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.js'))) {
    const path = join(directory, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"${builtVersion()}"`, `"${version}"`));
  }
  writeFileSync(join(directory, 'package.json'), '{"type": "module"}');
  return join(directory, basename(PROGRAM));
}
