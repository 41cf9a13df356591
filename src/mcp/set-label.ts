import { v4 } from 'uuid';
import type { EventId } from '../domain/ids.ts';
import { preview } from '../domain/text.ts';
import { InvalidArgumentsError } from './tool-arguments.ts';
import type { ToolRoom } from './tool-room.ts';
import { LABEL_CHARS_MAX, type LabelOutput } from './tool-schemas.ts';

/**
 * Names the session; a label that is too long is cut, since it must never keep a question from being asked.
 *
 * @throws InvalidArgumentsError when it is empty, StoreError: nothing was changed.
 */
export async function setLabel({ session, hub }: ToolRoom, text: string): Promise<LabelOutput> {
  const label = preview(text.toWellFormed().replaceAll('\0', ''), LABEL_CHARS_MAX);
  if (label === '') throw new InvalidArgumentsError('The label is empty; nothing was changed. Name what you work on.');
  await session.ready();
  if (session.state.label === label) return { label };
  await session.append({ id: v4() as EventId, body: { type: 'session_updated', label } });
  await session.lookQuietly();
  hub.look();
  return { label };
}
