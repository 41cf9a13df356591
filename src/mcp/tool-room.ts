import type { QuestionId } from '../domain/ids.ts';
import type { Timings } from '../runtime/timings.ts';
import type { Deliveries } from './deliveries.ts';
import type { HubContact } from './hub-contact.ts';
import type { OwnSession } from './own-session.ts';
import type { Questions } from './questions.ts';

/** What the tools work with. */
export interface ToolRoom {
  readonly session: OwnSession;
  readonly questions: Questions;
  readonly deliveries: Deliveries;
  readonly hub: HubContact;
  /** The notices of this session. */
  readonly notices: Set<QuestionId>;
  readonly timings: Pick<Timings, 'progress' | 'minute' | 'slowLook'>;
  /** Writes down the branch when it is another one by now. Never rejects: it is only a name on a card. */
  updateBranch(): Promise<void>;
}
