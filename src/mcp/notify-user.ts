import { v4 } from 'uuid';
import { eventIdFrom, type QuestionId } from '../domain/ids.ts';
import { QUESTION_CHARS_MAX } from '../domain/question-input.ts';
import { wellFormed } from '../domain/text.ts';
import { InvalidArgumentsError } from './tool-arguments.ts';
import type { ToolRoom } from './tool-room.ts';
import type { NotifyInput, NotifyOutput } from './tool-schemas.ts';
import { whyNotShown } from './waiting-progress.ts';

/**
 * Writes a notice: a question record that takes no answer, has no end and stands in no list.
 *
 * @throws InvalidArgumentsError, StoreError: nothing was sent.
 */
export async function notifyUser(room: ToolRoom, input: NotifyInput): Promise<NotifyOutput> {
  const message = wellFormed(input.message).trim();
  if (message === '') throw new InvalidArgumentsError('The message is empty; nothing was sent. Give the text to show.');
  if (message.length > QUESTION_CHARS_MAX) {
    throw new InvalidArgumentsError(
      `The message has ${message.length} characters, the limit is ${QUESTION_CHARS_MAX}; nothing was sent. Shorten it.`,
    );
  }
  const id = v4() as QuestionId;
  await room.session.append({
    id: eventIdFrom('asked', id),
    body: {
      type: 'question',
      id,
      kind: 'notice',
      question: message,
      multi_select: false,
      allow_text: false,
      level: input.level ?? 'info',
      status: 'pending',
      created_at: new Date().toISOString(),
    },
  });
  room.notices.add(id);
  room.hub.look();
  return {
    notice_id: id,
    status: 'written',
    ...(room.hub.reachesSomebody ? {} : { note: `Attention: ${whyNotShown(room.hub, Date.now())}.` }),
  };
}
