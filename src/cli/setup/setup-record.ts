import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../../runtime/home.ts';
import { type Applied, FileChangeError, type KeyChange, readText, sha256 } from './file-change.ts';

const SECRET = /TOKEN/;

/** A value as it stands in the record: secrets only as what tells them from others. */
const keptValue = z.union([z.object({ value: z.unknown() }), z.object({ sha256: z.string() })]);

const keyRecord = z.object({
  key: z.array(z.string()),
  /** Null: the key was not there. Of a secret the backup has the value. */
  before: keptValue.nullable(),
  after: keptValue,
});

const fileRecord = z.object({
  file: z.string(),
  /** The file as it was before the first change; null: there was none. */
  backup: z.string().nullable(),
  /** Of the file as the last change left it; "" when somebody else changed it between two changes. */
  sha256: z.string(),
  keys: z.array(keyRecord),
});

const registration = z.object({
  file: z.string(),
  /** The file as it was before; null: there was none. */
  backup: z.string().nullable(),
  /** Null: there was no entry, or it holds secrets. */
  before: z.record(z.string(), z.unknown()).nullable(),
  /** True: the entry that was there before holds secrets, so only the backup has it. */
  secret: z.boolean(),
  after: z.record(z.string(), z.unknown()),
});

const record = z.object({
  v: z.literal(1),
  files: z.array(fileRecord),
  registration: registration.nullable(),
});

/** What set-up changed in one file. */
export type FileRecord = z.infer<typeof fileRecord>;
/** What set-up changed in one key. */
export type KeyRecord = z.infer<typeof keyRecord>;
/** What `switchboard setup` changed, so that `switchboard uninstall` can undo exactly that. */
export type SetupRecord = z.infer<typeof record>;

const NOTHING: SetupRecord = { v: 1, files: [], registration: null };

/**
 * What set-up has changed so far.
 *
 * @throws FileChangeError when the record is damaged.
 */
export function readSetupRecord(home: string): SetupRecord {
  const path = recordPath(home);
  const text = readText(path);
  if (text === null) return NOTHING;
  try {
    return record.parse(JSON.parse(text));
  } catch (error) {
    throw new FileChangeError(`${path} is damaged: what set-up changed is not known any more. Move it away.`, {
      cause: error,
    });
  }
}

/** Writes down what set-up has changed; an empty record takes the file away. */
export function keepSetupRecord(home: string, changed: SetupRecord): void {
  if (changed.files.length === 0 && !changed.registration) rmSync(recordPath(home), { force: true });
  else replaceFile(recordPath(home), `${JSON.stringify(changed, null, 2)}\n`);
}

/** The record with one more change of a file. What stood there before the first change stays known.
 * `text`: the file right before this change. */
export function withFileChange(
  changed: SetupRecord,
  {
    file,
    text,
    applied,
    keys,
  }: { file: string; text: string | null; applied: Applied; keys: readonly (KeyChange & { before: unknown })[] },
): SetupRecord {
  const known = changed.files.find((each) => each.file === file);
  const merged = new Map((known?.keys ?? []).map((each) => [each.key.join('\0'), each]));
  for (const { key, value, before } of keys) {
    if (value === undefined) continue; // Gone, so there is nothing to take back.
    const id = key.join('\0');
    const first = merged.get(id)?.before;
    const earlier = first !== undefined ? first : before === undefined ? null : kept(key, before);
    merged.set(id, { key: [...key], before: earlier, after: kept(key, value) });
  }
  const entry: FileRecord = {
    file,
    backup: known ? known.backup : applied.backup,
    // The copy from before the first change lacks what somebody else has written since: then it cannot be put back.
    sha256: known && known.sha256 !== sha256(text ?? '') ? '' : applied.sha256,
    keys: [...merged.values()],
  };
  return { ...changed, files: [...changed.files.filter((each) => each !== known), entry] };
}

/** Is this the value that a record keeps? */
export function isKept(keptOne: KeyRecord['after'], value: unknown): boolean {
  if (value === undefined) return false;
  if ('sha256' in keptOne) return keptOne.sha256 === sha256(JSON.stringify(value));
  return JSON.stringify(keptOne.value) === JSON.stringify(value);
}

/** Where the record of a home lies. */
export function recordPath(home: string): string {
  return join(home, 'setup.json');
}

function kept(key: readonly string[], value: unknown): KeyRecord['after'] {
  return SECRET.test(key.at(-1) ?? '') ? { sha256: sha256(JSON.stringify(value)) } : { value };
}
