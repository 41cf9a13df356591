import { v5 } from 'uuid';
import { InvalidIdError } from './errors.ts';

/** A session's id: a UUID v4 in lower case, also the name of its file. */
export type SessionId = string & { readonly __sessionId: true };

/** A question's id: a UUID v4 in lower case. */
export type QuestionId = string & { readonly __questionId: true };

/** The id of a person's word to a session: a UUID in lower case. */
export type MessageId = string & { readonly __messageId: true };

/** What makes writing again harmless: a record whose event id is already in the log is not part of it. */
export type EventId = string & { readonly __eventId: true };

/** A UUID in lower case, of any version. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// A fixed, random namespace: the same cause gives the same event id in every version of Switchboard, for ever.
const EVENT_NAMESPACE = '9a2b6a35-6f0e-4c43-9d0e-1f6c1a0d7b52';

/** @throws InvalidIdError when the text is not a UUID in lower case. */
export function parseSessionId(text: string): SessionId {
  if (!UUID.test(text)) throw new InvalidIdError('session', text);
  return text as SessionId;
}

/** @throws InvalidIdError when the text is not a UUID in lower case. */
export function parseQuestionId(text: string): QuestionId {
  if (!UUID.test(text)) throw new InvalidIdError('question', text);
  return text as QuestionId;
}

/** The event id of whatever `cause` led to, e.g. `telegram:123:callback:456`: equal causes give equal ids. */
export function eventIdFrom(...cause: readonly (string | number)[]): EventId {
  return v5(JSON.stringify(cause), EVENT_NAMESPACE) as EventId;
}

/** The first 8 characters of a session id, shown where two labels would look the same. */
export function shortId(id: SessionId | QuestionId): string {
  return id.slice(0, 8);
}
