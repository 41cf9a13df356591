import { type SessionId, shortId } from '../domain/ids.ts';
import { printableJson } from '../domain/text.ts';
import { sessionsNamedIn } from '../relay/session-names.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { registeredDirectories } from '../runtime/projects.ts';
import { type FoundLog, findLogs } from '../store/jsonl/find-logs.ts';
import { idPrefixIn } from './id-prefix.ts';
import { type LiveSession, readLiveSessions } from './live-sessions.ts';
import { printable, printError } from './terminal.ts';

/** The live session with this title, project or beginning of an id; null, and said, when there is none or several. */
export async function findSession(config: Config, log: Logger, name: string): Promise<LiveSession | null> {
  const named = await sessionsCalled(config, log, name);
  if (named.length === 0) {
    printError(`No running session is called ${printableJson(name)}. \`switchboard status\` lists them.`);
  }
  return onlyOf(named);
}

/**
 * The logs of one session: a live or archived one by its id or the beginning of it, or a live one as `findSession` finds
 * it. Null, and said, when there is none or several.
 */
export async function findSessionLogs(config: Config, log: Logger, name: string): Promise<FoundLog[] | null> {
  const directories = registeredDirectories(config.home);
  const prefix = idPrefixIn(name);
  const logs = prefix === null ? [] : await findLogs(directories, prefix);
  const ids = new Set(logs.map(({ session }) => session));
  if (ids.size === 1) return logs;
  if (ids.size > 1) {
    printError(`${ids.size} sessions begin with ${prefix}; give more of the id:`, ...[...ids].map((id) => `  ${id}`));
    return null;
  }
  const named = await sessionsCalled(config, log, name);
  if (named.length === 0) {
    printError(
      `No session ${printableJson(name)} is there: \`switchboard status\` lists the live ones with their ids, ` +
        '`switchboard archive` the ids of archived ones.',
    );
  }
  const session = onlyOf(named);
  return session && findLogs(directories, session.id);
}

async function sessionsCalled(config: Config, log: Logger, name: string): Promise<LiveSession[]> {
  const all = await readLiveSessions(config, log);
  const { sessions, rest } = sessionsNamedIn(all, name);
  const ids = new Set<SessionId>(rest === '' ? sessions.map(({ id }) => id) : []);
  return all.filter(({ id }) => ids.has(id));
}

function onlyOf(sessions: readonly LiveSession[]): LiveSession | null {
  const [only, other] = sessions;
  if (!other) return only ?? null;
  const listed = sessions.map(({ id, title }) => `  ${shortId(id)}  ${printable(title)}`);
  printError(`${sessions.length} sessions are called so; give the beginning of the id:`, ...listed);
  return null;
}
