import type { GivenChoice } from '../domain/answer-input.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { Logger } from '../runtime/log.ts';
import type { GivenFiles, Press, Transcription, Verdict } from './channel.ts';
import { keepFiles, type Transcribe } from './keep-files.ts';
import { type AnswerRules, NOT_READABLE, recordAnswer } from './record-answer.ts';
import type { TrackedSession } from './tracked-session.ts';

/** What a press is taken with. */
interface PressTools extends AnswerRules {
  /** The sessions directory. */
  readonly directory: string;
  readonly transcribe?: Transcribe | undefined;
  readonly log: Logger;
  /** ISO 8601. */
  readonly now: string;
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
  const result = await recordAnswer(store, view, attempt, tools);
  if (result.outcome === 'unknown_question') return { verdict: 'unknown_question' };
  if ('message' in result) return { verdict: result.outcome, message: result.message };
  const card = session.cardOf(result.question);
  if (result.outcome === 'wrong_pin') return { verdict: 'wrong_pin', card, attempts_left: result.attempts_left };
  if (result.outcome === 'confirm') {
    // The second time the whole of it must be in sight, and not the beginning.
    const whole = await session.wholeCardOf(result.question);
    if (!whole) return { verdict: 'invalid', message: NOT_READABLE };
    const { option, pin } = result;
    return { verdict: 'confirm', card: whole, option, dangers: whole.permission?.dangers ?? [], pin };
  }
  return { verdict: result.outcome, card, ...(transcription ? { transcription } : {}) };
}
