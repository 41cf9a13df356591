import { ANSWER_CHARS_MAX } from '../domain/question-input.ts';
import type { QuestionState } from '../domain/session-state.ts';
import { reportQuestion } from './question-report.ts';
import { InvalidArgumentsError } from './tool-arguments.ts';
import type { ToolCall } from './tool-call.ts';
import type { ToolRoom } from './tool-room.ts';
import type { MarkInput, MarkOutput } from './tool-schemas.ts';

/**
 * Closes an open question as answered elsewhere; of one that has ended, tells how. Harmless to repeat.
 *
 * @throws InvalidIdError, UnknownQuestionError, InvalidArgumentsError, StoreError.
 */
export async function markAnswered(room: ToolRoom, input: MarkInput, call: ToolCall): Promise<MarkOutput> {
  const { session, questions } = room;
  const answer = input.answer?.toWellFormed().trim() || undefined;
  if (answer && answer.length > ANSWER_CHARS_MAX) {
    throw new InvalidArgumentsError(
      `The answer has ${answer.length} characters, the limit is ${ANSWER_CHARS_MAX}; nothing was changed. Shorten it.`,
    );
  }
  await session.ready();
  await session.look();
  const question = questions.find(session.state, input.question_id);
  if (questions.isOver(question)) return told(room, question, call, 'The question was over already.');
  const closed = await questions.close(question.record.id, 'answered_elsewhere', answer);
  if (closed.status === 'answered') return told(room, closed, call, 'Somebody answered first; that answer counts.');
  return markOutput(closed);
}

function told(room: ToolRoom, question: QuestionState, call: ToolCall, note: string): MarkOutput {
  room.questions.handOut(question, call);
  return markOutput(question, note);
}

function markOutput(question: QuestionState, note?: string): MarkOutput {
  const { question_id, status, answer, files = [], note: told } = reportQuestion(question, note);
  const notes = [told, ...files.map(({ path }) => `It came with ${path}.`)].filter(Boolean).join(' ');
  return { question_id, status, ...(answer === undefined ? {} : { answer }), ...(notes ? { note: notes } : {}) };
}
