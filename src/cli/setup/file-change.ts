import { createHash } from 'node:crypto';
import { chmodSync, constants, copyFileSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { applyEdits, type FormattingOptions, modify } from 'jsonc-parser';
import { SwitchboardError } from '../../domain/errors.ts';
import { canonicalPath, replaceFile } from '../../runtime/home.ts';
import { printable } from '../terminal.ts';

const CONTEXT_LINES = 2;
// Some editors put it before a text.
const MARK = '\ufeff';

/** A file is not what it was, or not what it must be; it was left as it is. */
export class FileChangeError extends SwitchboardError {
  override readonly name = 'FileChangeError';
  readonly code = 'FILE_CHANGE';
}

/** A file as it is and as it is to be; null where there is none. */
export interface FileChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One key of a JSON file, by the names that lead to it, and its new value; undefined takes it away. */
export interface KeyChange {
  readonly key: readonly string[];
  readonly value: unknown;
}

/**
 * The change of a JSON object's file that sets these keys and touches nothing else: what is written there keeps its
 * order, its spaces and its lines.
 *
 * @throws FileChangeError when the file is no JSON object.
 */
export function changeKeys(path: string, keys: readonly KeyChange[]): FileChange {
  const before = readText(path);
  const values = before === null ? {} : jsonObject(path, before);
  for (const { key } of keys) expectObjectsAbove(path, values, key);
  const mark = before?.startsWith(MARK) ? MARK : '';
  const start = before === null || before.trim() === '' ? '{}\n' : before.slice(mark.length);
  const formattingOptions = formattingOf(before ?? '');
  const after = keys.reduce((text, { key, value }) => {
    if (value === undefined && !hasKey(values, key)) return text;
    return applyEdits(text, modify(text, [...key], value, { formattingOptions }));
  }, start);
  return { path, before, after: after === start ? before : mark + after };
}

/** The value of a key in a JSON object's file; undefined when key or file are not there. */
export function readKey(path: string, key: readonly string[]): unknown {
  const text = readText(path);
  let value: unknown = text === null ? undefined : jsonObject(path, text);
  for (const name of key) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** The text of a file; null when there is none. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
    if (code === 'ENOENT') {
      throw new FileChangeError(
        `${path} is a link to a file that is not there; it was left as it is. Fix the link first.`,
      );
    }
    throw new FileChangeError(`${path} cannot be read (${code}); it was left as it is.`);
  }
}

/** The change as a unified diff to read: secrets blotted out, nothing in it that moves the cursor. */
export function diffOf({ path, before, after }: FileChange): string {
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : path,
    after === null ? '/dev/null' : path,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    {
      context: CONTEXT_LINES,
    },
  );
  const lines = patch.split('\n').filter((line) => !/^(=+|Index:.*|\\ No newline.*)$/.test(line));
  return printable(withoutSecrets(lines.join('\n').trim()));
}

/** What a file change left behind: enough to undo it. */
export interface Applied {
  /** Beside the file, as it was; null when there was none. */
  readonly backup: string | null;
  readonly sha256: string;
}

/**
 * Makes the change: a copy of the file as it was beside it first (unless `keep` is false), then the whole file at once.
 * Its mode stays; a new file is its owner's alone.
 *
 * @throws FileChangeError when the file is not any more what the change begins with.
 */
export function applyChange({ path, before, after }: FileChange, { keep = true } = {}): Applied {
  const target = canonicalPath(path); // People keep such files elsewhere and link to them: the link stays.
  if (readText(target) !== before) {
    throw new FileChangeError(`${path} was changed by somebody else meanwhile; it was left as it is. Start again.`);
  }
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const backup = before === null || !keep ? null : backUp(target);
  if (after === null) {
    rmSync(target);
    return { backup, sha256: sha256('') };
  }
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  replaceFile(target, after);
  if (mode !== undefined) chmodSync(target, mode & 0o7777);
  return { backup, sha256: sha256(after) };
}

/** Copies a file to one beside it that was not there before, with the same mode; returns where it is. */
export function backUp(path: string): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  for (let number = 1; ; number += 1) {
    const backup = `${path}.backup-${stamp}${number === 1 ? '' : `-${number}`}`;
    try {
      copyFileSync(path, backup, constants.COPYFILE_EXCL);
      chmodSync(backup, statSync(path).mode & 0o7777);
      return backup;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') {
        throw new FileChangeError(`${path} could not be backed up (${code}); it was left as it is.`, { cause: error });
      }
    }
  }
}

/** What tells one text from every other one, without holding it. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Blots out the values of properties that are called like secrets; of a bot token its public number stays. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/("[^"]*(?:TOKEN|KEY|SECRET|PASSWORD|PROXY)[^"]*"\s*:\s*")((?:\d+:)?)(?:[^"\\]|\\.)*"/gi, '$1$2***"')
    .replace(/(\d{3,}):[\w-]{20,}/g, '$1:***');
}

function jsonObject(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text.replace(MARK, ''));
  } catch {
    // The parser's own message quotes the file, which may hold secrets.
    throw new FileChangeError(`${path} is not valid JSON; it was left as it is. Fix it, and start again.`);
  }
  if (isObject(value)) return value;
  throw new FileChangeError(`${path} holds no JSON object; it was left as it is. Fix it, and start again.`);
}

function expectObjectsAbove(path: string, values: Record<string, unknown>, key: readonly string[]): void {
  let value: unknown = values;
  for (const [index, name] of key.slice(0, -1).entries()) {
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    if (value === undefined) return;
    if (isObject(value)) continue;
    const what = key.slice(0, index + 1).join('.');
    throw new FileChangeError(`${what} in ${path} is no JSON object; it was left as it is. Fix it, and start again.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasKey(values: unknown, key: readonly string[]): boolean {
  const [name = '', ...rest] = key;
  if (!isObject(values) || !Object.hasOwn(values, name)) return false;
  return rest.length === 0 || hasKey(values[name], rest);
}

function formattingOf(text: string): FormattingOptions {
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    insertFinalNewline: true,
  };
}
