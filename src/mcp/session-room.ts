import { setTimeout as pause } from 'node:timers/promises';
import { v4 } from 'uuid';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import { preview } from '../domain/text.ts';
import type { HubLink } from '../runtime/hub-link.ts';
import type { Logger } from '../runtime/log.ts';
import type { ProcessIdentity } from '../runtime/processes.ts';
import type { Timings } from '../runtime/timings.ts';
import type { SessionStore } from '../store/contract.ts';
import { askQuestion } from './ask-question.ts';
import { checkAnswers } from './check-answers.ts';
import type { ClaudeHost } from './claude-host.ts';
import { Deliveries } from './deliveries.ts';
import { gitBranch } from './git-branch.ts';
import type { ClaudeHooks } from './hooks/claude-hooks.ts';
import { HubContact } from './hub-contact.ts';
import { markAnswered } from './mark-answered.ts';
import { notifyUser } from './notify-user.ts';
import { OwnSession } from './own-session.ts';
import { Questions } from './questions.ts';
import type { HiddenHandler, ToolHandlers } from './server.ts';
import { setLabel } from './set-label.ts';
import type { ToolCall } from './tool-call.ts';
import type { ToolRoom } from './tool-room.ts';

/** What a session of this process is made of. */
export interface SessionOptions {
  readonly openStore: () => Promise<SessionStore>;
  /** Connects to the hub for a session that exists; `onLook` is to be called when its file may have news. */
  readonly openLink: (session: SessionId, onLook: () => void) => Promise<HubLink>;
  /** Starts a hub that outlives this process and finds the session's file. */
  readonly startHub: () => Promise<void>;
  readonly identity: () => ProcessIdentity;
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  readonly claudeSessionId?: string;
  readonly host: ClaudeHost;
  readonly version: string;
  readonly timings: Pick<Timings, 'heartbeat' | 'slowLook' | 'progress' | 'minute'>;
  readonly log: Logger;
}

/** The session behind the tools: opened by `start` or the first call, whichever comes first. */
export interface SessionRoom {
  readonly handlers: ToolHandlers;
  readonly hidden: HiddenHandler;
  /** Opens the session's file and then the link to the hub. Trouble is logged, and tried again by the next call. */
  start(): void;
  /** Writes the end and lets go of everything, within 100 ms. Never rejects. */
  end(reason: string): Promise<void>;
}

/** Puts the session together; `client` says who is at the other end. Nothing is opened yet. */
export function sessionRoom(
  options: SessionOptions,
  client: () => { name: string; version: string } | undefined,
): SessionRoom {
  const { timings, log } = options;
  const hub = new HubContact();
  const claudeSession = { id: options.claudeSessionId };
  const session = ownSession(options, hub, client, claudeSession);
  const questions = new Questions(session, { timings, log, tellHub: () => hub.look() });
  const notices = new Set<QuestionId>();
  const updateBranchHere = (): Promise<void> => updateBranch(session, options);
  const { host } = options;
  const tellHub = (): void => hub.look();
  const deliveries = new Deliveries({ session, questions, host, log, tellHub });
  const room: ToolRoom = { session, questions, deliveries, hub, notices, timings, updateBranch: updateBranchHere };
  /** What the person said meanwhile goes along with the next result. */
  const noting = async <T extends { note?: string | undefined }>(told: Promise<T>, call: ToolCall): Promise<T> => {
    const output = await told;
    const words = deliveries.take(call, 'tool');
    return words === null ? output : { ...output, note: [output.note, words].filter(Boolean).join(' ') };
  };
  let loading: Promise<ClaudeHooks> | null = null;
  // Loaded with the first hook: a session whose host has none never needs them.
  const hooks = (): Promise<ClaudeHooks> => {
    loading ??= loadHooks(room, options, claudeSession).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    handlers: {
      ask_blocking_question: (input, call) => noting(askQuestion(room, input, call), call),
      check_question_answers: (input, call) => checkAnswers(room, input, call),
      mark_question_answered: (input, call) => noting(markAnswered(room, input, call), call),
      notify_user: (input, call) => noting(notifyUser(room, input), call),
      set_session_label: (input) => setLabel(room, input.label),
    },
    hidden: async (name, given, call) =>
      name === 'claude_code_hook' ? (await hooks()).answerHook(given, call) : (await hooks()).answerPrompt(given, call),
    start: () => {
      session
        .ready()
        .catch((error: unknown) => log.error({ error: String(error) }, 'no session file yet; tried again'));
    },
    end: async (reason) => {
      log.info({ session_id: session.id, reason }, 'the session ends');
      const unseen = [...notices].some((id) => !session.state.questions.get(id)?.shown.size);
      // A last word, said just before the end, would else wait for the next session.
      const started = unseen && !hub.connected ? options.startHub() : Promise.resolve();
      await Promise.all([
        session.end(reason),
        started.catch((error: unknown) => log.error({ error: String(error) }, 'no hub could be started')),
      ]);
      hub.close();
    },
  };
}

function ownSession(
  options: SessionOptions,
  hub: HubContact,
  client: () => { name: string; version: string } | undefined,
  claudeSession: { readonly id: string | undefined },
): OwnSession {
  const { log } = options;
  let linked = false;
  const startTime = new Date().toISOString();
  const link = async (id: SessionId): Promise<void> => {
    if (linked) return hub.announce(id);
    linked = true;
    const opened = await options.openLink(id, () => void session.lookQuietly());
    if (session.ended) return opened.close();
    hub.connect(opened);
    // The session may have moved on while the link was made.
    if (session.id !== id) opened.announce(session.id);
  };
  const session: OwnSession = new OwnSession({
    openStore: options.openStore,
    facts: () => ({
      start_time: startTime,
      ...options.identity(),
      cwd: options.workingDirectory,
      project_dir: options.projectDirectory,
      client: { name: clientWord(client()?.name), version: clientWord(client()?.version) },
      ...(claudeSession.id === undefined ? {} : { claude_session_id: claudeSession.id }),
      version: options.version,
    }),
    gitBranch: () => gitBranch(options.projectDirectory),
    timings: options.timings,
    log,
    onOpened: (id) => {
      log.info({ session_id: id }, 'the session has its file');
      void linkInTheEnd();
    },
  });
  /** Without a link the hub may never hear of this session, so what fails is tried again. */
  const linkInTheEnd = async (): Promise<void> => {
    for (let failures = 0; !session.ended; failures += 1) {
      try {
        return await link(session.id);
      } catch (error) {
        linked = false;
        if (failures === 0) {
          log.error({ session_id: session.id, error: String(error) }, 'no link to the hub yet; trying again');
        }
        await pause(options.timings.slowLook, undefined, { ref: false });
      }
    }
  };
  return session;
}

/** A client says what it likes, and the session's first record must take it. */
function clientWord(text = 'unknown'): string {
  return preview(text, 200);
}

async function loadHooks(
  room: ToolRoom,
  { host, projectDirectory, log }: SessionOptions,
  claudeSession: { id: string | undefined },
): Promise<ClaudeHooks> {
  const { ClaudeHooks } = await import('./hooks/claude-hooks.ts');
  const { session } = room;
  const write = async (claude_session_id: string): Promise<void> => {
    await session.ready();
    await session.append({ id: v4() as EventId, body: { type: 'session_updated', claude_session_id } });
  };
  return new ClaudeHooks({ ...room, host, projectDirectory, log }, (id) => {
    if (claudeSession.id === id) return;
    claudeSession.id = id;
    write(id).catch((error: unknown) => log.warn({ error: String(error) }, 'could not write the session id down'));
  });
}

async function updateBranch(session: OwnSession, { projectDirectory, log }: SessionOptions): Promise<void> {
  const branch = gitBranch(projectDirectory);
  if (branch === undefined || branch === session.state.gitBranch) return;
  try {
    await session.append({ id: v4() as EventId, body: { type: 'session_updated', git_branch: branch } });
    await session.look();
  } catch (error) {
    log.warn({ session_id: session.id, error: String(error) }, 'could not write the branch down');
  }
}
