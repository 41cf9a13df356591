import { randomUUID } from 'node:crypto';
import { answerDraft } from '../../src/domain/drafts.ts';
import { type EventId, eventIdFrom, type QuestionId, type SessionId } from '../../src/domain/ids.ts';
import type { Draft, RecordBody } from '../../src/domain/records.ts';

type BodyOf<T extends RecordBody['type']> = Extract<RecordBody, { type: T }>;

export const newSession = (): SessionId => randomUUID() as SessionId;
export const newQuestion = (): QuestionId => randomUUID() as QuestionId;

/** The first record of a session, as its owner would write it. */
export function metadataDraft(session: SessionId, pid = 4242): Draft<BodyOf<'session_metadata'>> {
  return {
    id: eventIdFrom('metadata', session),
    body: {
      type: 'session_metadata',
      session_id: session,
      pid,
      process_started_at: '123456',
      host: 'desk',
      boot_id: '5b0e9f1c-0000-4000-8000-000000000000',
      pid_namespace: 'pid:[4026531836]',
      cwd: '/home/ada/engine',
      project_dir: '/home/ada/engine',
      start_time: '2026-11-20T10:00:00.000Z',
      git_branch: 'main',
      client: { name: 'claude-code', version: '2.1.329' },
      version: '0.1.0',
    },
  };
}

/** A question with a text of its own. */
export function questionDraft(id: QuestionId = newQuestion(), text = 'Deploy now?'): Draft<BodyOf<'question'>> {
  return {
    id: eventIdFrom('question', id),
    body: {
      type: 'question',
      id,
      kind: 'question',
      question: text,
      multi_select: false,
      allow_text: true,
      status: 'pending',
      created_at: '2026-11-20T10:00:01.000Z',
    },
  };
}

/** An answer that claims the outcome of a question; each `cause` is another press. */
export function givenAnswer(question_id: QuestionId, answer: string, cause: EventId = randomUUID() as EventId): Draft {
  return answerDraft(cause, {
    question_id,
    answer,
    answered_by: { channel: 'telegram', id: '7', name: 'Ada' },
    answered_at: '2026-11-20T10:00:02.000Z',
  });
}

/** A record that claims nothing: `number` tells it from its like. */
export function noteDraft(number: number | string): Draft {
  return { id: eventIdFrom('note', number), body: { type: 'system', event: 'note', detail: String(number) } };
}
