import type { GivenChoice } from '../domain/answer-input.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { GivenFiles, Press, Transcription, Verdict } from './channel.ts';
import { keepFiles, type Transcribe } from './keep-files.ts';
import { recordAnswer } from './record-answer.ts';
import type { TrackedSession } from './tracked-session.ts';

/** What a press is taken with. */
interface PressTools {
  /** The sessions directory. */
  readonly directory: string;
  readonly transcribe?: Transcribe | undefined;
  readonly log: Logger;
  /** ISO 8601. */
  readonly now: string;
  /** Says whether the session is over by now, whatever its log says. */
  readonly isOver: (state: SessionState) => boolean;
}

/** Records what a person did for a question of this session, its files first, and says what became of it. */
export async function takePress(press: Press, session: TrackedSession, tools: PressTools): Promise<Verdict> {
  const { store, view } = session;
  const { given, cause } = press;
  let transcription: Transcription | undefined;
  const keep = async (question: QuestionRecord, files: GivenFiles): Promise<GivenChoice> => {
    const kept = await keepFiles(question, files, { ...tools, store, session: view.id, cause });
    transcription = kept.transcription;
    return kept;
  };
  const attempt = {
    ...press,
    given: 'caption' in given ? (question: QuestionRecord) => keep(question, given) : given,
    now: tools.now,
  };
  const result = await recordAnswer(store, view, attempt, tools.isOver);
  if (result.outcome === 'unknown_question') return { verdict: 'unknown_question' };
  if ('message' in result) return { verdict: result.outcome, message: result.message };
  const card = session.cardOf(result.question);
  return { verdict: result.outcome, card, ...(transcription ? { transcription } : {}) };
}
