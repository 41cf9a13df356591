import type { QuestionId, SessionId } from '../domain/ids.ts';
import type { Draft } from '../domain/records.ts';
import type { SessionStore } from '../store/contract.ts';

/** A question of this session that Claude has not had the answer of, as it is asked again wherever the session goes on. */
export interface AskedQuestion {
  readonly id: QuestionId;
  /** The draft for the log of `session`; a long context is attached there first. */
  draft(store: SessionStore, session: SessionId): Promise<Draft>;
}
