import type { SessionId } from '../domain/ids.ts';
import { judgeSession } from '../domain/liveness.ts';
import type { QuestionState, SessionState } from '../domain/session-state.ts';
import { nameSessions } from '../relay/session-names.ts';
import type { Config } from '../runtime/config.ts';
import { canonicalPath, isWithin } from '../runtime/home.ts';
import type { Logger } from '../runtime/log.ts';
import { observer } from '../runtime/processes.ts';
import { registeredDirectories } from '../runtime/projects.ts';
import type { SessionStore } from '../store/contract.ts';
import { JsonlStore } from '../store/jsonl/jsonl-store.ts';
import { SessionView } from '../store/session-view.ts';

/** A session that lives, as its file tells it now. */
export interface LiveSession {
  readonly id: SessionId;
  readonly title: string;
  readonly project: string;
  readonly directory: string;
  readonly store: SessionStore;
  readonly view: SessionView;
}

/** A question with the session that asked it. */
export interface AskedQuestion {
  readonly session: LiveSession;
  readonly question: QuestionState;
}

/** Reads every registered session that lives, oldest first. Needs no hub. */
export async function readLiveSessions(config: Pick<Config, 'home' | 'timings'>, log: Logger): Promise<LiveSession[]> {
  const directories = registeredDirectories(config.home);
  const read = await Promise.all(directories.map((directory) => readDirectory(directory, config, log)));
  const found = withoutCopies(read.flat());
  const names = nameSessions(found.map(({ id, view }) => [id, view.state] as const));
  return found
    .map((session) => ({ ...session, title: '', project: '', ...names.get(session.id) }))
    .sort((a, b) => startOf(a.view.state) - startOf(b.view.state));
}

/**
 * Every question of the sessions, oldest first. One that two sessions of a directory have belongs to the one that waits
 * for it; one in two directories is there twice.
 */
export function questionsOf(sessions: readonly LiveSession[]): AskedQuestion[] {
  const asked = new Map<string, AskedQuestion>();
  for (const session of sessions) {
    for (const [id, question] of session.view.state.questions) {
      const key = `${id} ${session.directory}`;
      if (!asked.has(key) || question.status === 'pending') asked.set(key, { session, question });
    }
  }
  const askedAt = ({ question }: AskedQuestion): number => Date.parse(question.record.created_at);
  return [...asked.values()].sort((a, b) => askedAt(a) - askedAt(b));
}

/** Those that wait for an answer. */
export function openQuestionsOf(sessions: readonly LiveSession[]): AskedQuestion[] {
  return questionsOf(sessions).filter(({ session, question }) => session.view.state.open.has(question.record.id));
}

type FoundSession = Pick<LiveSession, 'id' | 'directory' | 'store' | 'view'>;

/** A project that was copied while a session ran has its file, too. The session lies in the project that it names. */
function withoutCopies(found: readonly FoundSession[]): FoundSession[] {
  const atHome = new Set(found.filter(isAtHome).map(({ id }) => id));
  return found.filter((session) => !atHome.has(session.id) || isAtHome(session));
}

function isAtHome({ directory, view }: FoundSession): boolean {
  const { metadata } = view.state;
  return metadata !== undefined && isWithin(directory, canonicalPath(metadata.project_dir));
}

async function readDirectory(
  directory: string,
  { timings }: Pick<Config, 'timings'>,
  log: Logger,
): Promise<FoundSession[]> {
  const store = new JsonlStore({ directory, writer: { role: 'cli', pid: process.pid }, timings, log });
  try {
    const views = (await store.sessions()).map((id) => new SessionView(store, id));
    await Promise.all(views.map((view) => view.refresh()));
    // Silence proves nothing to a command that has only just started.
    const judge = observer(Date.now(), true);
    return views
      .filter(({ state }) => state.metadata && !judgeSession(state, judge))
      .map((view) => ({ id: view.id, directory, store, view }));
  } catch (error) {
    log.warn({ directory, error: String(error) }, 'a sessions directory could not be read');
    return [];
  }
}

function startOf(state: SessionState): number {
  return Date.parse(state.metadata?.start_time ?? '') || 0;
}
