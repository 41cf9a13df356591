import { type ValidQuestion, validateQuestion } from '../domain/question-input.ts';
import { reportQuestion } from './question-report.ts';
import { setLabel } from './set-label.ts';
import type { ToolCall } from './tool-call.ts';
import type { ToolRoom } from './tool-room.ts';
import type { AskInput, AskOutput } from './tool-schemas.ts';
import { describeWaiting, reportWaiting, whyNotShown } from './waiting-progress.ts';

// What the MCP SDK and Claude Code give as the reason when a call took longer than they let it.
const TIMED_OUT = /timed? ?out/i;

/**
 * Asks, and waits until the question has ended. A call that the client cancels withdraws its question. A call
 * that only took too long for the client leaves it open: what is answered then reaches Claude another way.
 *
 * @throws InvalidQuestionError, RecordTooLargeError, StoreError: nothing was asked.
 */
export async function askQuestion(room: ToolRoom, input: AskInput, call: ToolCall): Promise<AskOutput> {
  const valid: ValidQuestion = validateQuestion(input);
  const { session, questions, hub, timings } = room;
  await session.ready();
  if (input.label?.trim()) await setLabel(room, input.label);
  await room.updateBranch();
  const { id, reattached } = await questions.ask(valid);
  const attachedNote = reattached ? 'This question was asked before; this call joined it.' : undefined;
  if (input.wait === false) {
    // Its record may not be read yet where the file can be written but not read just now.
    if (!session.state.questions.has(id)) await session.look();
    const asked = questions.find(session.state, id);
    questions.handOut(asked, call);
    const seen =
      asked.shown.size > 0 || hub.reachesSomebody ? undefined : `Attention: ${whyNotShown(hub, Date.now(), asked)}.`;
    const notes = [attachedNote, seen, 'Fetch the answer with check_question_answers.'];
    return reportQuestion(asked, notes.filter((note) => note !== undefined).join(' '));
  }
  const stopReporting = reportWaiting(call, timings.progress, () =>
    describeWaiting(session.state.questions.get(id), hub, Date.now()),
  );
  try {
    return reportQuestion(await questions.untilEnded(id, call), attachedNote);
  } catch (error) {
    // The end of the whole session is told by session_end, not by withdrawing each question.
    const withdrawn = call.signal.aborted && !TIMED_OUT.test(String(call.signal.reason));
    if (withdrawn && !session.ended && !questions.isAwaited(id)) await questions.withdraw(id);
    throw error;
  } finally {
    stopReporting();
  }
}
