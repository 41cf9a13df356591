import { shortId } from '../domain/ids.ts';
import type { Config } from '../runtime/config.ts';
import { registeredDirectories } from '../runtime/projects.ts';
import { type KeptSession, keptSessions, prunableSessions, pruneSession } from '../store/jsonl/prune-archive.ts';
import { askYes } from './ask-yes.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { print, printable, printableLine, printError, printJson } from './terminal.ts';

const DAYS_IN = { d: 1, w: 7, y: 365 } as const;
const AGE_DAYS_MAX = 36_500;
// As many as stand beside the rest on a line of 100 characters.
const IDS_MAX = 6;

/** What a person wants of `archive prune`. */
export interface PruneFlags {
  readonly olderThan: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** Lists the archived sessions of all registered projects by day, with their sizes. */
export async function listArchive({ home }: Pick<Config, 'home'>, { json }: { json: boolean }): Promise<ExitCode> {
  const found = await inEveryProject(home, keptSessions);
  if (found === null) return EXIT.failed;
  if (json) {
    printJson({ ...totalOf(found), days: daysOf(found), sessions: found.map(asData) });
    return EXIT.ok;
  }
  if (found.length === 0) {
    print('No archived sessions. A session is archived once it has ended; nothing archived is deleted by itself.');
    return EXIT.ok;
  }
  const total = totalOf(found);
  print(
    ...daysOf(found).map(
      ({ day, sessions, bytes }) =>
        `${day}  ${sessionsText(sessions)}  ${sizeText(bytes)}  ${idsText(found.filter((each) => each.day === day))}`,
    ),
    '',
    `${sessionsText(total.sessions).trim()}, ${sizeText(total.bytes).trim()}. Nothing of it is deleted by itself; ` +
      '`switchboard archive prune --older-than 90d` shows what would go.',
  );
  return EXIT.ok;
}

/** Shows the archived sessions older than an age, asks, and deletes them. */
export async function pruneArchive({ home }: Pick<Config, 'home'>, flags: PruneFlags): Promise<ExitCode> {
  const ageDays = parseAge(flags.olderThan);
  if (ageDays === null) {
    printError(
      'switchboard: --older-than takes a number of days, weeks or years: 90d, 12w, 1y; at least 1d (an m could be minutes or months). ' +
        'Nothing was deleted.',
    );
    return EXIT.usage;
  }
  const now = Date.now();
  const found = await inEveryProject(home, (directory) => prunableSessions(directory, ageDays, now));
  if (found === null) return EXIT.failed;
  if (found.length === 0) {
    print(`No archived session is older than ${daysText(ageDays)}.`);
    return EXIT.ok;
  }
  print(...pruneLines(found));
  if (flags.dryRun) return EXIT.ok;
  if (!flags.yes && !(await isConfirmed())) return EXIT.failed;
  return prune(found);
}

/** Days of an age such as `90d`, `12w`, `1y`; null for what is none. At least one. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^([1-9]\d{0,4})([dwy])$/.exec(text.trim().toLowerCase()) ?? [];
  if (number === undefined) return null;
  const days = Number(number) * DAYS_IN[unit as keyof typeof DAYS_IN];
  return days <= AGE_DAYS_MAX ? days : null;
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    printError('Nothing was deleted: there is nobody to ask here. Say --yes to delete what is listed above.');
    return false;
  }
  if (await askYes('Delete all of this for good?')) return true;
  print('Nothing was deleted.');
  return false;
}

function prune(found: readonly KeptSession[]): ExitCode {
  const failures: string[] = [];
  const gone = found.filter((session) => {
    try {
      pruneSession(session);
      return true;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      return false;
    }
  });
  const { sessions, bytes } = totalOf(gone);
  print(`Deleted ${sessionsText(sessions).trim()}, ${sizeText(bytes).trim()}.`);
  if (failures.length === 0) return EXIT.ok;
  printError(...failures.map((failure) => printable(`Not deleted: ${failure}`)));
  return EXIT.failed;
}

/** What is found in each registered sessions directory; null, and said, when one cannot be read. */
async function inEveryProject(
  home: string,
  find: (directory: string) => Promise<KeptSession[]>,
): Promise<KeptSession[] | null> {
  const found: KeptSession[] = [];
  for (const directory of registeredDirectories(home)) {
    try {
      found.push(...(await find(directory)));
    } catch (error) {
      printError(printable(`The archive in ${directory} cannot be read, nothing was done: ${String(error)}`));
      return null;
    }
  }
  return found;
}

function pruneLines(found: readonly KeptSession[]): string[] {
  const { sessions, bytes } = totalOf(found);
  return [
    ...daysOf(found).flatMap(({ day, sessions: count, bytes: size }) => [
      `${day}  ${sessionsText(count)}  ${sizeText(size)}`,
      ...found
        .filter((session) => session.day === day)
        .flatMap(pathsOf)
        .map((path) => `    ${printableLine(path)}`),
    ]),
    '',
    `${sessionsText(sessions).trim()}, ${sizeText(bytes).trim()}.`,
  ];
}

function pathsOf({ logs, attachments }: KeptSession): string[] {
  return [...logs, ...(attachments ? [`${attachments}/`] : [])];
}

function daysOf(found: readonly KeptSession[]): { day: string; sessions: number; bytes: number }[] {
  const days = [...new Set(found.map(({ day }) => day))].sort();
  return days.map((day) => ({ day, ...totalOf(found.filter((session) => session.day === day)) }));
}

function totalOf(found: readonly KeptSession[]): { sessions: number; bytes: number } {
  return { sessions: found.length, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function asData(archived: KeptSession): object {
  const { day, session, bytes } = archived;
  return { day, session_id: session, bytes, paths: pathsOf(archived) };
}

function sessionsText(count: number): string {
  return `${String(count).padStart(5)} ${count === 1 ? 'session ' : 'sessions'}`;
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

/** What `switchboard log` takes; all of them are in `--json`. */
function idsText(sessions: readonly KeptSession[]): string {
  const ids = sessions.slice(0, IDS_MAX).map(({ session }) => shortId(session));
  return [...ids, ...(sessions.length > IDS_MAX ? ['…'] : [])].join(' ');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size as a person reads it, in decimal units: `412 B`, `1.2 MB`. */
function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < UNITS.length - 1; unit += 1) size /= 1000;
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`.padStart(9);
}
