import type { SessionId } from '../domain/ids.ts';

// Begins with no dot, holds no slash: it can neither hide nor leave the session's own directory.
const ATTACHMENT_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/;

/** @throws TypeError when the name could not be a file's name everywhere: a mistake in the program. */
export function checkAttachmentName(name: string): string {
  if (!ATTACHMENT_NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of an attachment.`);
  return name;
}

/** The bare name in what a record says of an attachment, with or without its session; null for what cannot be one. */
export function attachmentNameIn(session: SessionId, text: string): string | null {
  const name = text.startsWith(`${session}/`) ? text.slice(session.length + 1) : text;
  return ATTACHMENT_NAME.test(name) ? name : null;
}
