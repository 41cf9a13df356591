import { randomUUID } from 'node:crypto';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';
import { answerDraft, messageDraft } from '../../src/domain/drafts.ts';
import type { EventId, QuestionId, SessionId } from '../../src/domain/ids.ts';
import type { Person } from '../../src/domain/records.ts';
import type { QuestionState, SessionState } from '../../src/domain/session-state.ts';
import type { ClaudeHost } from '../../src/mcp/claude-host.ts';
import { runMcp } from '../../src/mcp/run-mcp.ts';
import type { HubLink } from '../../src/runtime/hub-link.ts';
import type { SessionStore } from '../../src/store/contract.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SessionView } from '../../src/store/session-view.ts';
import { officialClient } from './official-client.ts';
import { WAIT_MS_MAX } from './patience.ts';
import { silentLog } from './silent-log.ts';

/** A hub link that only notes what it is told. */
interface NotedLink extends HubLink {
  connected: boolean;
  channels: HubLink['channels'];
  looks: number;
  announced: SessionId[];
  /** How often a hub was started for what the session leaves behind. */
  starts: number;
}

export interface Bench {
  readonly client: Client;
  readonly link: NotedLink;
  /** Sees the same sessions as the server, with a hub's pen. */
  readonly hub: HubSide;
  /** What the server's session lies in. */
  readonly memory: MemoryStore;
  readonly finished: Promise<void>;
  readonly end: AbortController;
  readonly session: () => Promise<SessionId>;
  call(tool: string, input?: object, options?: CallOptions): Promise<CallToolResult>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { message?: string | undefined }) => void;
  /** Milliseconds that the client waits for the result. */
  readonly timeout?: number;
}

/** A Claude Code with a terminal, and a person at the desk. */
export const BENCH_HOST: ClaudeHost = {
  settings: {
    deskSeconds: 0,
    finishedCard: 'off',
    notifications: false,
    dangerRules: { off: new Set(), patterns: [] },
  },
  headless: false,
  userHome: '/nowhere/home',
  switchboardHome: '/nowhere/home/.switchboard',
  sessionsDirectory: '/nowhere/engine/.planning/telegram-sessions',
  messaging: null,
  isAway: async () => false,
};

export const BENCH_TIMINGS = { heartbeat: 60_000, slowLook: 2_000, progress: 15_000, minute: 60_000 };

/** The MCP server of one session, in this process, with a client on the other end and a store in memory. */
export async function mcpBench(
  options: {
    timings?: Partial<typeof BENCH_TIMINGS>;
    store?: SessionStore;
    memory?: MemoryStore;
    linkFailures?: number;
    host?: Partial<ClaudeHost>;
    /** Called before each message of the server goes out; one for which it throws is lost. */
    beforeSend?: (message: object) => void;
  } = {},
): Promise<Bench> {
  const memory = options.memory ?? new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });
  const store = options.store ?? memory;
  const link: NotedLink = {
    connected: true,
    channels: [{ name: 'telegram', ok: true, detail: 'ok', since: new Date().toISOString() }],
    looks: 0,
    announced: [],
    starts: 0,
    look: () => {
      link.looks += 1;
    },
    announce: (id) => void link.announced.push(id),
    close: () => undefined,
  };
  const [near, far] = InMemoryTransport.createLinkedPair();
  const send = far.send.bind(far);
  far.send = async (message, more) => {
    options.beforeSend?.(message);
    await send(message, more);
  };
  const end = new AbortController();
  let open: (id: SessionId) => void;
  const opened = new Promise<SessionId>((resolve) => {
    open = resolve;
  });
  let linkFailures = options.linkFailures ?? 0;
  const finished = runMcp({
    openStore: async () => store,
    openLink: async (id) => {
      if (linkFailures-- > 0) throw new Error('no link yet');
      open(id);
      return link;
    },
    startHub: async () => {
      link.starts += 1;
    },
    identity: () => ({ pid: 4242, process_started_at: '1', host: 'desk', boot_id: null, pid_namespace: null }),
    workingDirectory: '/nowhere/engine',
    projectDirectory: '/nowhere/engine',
    claudeSessionId: 'claude-1',
    host: { ...BENCH_HOST, ...options.host },
    version: '0.1.0',
    timings: { ...BENCH_TIMINGS, ...options.timings },
    log: silentLog,
    transport: far,
    signal: end.signal,
  });
  const client = officialClient();
  await client.connect(near);
  // From now on the client checks every result against its tool's output schema.
  await client.listTools();
  onTestFinished(async () => {
    end.abort('SIGTERM');
    await finished;
    await client.close();
  });
  return {
    client,
    link,
    hub: new HubSide(new MemoryStore({ writer: { role: 'hub', pid: 7 }, beside: memory })),
    memory,
    finished,
    end,
    session: () => opened,
    call: (name, input = {}, { signal, onprogress } = {}) =>
      client.callTool({ name, arguments: { ...input } }, undefined, {
        timeout: 15_000,
        ...(signal ? { signal } : {}),
        ...(onprogress ? { onprogress } : {}),
      }) as Promise<CallToolResult>,
  };
}

/** Reads sessions and answers their questions as the hub does, through a store of its own. */
export class HubSide {
  readonly store: SessionStore;
  private readonly views = new Map<SessionId, SessionView>();

  constructor(store: SessionStore) {
    this.store = store;
  }

  /** Resolves with what `probe` finds in the session's log, as soon as it is there; fails after `WAIT_MS_MAX`. */
  async until<T>(session: SessionId, probe: (state: SessionState) => T | undefined): Promise<T> {
    const view = this.views.get(session) ?? new SessionView(this.store, session);
    this.views.set(session, view);
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    for await (const _hint of this.store.hints(session, signal)) {
      // Between two logs of the session the view still has what stood in the first one, and nothing can be answered.
      if ((await view.refresh()).gone) continue;
      const found = probe(view.state);
      if (found !== undefined) return found;
    }
    throw new Error(`Not in the log within ${WAIT_MS_MAX} ms: ${probe}`);
  }

  /** The question with this text, as soon as it is asked. */
  question(session: SessionId, text: string): Promise<QuestionState> {
    return this.until(session, (state) =>
      [...state.questions.values()].findLast(({ record }) => record.question === text),
    );
  }

  /** Answers as a person with a phone does; resolves once the answer is in the log. */
  async answer(
    session: SessionId,
    question_id: QuestionId,
    answer: string,
    late = false,
    selected?: readonly string[],
  ): Promise<void> {
    const given = {
      question_id,
      answer,
      ...(selected ? { selected } : {}),
      answered_by: { channel: 'telegram', id: '7', name: 'Ada' },
      answered_at: new Date().toISOString(),
    };
    const result = await this.store.append(session, answerDraft(randomUUID() as EventId, given, late));
    if (result.status !== 'stored') throw new Error(`The answer was not stored: ${result.status}`);
  }

  /** Says something to the session unasked, as a person with a phone does. */
  async tell(session: SessionId, text: string, sent_by: Person): Promise<void> {
    const word = { text, sent_by, sent_at: new Date().toISOString() };
    await this.store.append(session, messageDraft(randomUUID() as EventId, word));
  }
}
