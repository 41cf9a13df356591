import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { asText, ConfigError, parseConfigFile } from './config-file.ts';
import { canonicalPath, makePrivateDirectory, replaceFile } from './home.ts';

const KEY = 'TELEGRAM_OWNER_ID';
// Somebody else may write the file between our reading and our writing; more often than this it is not chance.
const ATTEMPTS_MAX = 5;

/**
 * Who may answer, as the `config.json` of a home says it.
 *
 * @throws ConfigError when the file is not readable as settings.
 */
export function readOwners(home: string): readonly string[] {
  const path = join(home, 'config.json');
  const settings: Record<string, unknown> = { ...parseConfigFile(path, read(path) ?? '{}') };
  return ownersIn(settings[KEY]);
}

/**
 * Changes who may answer, in the `config.json` of a home: every other key stays as it is, mode 0600, never half
 * written. Returns the owners that are there now.
 *
 * @throws ConfigError when the file is not readable as settings; then it stays as it is.
 */
export function changeOwners(home: string, change: (ids: readonly string[]) => readonly string[]): readonly string[] {
  makePrivateDirectory(home);
  // People keep such files elsewhere and link to them: the link stays.
  const path = canonicalPath(join(home, 'config.json'));
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const before = read(path);
    const settings: Record<string, unknown> = { ...parseConfigFile(path, before ?? '{}') };
    const known = ownersIn(settings[KEY]);
    const owners = [...new Set(change(known))];
    if (isDeepStrictEqual(owners, known)) return owners;
    if (owners.length > 0) settings[KEY] = owners.join(',');
    else delete settings[KEY];
    if (read(path) !== before) continue;
    replaceFile(path, `${JSON.stringify(settings, null, 2)}\n`);
    return owners;
  }
  throw new ConfigError(`${path} is changed by others all the time; nothing was written. Try again.`);
}

function ownersIn(value: unknown): string[] {
  return (asText(value) ?? '').split(/[\s,]+/).filter((id) => id !== '');
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new ConfigError(`${path} cannot be read (${code}): wanted is a file that you may read.`);
  }
}
