import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { eventIdFrom, type QuestionId, type SessionId, UUID } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import { preview } from '../../domain/text.ts';
import type { Press, Verdict, Word } from '../../relay/channel.ts';
import { verdictWords } from '../../relay/verdict-words.ts';
import { pageCard, wholePageCard } from './page-card.ts';
import type { AnswerResponse } from './wire.ts';

// Far above the longest answer, however it is escaped.
const BODY_BYTES_MAX = 64 * 1024;

const uuid = z.string().regex(UUID);
const answerRequest = z
  .object({
    question_id: uuid,
    press_id: uuid,
    options: z.array(z.number().int().nonnegative()).max(100).optional(),
    text: z.string().optional(),
    confirmed: z.literal(true).optional(),
    pin: z.string().max(100).optional(),
  })
  .refine(({ options, text }) => (options === undefined) !== (text === undefined));

/** What a page posts, as what a person did; null when it is no answer. The same `press_id` is the same act. */
export function parseAnswer(body: string, person: Person): Press | null {
  const parsed = answerRequest.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { question_id, press_id, options, text, confirmed, pin } = parsed.data;
  return {
    question_id: question_id as QuestionId,
    given: options === undefined ? { text: text ?? '' } : { options },
    person,
    cause: eventIdFrom('web', press_id),
    confirmed,
    pin,
  };
}

/** What a page posts, as a person's word to a session; null when it is none. */
export function parseWord(body: string, person: Person): Word | null {
  const parsed = z.object({ session_id: uuid, press_id: uuid, text: z.string() }).safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { session_id, press_id, text } = parsed.data;
  return { session: session_id as SessionId, text, person, cause: eventIdFrom('web', press_id) };
}

/** What a page posts when somebody is away or back; null when it is no such thing. */
export function parseAway(body: string): { away: boolean; session?: SessionId } | null {
  const parsed = z.object({ away: z.boolean(), session_id: uuid.optional() }).safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { away, session_id } = parsed.data;
  return { away, ...(session_id === undefined ? {} : { session: session_id as SessionId }) };
}

/** What became of an answer, for the page. `again`: the same act was recorded before, whatever came with it now. */
export function answerResponse(verdict: Verdict, again = false): AnswerResponse {
  return {
    verdict: verdict.verdict,
    ok: verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late',
    message: again ? againWords(verdict) : verdictWords(verdict, 'web'),
    ...('card' in verdict ? { card: (verdict.verdict === 'confirm' ? wholePageCard : pageCard)(verdict.card) } : {}),
    ...(verdict.verdict === 'confirm' ? { confirm: { dangers: verdict.dangers, pin: verdict.pin } } : {}),
  };
}

function againWords(verdict: Verdict): string {
  if (verdict.verdict !== 'recorded' || verdict.card.state.status !== 'answered') return verdictWords(verdict, 'web');
  return `Was recorded before for ${verdict.card.session.title}: “${preview(verdict.card.state.answer, 120)}”.`;
}

/** The body of a request; null when it is longer than any answer. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No answer, as whatever else does not fit.
  }
}
