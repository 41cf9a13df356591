import { v4 } from 'uuid';
import { eventIdFrom, type QuestionId, type SessionId } from '../domain/ids.ts';
import { CONTEXT_CHARS_INLINE_MAX, type ValidQuestion } from '../domain/question-input.ts';
import { type Draft, type QuestionRecord, RECORD_BYTES_MAX } from '../domain/records.ts';
import type { SessionStore } from '../store/contract.ts';
import type { AskedQuestion } from './asked-question.ts';

// What a line needs beside the text: ids, times, field names.
const ENVELOPE_BYTES = 2 * 1024;

/** What a card asks, before it has an id. */
export type CardContent = Pick<QuestionRecord, 'kind' | 'question' | 'multi_select' | 'allow_text'> &
  Partial<Pick<QuestionRecord, 'context' | 'options' | 'default_answer' | 'hold_until' | 'permission'>>;

/** A question with an id of its own, which it keeps in whatever log its session goes on. `timeoutMs` decides what its card says. */
export function newQuestion(valid: ValidQuestion, timeoutMs: number): AskedQuestion {
  const { timeout_minutes, ...rest } = valid;
  return newCard({ kind: 'question', ...rest }, timeoutMs);
}

/** The same for what does not come from the model. */
export function newCard({ context, ...rest }: CardContent, timeoutMs: number): AskedQuestion {
  const id = v4() as QuestionId;
  const now = Date.now();
  const body = {
    type: 'question',
    id,
    ...rest,
    status: 'pending',
    created_at: new Date(now).toISOString(),
    expires_at: new Date(now + timeoutMs).toISOString(),
  } as const;
  const inline = context !== undefined && fitsInline(context, JSON.stringify(body));
  const place = async (store: SessionStore, session: SessionId): Promise<object> => {
    if (context === undefined) return {};
    return inline ? { context } : { context_file: await store.attach(session, `${id}.txt`, context) };
  };
  return {
    id,
    draft: async (store, session): Promise<Draft> => ({
      id: eventIdFrom('asked', id),
      body: { ...body, ...(await place(store, session)) },
    }),
  };
}

function fitsInline(context: string, rest: string): boolean {
  if (context.length > CONTEXT_CHARS_INLINE_MAX) return false;
  return Buffer.byteLength(JSON.stringify(context) + rest) + ENVELOPE_BYTES <= RECORD_BYTES_MAX;
}
