import { v4 } from 'uuid';
import { onTestFinished } from 'vitest';
import { type EventId, eventIdFrom, type QuestionId, type SessionId } from '../../src/domain/ids.ts';
import type { ProcessFacts } from '../../src/domain/liveness.ts';
import type { Draft, RecordBody } from '../../src/domain/records.ts';
import type { Press } from '../../src/relay/channel.ts';
import { Confirmations } from '../../src/relay/confirmations.ts';
import { Relay } from '../../src/relay/relay.ts';
import { TIMINGS, type Timings } from '../../src/runtime/timings.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SessionView } from '../../src/store/session-view.ts';
import { memoryPresence } from './memory-presence.ts';
import { WAIT_MS_MAX } from './patience.ts';
import { RecordingChannel } from './recording-channel.ts';
import { silentLog } from './silent-log.ts';

export const owner = { channel: 'phone', id: '1', name: 'Ada' };
export const PID = 4242;

type QuestionBody = Extract<RecordBody, { type: 'question' }>;

/** A hub's and a session's store on one memory, a relay between them and a channel. */
export function arrange(
  options: {
    chats?: string[];
    memory?: MemoryStore;
    channel?: RecordingChannel;
    timings?: Partial<Timings>;
    confirmations?: Confirmations;
    presence?: ReturnType<typeof memoryPresence>;
  } = {},
) {
  const session = options.memory ?? new MemoryStore({ writer: { role: 'mcp', pid: PID } });
  const store = new MemoryStore({ writer: { role: 'hub', pid: 2 }, beside: session });
  const channel = options.channel ?? new RecordingChannel('phone', options.chats ?? ['1']);
  const told: SessionId[] = [];
  const processes = new Map<number, ProcessFacts>([[PID, { started_at: '77' }]]);
  const relay = new Relay({
    channels: [channel],
    isOwner: (person) => person.id === owner.id,
    observer: () => ({
      now: Date.now(),
      host: 'here',
      boot_id: 'boot',
      pid_namespace: 'pid:[1]',
      process: (pid) => processes.get(pid) ?? 'absent',
      booted_at: null,
      silence_unreliable: true,
    }),
    confirmations: options.confirmations ?? new Confirmations(undefined),
    presence: options.presence ?? memoryPresence(),
    tellSession: (id) => told.push(id),
    log: silentLog,
    timings: { ...TIMINGS, retryMin: 5, retryMax: 20, ...options.timings },
  });
  const end = new AbortController();
  const running = relay.run(end.signal);
  const stop = async () => {
    end.abort();
    await running;
  };
  onTestFinished(stop);
  return { session, store, channel, relay, told, processes, stop };
}

export async function openSession(
  store: MemoryStore,
  facts: { label?: string; branch?: string; pid?: number } = {},
): Promise<SessionId> {
  const session_id = v4() as SessionId;
  const now = new Date().toISOString();
  await store.open(session_id, {
    id: v4() as EventId,
    body: {
      type: 'session_metadata',
      session_id,
      pid: facts.pid ?? PID,
      process_started_at: '77',
      host: 'here',
      boot_id: 'boot',
      pid_namespace: 'pid:[1]',
      cwd: '/home/ada/shop',
      project_dir: '/home/ada/shop',
      start_time: now,
      client: { name: 'claude-code', version: '2' },
      version: '0.1.0',
      ...(facts.label ? { label: facts.label } : {}),
      ...(facts.branch ? { git_branch: facts.branch } : {}),
    },
  });
  return session_id;
}

export async function ask(
  store: MemoryStore,
  session: SessionId,
  more: Partial<QuestionBody> = {},
): Promise<QuestionId> {
  const id = v4() as QuestionId;
  const body: QuestionBody = {
    type: 'question',
    id,
    kind: 'question',
    question: 'Which way?',
    multi_select: false,
    allow_text: true,
    status: 'pending',
    created_at: new Date().toISOString(),
    ...more,
  };
  await store.append(session, { id: eventIdFrom('question', id), slot: `question:${id}`, body } as Draft);
  return id;
}

export const press = (question_id: QuestionId, given: Press['given'], cause = v4()): Press => ({
  question_id,
  given,
  person: owner,
  cause: cause as EventId,
});

export async function stateOf(store: MemoryStore, session: SessionId) {
  const view = new SessionView(store, session);
  await view.refresh();
  return view.state;
}

/** Resolves when the session is no longer among the live ones. */
export async function gone(store: MemoryStore, id: SessionId): Promise<void> {
  for await (const _ of store.hints(id, AbortSignal.timeout(WAIT_MS_MAX))) {
    if (!(await store.sessions()).includes(id)) return;
  }
  throw new Error('the session was not archived');
}
