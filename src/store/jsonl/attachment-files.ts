import { closeSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SessionId } from '../../domain/ids.ts';
import { ATTACHED_TEXT_BYTES_MAX } from '../../domain/records.ts';
import { prepareDirectory } from './create-log.ts';
import { makeDirectory, placeOver, writeAside } from './durable-files.ts';
import { openLog } from './open-log.ts';
import type { SessionFiles } from './session-files.ts';

/** Writes a text or a file beside the session's log; readers see the whole of it or nothing. */
export function writeAttachment(
  files: SessionFiles,
  session: SessionId,
  name: string,
  content: string | Uint8Array,
): void {
  const path = join(files.attachments(session), name);
  prepareDirectory(files);
  makeDirectory(files.attachments(session));
  makeDirectory(dirname(path));
  placeOver(writeAside(files.aside, [content]), path);
}

/** Reads a text beside the session's log; null when it is missing, no regular file, or absurdly large. */
export function readAttachmentFile(files: SessionFiles, session: SessionId, name: string): string | null {
  const directory = files.attachments(session);
  const path = join(directory, name);
  // A link in the place of either would lead out of the sessions directory.
  const isFolder = (folder: string) => lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder(directory) || !isFolder(dirname(path))) return null;
  const file = openLog(path, 'read');
  if (!file) return null;
  try {
    return file.size > ATTACHED_TEXT_BYTES_MAX ? null : readFileSync(file.fd, 'utf8');
  } finally {
    closeSync(file.fd);
  }
}
