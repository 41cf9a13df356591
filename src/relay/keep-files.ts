import { join } from 'node:path';
import { checkTakesFiles } from '../domain/answer-input.ts';
import { taggedFileName } from '../domain/file-name.ts';
import { type EventId, eventIdFrom, type SessionId } from '../domain/ids.ts';
import { ANSWER_CHARS_MAX } from '../domain/question-input.ts';
import type { AnswerFile, QuestionRecord } from '../domain/records.ts';
import { preview } from '../domain/text.ts';
import type { Logger } from '../runtime/log.ts';
import type { SessionStore } from '../store/contract.ts';
import type { GivenFile, GivenFiles, Transcription } from './channel.ts';

/** Characters of a file's own name in the record. */
const NAME_CHARS_MAX = 200;

/** Turns what somebody says in a file into text; rejects when it cannot. `path` is absolute. */
export type Transcribe = (path: string) => Promise<string>;

/** Where files are kept, and for what. */
export interface FilePlace {
  readonly store: SessionStore;
  /** The sessions directory. */
  readonly directory: string;
  readonly session: SessionId;
  /** What caused the answer: the same cause keeps the same files under the same names. */
  readonly cause: EventId;
  readonly transcribe?: Transcribe | undefined;
  readonly log: Logger;
}

/** Files that are kept, and the text that goes with them. */
export interface KeptFiles {
  readonly text: string;
  readonly files: readonly AnswerFile[];
  readonly transcription?: Transcription;
}

/**
 * Fetches the files of an answer and keeps them beside the session's log, one after the other. Files come before the
 * record that names them: who reads the record finds them.
 *
 * @throws InvalidAnswerError before anything is fetched when the question takes no files.
 * @throws ChannelError, StoreError when one cannot be fetched or kept.
 */
export async function keepFiles(question: QuestionRecord, given: GivenFiles, place: FilePlace): Promise<KeptFiles> {
  checkTakesFiles(question, given.caption);
  const files: AnswerFile[] = [];
  const texts = given.caption === '' ? [] : [given.caption];
  let transcription: Transcription | undefined;
  for (const [index, file] of given.files.entries()) {
    const kept = await keep(file, index, place);
    files.push(kept);
    if (!file.spoken || !place.transcribe) continue;
    const words = await wordsOf(kept, place.transcribe, place.log);
    transcription = words === null ? 'failed' : (transcription ?? 'done');
    if (words !== null) texts.push(words);
  }
  return { text: fitted(texts.join('\n')), files, ...(transcription ? { transcription } : {}) };
}

async function keep(
  file: GivenFile,
  index: number,
  { store, directory, session, cause }: FilePlace,
): Promise<AnswerFile> {
  const content = await file.read();
  const tag = eventIdFrom('file', cause, index).slice(0, 8);
  const path = await store.attach(session, `files/${taggedFileName(file.name, tag)}`, content);
  const { mime } = file;
  return {
    path: join(directory, path),
    name: preview(file.name, NAME_CHARS_MAX),
    ...(mime === undefined ? {} : { mime }),
    bytes: content.byteLength,
  };
}

/** A speech that is longer than an answer may be is cut: all of it lies in its file. */
function fitted(text: string): string {
  if (text.length <= ANSWER_CHARS_MAX) return text;
  return `${text.slice(0, ANSWER_CHARS_MAX - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

async function wordsOf(file: AnswerFile, transcribe: Transcribe, log: Logger): Promise<string | null> {
  try {
    const words = (await transcribe(file.path)).toWellFormed().trim();
    if (words !== '') return words;
    log.warn({ path: file.path }, 'the transcriber printed nothing; the voice message is handed over as a file');
  } catch (error) {
    log.warn(
      { path: file.path, error: String(error) },
      'could not transcribe; the voice message is handed over as a file',
    );
  }
  return null;
}
