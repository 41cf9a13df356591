import { isDeepStrictEqual } from 'node:util';
import { isHookKey, withoutOwnHooks } from './claude-hooks.ts';
import {
  changeKeys,
  type FileChange,
  FileChangeError,
  type KeyChange,
  readKey,
  readText,
  sha256,
} from './file-change.ts';
import { type FileRecord, isKept, type KeyRecord } from './setup-record.ts';

/** How what set-up changed in a file is taken back. */
export interface Undo {
  /** Null: there is nothing to take back any more. */
  readonly change: FileChange | null;
  /** True: the file becomes what it was, byte for byte. */
  readonly exact: boolean;
  /** What stays as it is, and why, a sentence each. */
  readonly left: readonly string[];
}

/**
 * Plans how a file becomes what it was before set-up: as a whole when nobody has changed it since, else key by key,
 * and a key that somebody has changed since stays.
 *
 * @throws FileChangeError when the file is no JSON object any more.
 */
export function planUndo({ file, backup, sha256: known, keys }: FileRecord): Undo {
  const now = readText(file);
  if (now === null) return { change: null, exact: false, left: [`${file} is gone already.`] };
  const earlier = backup === null ? null : readText(backup);
  if (sha256(now) === known && (backup === null || earlier !== null)) {
    return { change: { path: file, before: now, after: earlier }, exact: true, left: [] };
  }
  const left: string[] = [];
  const changes: KeyChange[] = [];
  for (const each of keys) {
    const name = each.key.join('.');
    if (isHookKey(each.key)) changes.push(...hookUndo(file, each.key));
    else if (!isKept(each.after, readKey(file, each.key)))
      left.push(`${name} in ${file} was changed since, and stays.`);
    else {
      const value = valueBefore(each, backup);
      if (each.before !== null && value === undefined) left.push(`${name} in ${file} stays: ${backup} is gone.`);
      else changes.push({ key: each.key, value });
    }
  }
  if (changes.length === 0) return { change: null, exact: false, left };
  const change = changeKeys(file, [...changes, ...emptiedParents(file, backup, changes)]);
  const emptied = backup === null && /^\s*\{\s*\}\s*$/.test(change.after ?? '');
  return { change: emptied ? { ...change, after: null } : change, exact: false, left };
}

/** A list of hooks loses ours, whatever else has come to it since. */
function hookUndo(file: string, key: readonly string[]): KeyChange[] {
  const now = readKey(file, key);
  if (!Array.isArray(now)) return [];
  const value = withoutOwnHooks(now);
  if (isDeepStrictEqual(value, now)) return [];
  return [{ key, value: value.length === 0 ? undefined : value }];
}

/** What set-up has put around its keys goes with the last of them: `"env": {}` was not there before. */
function emptiedParents(file: string, backup: string | null, changes: readonly KeyChange[]): KeyChange[] {
  const gone = changes.filter(({ key, value }) => value === undefined && key.length === 2);
  return [...new Set(gone.map(({ key: [parent = ''] }) => parent))]
    .filter((parent) => {
      const names = Object.keys(Object(readKey(file, [parent])));
      return names.every((name) => gone.some(({ key }) => key[0] === parent && key[1] === name));
    })
    .filter((parent) => backup === null || (readText(backup) !== null && readKey(backup, [parent]) === undefined))
    .map((parent) => ({ key: [parent], value: undefined }));
}

/** What stood there; undefined when nothing did, or nobody knows any more. */
function valueBefore({ key, before }: KeyRecord, backup: string | null): unknown {
  if (before === null) return undefined;
  if ('value' in before) return before.value;
  try {
    return backup === null ? undefined : readKey(backup, key);
  } catch (error) {
    if (error instanceof FileChangeError) return undefined;
    throw error;
  }
}
