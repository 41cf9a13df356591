import { readFileSync, statSync } from 'node:fs';
import { closestMatch } from 'leven';
import { SwitchboardError } from '../domain/errors.ts';

/** A setting cannot be what it is; nothing was started. The message names key, place and what is wanted, in one line. */
export class ConfigError extends SwitchboardError {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';
}

/** Other names that `config.json` takes. */
const ALIASES: Readonly<Record<string, string>> = { 'transcribe.command': 'TRANSCRIBE_COMMAND' };

// Arguments and patterns may hold commas and spaces: a list of them stays one.
const LISTS: ReadonlySet<string> = new Set(['TRANSCRIBE_COMMAND', 'DANGEROUS_PATTERNS']);

// Letters that are missing, too many or wrong; two that changed places are two. Beyond that it may be anything.
const SLIPS_MAX = 2;

/**
 * The settings of a `config.json`, as texts by their names; none when there is no such file.
 *
 * @throws ConfigError when it cannot be read, or holds a key that is none of `names`.
 */
export function readConfigFile(
  path: string,
  names: readonly string[],
): { values: Record<string, string>; warnings: string[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { values: {}, warnings: [] };
    throw new ConfigError(`${path} cannot be read (${code}): wanted is a file that you may read.`);
  }
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(parseConfigFile(path, text)).flatMap(withoutGroups)) {
    const name = ALIASES[key] ?? key;
    if (!names.includes(name)) {
      throw new ConfigError(`${JSON.stringify(key)} in ${path} is not a known key: ${knownWords(key, names)}`);
    }
    const given = LISTS.has(name) && Array.isArray(value) ? JSON.stringify(value) : asText(value);
    if (given === null) throw new ConfigError(`${key} in ${path} is not possible: wanted is a text or a number.`);
    values[name] = given;
  }
  return { values, warnings: modeWarnings(path) };
}

/** `{"transcribe": {"command": …}}` says the same as `{"transcribe.command": …}`. */
function withoutGroups([key, value]: [string, unknown]): [string, unknown][] {
  const isGroup = Object.keys(ALIASES).some((alias) => alias.startsWith(`${key}.`));
  if (!isGroup || typeof value !== 'object' || value === null || Array.isArray(value)) return [[key, value]];
  return Object.entries(value).map(([name, each]) => [`${key}.${name}`, each]);
}

/** Which key was meant, or all that there are. */
function knownWords(key: string, names: readonly string[]): string {
  const meant = closestMatch(key.toUpperCase(), names, { maxDistance: SLIPS_MAX });
  return meant === undefined
    ? `wanted are ${[...names, ...Object.keys(ALIASES)].join(', ')}.`
    : `${meant} is; did you mean that?`;
}

/**
 * The settings that a `config.json` holds, as they stand there.
 *
 * @throws ConfigError when it is no JSON object.
 */
export function parseConfigFile(path: string, text: string): object {
  let content: unknown = null;
  let where = '';
  try {
    content = JSON.parse(text);
  } catch (error) {
    where = placeOf(error, text); // And no more of it: the parser's own message quotes the file, which may hold a token.
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  throw new ConfigError(
    `${path} is not readable as settings${where}: wanted is a JSON object such as {"TELEGRAM_OWNER_ID": "1"}.`,
  );
}

/** Where a text stops being JSON, where the parser says so, as an editor counts. */
function placeOf(error: unknown, text: string): string {
  const [, position] = / at position (\d+)/.exec(String(error)) ?? [];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `, from line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} on`;
}

/** A setting as one text. JSON says the same in several ways: 12, "12", ["12", 34], and an object for the timings. */
export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.every((item) => asText(item) !== null) ? value.join(',') : null;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : null;
}

function modeWarnings(path: string): string[] {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (process.platform === 'win32' || !facts || (facts.mode & 0o077) === 0) return [];
  return [`${path} can be read by others and may hold a bot token; run: chmod 600 ${path}`];
}
