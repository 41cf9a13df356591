import { createHash, randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { closedDraft, deliveredDraft, messageDeliveredDraft } from '../../src/domain/drafts.ts';
import { type EventId, eventIdFrom, type MessageId, type QuestionId, type SessionId } from '../../src/domain/ids.ts';
import { permissionOptions } from '../../src/domain/permission.ts';
import type { Draft, RecordBody } from '../../src/domain/records.ts';
import type { SessionState } from '../../src/domain/session-state.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { HubSide } from './mcp-bench.ts';
import type { McpPlace } from './mcp-client.ts';
import { newQuestion, newSession } from './records.ts';
import { silentLog } from './silent-log.ts';

/** What a test wants to be allowed. */
export interface PermissionWish {
  readonly command: string;
  readonly dangers?: readonly string[];
  readonly grant?: string;
  readonly context?: string;
  readonly hold_until?: string;
}

/** The record of a permission, as the session of a Claude Code writes it. */
export function permissionBody(id: QuestionId, wish: PermissionWish): Extract<RecordBody, { type: 'question' }> {
  const { command, dangers, grant, hold_until } = wish;
  return {
    type: 'question',
    id,
    kind: 'permission',
    question: 'May I run a command?',
    context:
      wish.context ?? `\`\`\`sh\n${command}\n\`\`\`\n\nWhy, in Claude's words: to tidy up\nDirectory: /home/ada/shop`,
    options: permissionOptions(grant),
    multi_select: false,
    allow_text: true,
    status: 'pending',
    created_at: new Date().toISOString(),
    ...(hold_until ? { hold_until } : {}),
    permission: {
      tool: 'Bash',
      input_hash: createHash('sha256').update(command).digest('hex'),
      cwd: '/home/ada/shop',
      ...(grant ? { grant } : {}),
      ...(dangers ? { dangers: [...dangers] } : {}),
    },
  };
}

/** A session that the test itself owns: its file, in a registered project, with this process as its owner. */
export class OwnSession {
  readonly id: SessionId;
  readonly #store: JsonlStore;
  readonly #side: HubSide;

  constructor(id: SessionId, store: JsonlStore) {
    this.id = id;
    this.#store = store;
    this.#side = new HubSide(store);
  }

  async permission(wish: PermissionWish): Promise<QuestionId> {
    const id = newQuestion();
    await this.#append({ id: eventIdFrom('question', id), slot: `question:${id}`, body: permissionBody(id, wish) });
    return id;
  }

  /** Somebody was faster in the terminal. */
  answeredInTerminal(question: QuestionId): Promise<void> {
    return this.#append(closedDraft(question, 'answered_elsewhere', undefined, 'terminal'));
  }

  /** The answer of a question, as soon as it is there; Claude has it then. */
  async answer(question: QuestionId) {
    const answer = await this.#side.until(this.id, (state) => state.questions.get(question)?.answer);
    await this.#append(deliveredDraft(answer));
    return answer;
  }

  /** The word with this text, as soon as it is there. `deliver`: Claude has it then. */
  async word(text: string, deliver = true): Promise<MessageId> {
    const found = await this.#side.until(this.id, ({ messages }) =>
      [...messages.values()].find(({ record }) => record.text === text),
    );
    if (deliver) await this.#append(messageDeliveredDraft(found.record.message_id, 'socket'));
    return found.record.message_id;
  }

  /** What stands in the file now. */
  until<T>(probe: (state: SessionState) => T | undefined): Promise<T> {
    return this.#side.until(this.id, probe);
  }

  end(): Promise<void> {
    const body = { type: 'system', event: 'session_end', reason: 'test' } as const;
    return this.#append({ id: eventIdFrom('end', this.id), body });
  }

  async #append(draft: Draft): Promise<void> {
    const { status } = await this.#store.append(this.id, draft);
    if (status !== 'stored') throw new Error(`The record was not stored: ${status}`);
  }
}

/** Opens a session in a place; it stays until the test has finished. */
export async function openOwnSession(place: McpPlace, label: string): Promise<OwnSession> {
  const { home, project, sessionsDirectory } = place;
  const store = new JsonlStore({
    directory: sessionsDirectory,
    writer: { role: 'mcp', pid: process.pid },
    timings: { ...TIMINGS, slowLook: 50 },
    log: silentLog,
  });
  onTestFinished(() => store.close());
  const id = newSession();
  await store.open(id, {
    id: randomUUID() as EventId,
    body: {
      type: 'session_metadata',
      session_id: id,
      ...processIdentity(),
      cwd: project,
      project_dir: project,
      start_time: new Date().toISOString(),
      label,
      client: { name: 'claude-code', version: '2.1.329' },
      version: '0.1.0',
    },
  });
  registerProject(home, sessionsDirectory);
  return new OwnSession(id, store);
}
