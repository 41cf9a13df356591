import { safeFileName } from '../domain/file-name.ts';
import type { SessionId } from '../domain/ids.ts';

// Begins with no dot, holds no slash: it can neither hide nor leave the session's own directory.
const ATTACHMENT_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/;

/** The directory, within a session's own, of what people sent: their names may be of any language. */
export const FILES = 'files';

/** @throws TypeError when the name could not be a file's name everywhere: a mistake in the program. */
export function checkAttachmentName(name: string): string {
  if (!isAttachmentName(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of an attachment.`);
  return name;
}

/** The bare name in what a record says of an attachment, with or without its session; null for what cannot be one. */
export function attachmentNameIn(session: SessionId, text: string): string | null {
  const name = text.startsWith(`${session}/`) ? text.slice(session.length + 1) : text;
  return isAttachmentName(name) ? name : null;
}

function isAttachmentName(name: string): boolean {
  if (!name.startsWith(`${FILES}/`)) return ATTACHMENT_NAME.test(name) && name !== FILES;
  const file = name.slice(FILES.length + 1);
  return file !== '' && safeFileName(file) === file;
}
