import { closeSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SessionId } from '../domain/ids.ts';
import { breather } from '../runtime/breathe.ts';
import { archiveDays, archivedOn } from '../store/jsonl/archived-sessions.ts';
import { sessionsIn } from '../store/jsonl/directory-watch.ts';
import { findLogs } from '../store/jsonl/find-logs.ts';
import { type LogFacts, LogFactsReader } from '../store/jsonl/log-facts.ts';
import { openLog } from '../store/jsonl/open-log.ts';
import { logFileName } from '../store/jsonl/session-files.ts';
import type { SessionSummary } from './channel.ts';
import type { History, SessionEntry, SessionList, SessionWish, Timeline, TimelineWish } from './history.ts';
import { projectName, sessionPlace, sessionTitle } from './session-names.ts';
import { readTimeline } from './session-timeline.ts';

const SESSIONS_PER_PAGE = 50;
const CHUNK_BYTES = 256 * 1024;

/** What a history is read from. */
export interface HistoryParts {
  /** Every sessions directory that is known. */
  readonly directories: () => readonly string[];
  /** The live sessions, as they are called. */
  readonly live: () => readonly SessionSummary[];
}

/** A session's logs, and its place in the order of all. */
interface Candidate {
  readonly session: SessionId;
  readonly logs: readonly string[];
  readonly day: string | null;
  /** Milliseconds since the epoch: when a live one began, or when an archived one was written last. */
  readonly at: number;
}

/** Reads live and archived sessions from their files, for who wants to look back. Writes nothing. */
export class SessionHistory implements History {
  readonly #parts: HistoryParts;
  readonly #facts = new LogFactsReader();

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  async list(wish: SessionWish, signal: AbortSignal): Promise<SessionList> {
    const live = new Map(this.#parts.live().map((summary) => [summary.name.id, summary]));
    const matches = matcherOf(wish);
    const sessions: SessionEntry[] = [];
    let last: Candidate | null = null;
    let next: string | undefined;
    const breathe = breather(signal);
    for await (const candidate of this.#candidates(wish, breathe)) {
      await breathe();
      const entry = await this.#entry(candidate, live.get(candidate.session));
      if (!entry || !matches(entry)) continue;
      if (sessions.length === SESSIONS_PER_PAGE) {
        next = last ? cursorOf(last) : undefined;
        break;
      }
      sessions.push(entry);
      last = candidate;
    }
    return { sessions, ...(next === undefined ? {} : { next }), projects: this.#projects(sessions, live.values()) };
  }

  async timeline(session: SessionId, wish: TimelineWish, signal: AbortSignal): Promise<Timeline | null> {
    const found = await this.#find(session);
    if (!found) return null;
    const live = this.#parts.live().find(({ name }) => name.id === session);
    const entry = await this.#entry(found, live);
    return entry && { session: entry, ...(await readTimeline(found.logs, wish, signal)) };
  }

  async raw(session: SessionId): Promise<AsyncIterable<Uint8Array> | null> {
    const found = await this.#find(session);
    return found && contentOf(found.logs);
  }

  async #find(session: SessionId): Promise<Candidate | null> {
    const logs = await findLogs(this.#parts.directories(), session);
    const last = logs.at(-1);
    return last ? { session, logs: logs.map(({ path }) => path), day: last.day, at: 0 } : null;
  }

  /** Every session in order: live ones first, each kind newest first. Reads no more than whoever takes them needs. */
  async *#candidates(
    { state, after }: SessionWish,
    breathe: () => Promise<void> | null,
  ): AsyncGenerator<Candidate, void, void> {
    const directories = this.#parts.directories();
    const start = after === undefined ? null : placeOf(after);
    const live = await this.#liveOnes(directories, breathe);
    const isLive = new Set(live.map(({ session }) => session));
    if (state !== 'archived' && (start === null || start.day === null)) {
      yield* live.filter((each) => start === null || compare(start, each) < 0);
    }
    if (state === 'live') return;
    const days = new Map<string, string[]>();
    for (const directory of directories) {
      for (const day of await archiveDays(directory)) days.set(day, [...(days.get(day) ?? []), directory]);
    }
    for (const day of [...days.keys()].sort().reverse()) {
      if (start?.day && day > start.day) continue;
      const archived = await Promise.all((days.get(day) ?? []).map((directory) => archivedOn(directory, day)));
      const here = archived.flat().map(({ writtenAt, ...each }) => ({ ...each, at: writtenAt }));
      // What was salvaged of a damaged log goes on in the live one.
      yield* here
        .filter((each) => !isLive.has(each.session) && (!start?.day || compare(start, each) < 0))
        .sort(compare);
    }
  }

  async #liveOnes(directories: readonly string[], breathe: () => Promise<void> | null): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const directory of directories) {
      for (const session of sessionsIn(directory)) {
        const log = join(directory, logFileName(session));
        await breathe();
        const facts = await this.#facts.read(log);
        // Without metadata it is about to be put away as corrupt.
        if (!facts?.metadata) continue;
        found.push({ session, logs: [log], day: null, at: Date.parse(facts.metadata.start_time) });
      }
    }
    return found.sort(compare);
  }

  /** Null: its log has just gone. */
  async #entry({ session, logs, day }: Candidate, live: SessionSummary | undefined): Promise<SessionEntry | null> {
    let bytes = 0;
    let told: LogFacts | null = null;
    for (const log of logs) {
      const facts = await this.#facts.read(log);
      bytes += facts?.bytes ?? 0;
      if (facts && (facts.metadata || !told)) told = facts;
    }
    if (!told) return null;
    const { metadata, label, branch, endedAt, lastAt } = told;
    const project_dir = metadata?.project_dir ?? '';
    const ended_at = day === null ? endedAt : (endedAt ?? lastAt);
    return {
      session_id: session,
      state: day === null ? 'live' : 'archived',
      ...(day === null ? {} : { archived_on: day }),
      title: live?.name.title ?? sessionTitle(label, project_dir, branch),
      project: projectName(project_dir),
      ...sessionPlace(project_dir, branch),
      started_at: metadata?.start_time ?? lastAt ?? new Date(0).toISOString(),
      ...(ended_at === undefined ? {} : { ended_at }),
      bytes,
      ...(live ? { open: live.pending } : {}),
    };
  }

  /** What can be told without reading every log: most sessions directories lie in their project. */
  #projects(sessions: readonly SessionEntry[], live: Iterable<SessionSummary>): string[] {
    const names = new Set([...sessions.map(({ project }) => project), ...[...live].map(({ name }) => name.project)]);
    for (const directory of this.#parts.directories()) {
      const planning = dirname(directory);
      if (basename(planning) === '.planning') names.add(projectName(dirname(planning)));
    }
    return [...names].sort();
  }
}

/** Live ones first, then newest first. */
function compare(a: Pick<Candidate, 'day' | 'at' | 'session'>, b: Pick<Candidate, 'day' | 'at' | 'session'>): number {
  if (a.day !== b.day) return (a.day ?? '~') > (b.day ?? '~') ? -1 : 1;
  return b.at - a.at || (a.session < b.session ? -1 : Number(a.session > b.session));
}

function cursorOf({ day, at, session }: Candidate): string {
  return `${day ?? 'live'}_${at}_${session}`;
}

function placeOf(cursor: string): Pick<Candidate, 'day' | 'at' | 'session'> | null {
  const [, day, at, session] = /^(live|\d{4}-\d{2}-\d{2})_(\d+(?:\.\d+)?)_([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (day === undefined) return null;
  return { day: day === 'live' ? null : day, at: Number(at), session: session as SessionId };
}

function matcherOf({ project, q }: SessionWish): (entry: SessionEntry) => boolean {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return (entry) => {
    if (project && entry.project !== project) return false;
    const { title, project: name, project_dir, branch = '', session_id } = entry;
    const all = `${title} ${name} ${project_dir} ${branch} ${session_id}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

/** The bytes of all logs, each as long as it is when it is opened, each ending with a line break. */
async function* contentOf(paths: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (const [index, path] of paths.entries()) {
    const log = openLog(path, 'read');
    if (!log) continue;
    try {
      let lastByte = 0x0a;
      for (let at = 0; at < log.size; ) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, log.size - at));
        const bytesRead = readSync(log.fd, chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        lastByte = chunk[bytesRead - 1] ?? lastByte;
        yield chunk.subarray(0, bytesRead);
      }
      if (lastByte !== 0x0a && index < paths.length - 1) yield Buffer.from('\n');
    } finally {
      closeSync(log.fd);
    }
  }
}
