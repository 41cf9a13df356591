import type { QuestionState, SessionState } from '../domain/session-state.ts';
import { reportQuestion } from './question-report.ts';
import type { ToolCall } from './tool-call.ts';
import type { ToolRoom } from './tool-room.ts';
import { type CheckInput, type CheckOutput, WAIT_SECONDS_MAX } from './tool-schemas.ts';
import { describeWaiting, reportWaiting } from './waiting-progress.ts';

/**
 * Hands out what Claude has not been told yet, or where the named questions stand; waits for the first ending if asked to.
 *
 * @throws InvalidIdError, UnknownQuestionError, StoreError.
 */
export async function checkAnswers(room: ToolRoom, input: CheckInput, call: ToolCall): Promise<CheckOutput> {
  const { session, questions, deliveries } = room;
  await session.ready();
  await session.look();
  const names = input.question_ids?.length ? [...new Set(input.question_ids)] : null;
  const found = (state: SessionState): QuestionState[] => {
    if (!names) return questions.news(state);
    const named = names.map((name) => questions.find(state, name));
    return named.some((question) => questions.isOver(question)) ? named : [];
  };
  // Found and handed out in one step: another check that looks at the same moment must not find it too.
  const take = (): QuestionState[] => {
    const taken = found(session.state);
    for (const question of taken) if (questions.isOver(question)) questions.handOut(question, call);
    return taken;
  };
  let told = take();
  const waitMs = waitMsOf(input.wait_seconds, room.timings.minute);
  if (told.length === 0 && !deliveries.hasMessages && waitMs > 0 && canStillCome(session.state))
    told = await waitToTake(room, call, found, take, waitMs);
  if (told.length === 0 && names) told = names.map((name) => questions.find(session.state, name));
  const messages = deliveries
    .takeMessages(call)
    .map(({ record: { text, sent_by, sent_at } }) => ({ text, sent_by, sent_at }));
  return {
    questions: told.map((question) => ({ ...reportQuestion(question), question: question.record.question })),
    ...(messages.length > 0 ? { messages } : {}),
    pending: questions.pending(session.state),
  };
}

async function waitToTake(
  { session, hub, timings, deliveries }: ToolRoom,
  call: ToolCall,
  found: (state: SessionState) => QuestionState[],
  take: () => QuestionState[],
  waitMs: number,
): Promise<QuestionState[]> {
  const deadline = performance.now() + waitMs;
  const some = (state: SessionState): true | undefined =>
    found(state).length > 0 || deliveries.hasMessages ? true : undefined;
  const stopReporting = reportWaiting(call, timings.progress, () => {
    const [oldest] = session.state.open;
    return describeWaiting(oldest && session.state.questions.get(oldest), hub, Date.now());
  });
  try {
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0 || !(await session.changes.until(some, call.signal, left))) return [];
      const taken = take();
      if (taken.length > 0 || deliveries.hasMessages) return taken;
    }
  } finally {
    stopReporting();
  }
}

/** An open question can be answered, and an expired one late. */
function canStillCome(state: SessionState): boolean {
  if (state.open.size > 0) return true;
  return [...state.questions.values()].some(({ closed, lateAnswer }) => closed?.reason === 'expired' && !lateAnswer);
}

function waitMsOf(seconds: number | undefined, minuteMs: number): number {
  const clamped = Math.min(WAIT_SECONDS_MAX, Math.max(0, seconds ?? 0));
  return (clamped * minuteMs) / 60;
}
