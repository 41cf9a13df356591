import { type Config, loadConfig } from '../../runtime/config.ts';
import { applyChange, diffOf, type FileChange, type KeyChange, readKey, sha256 } from './file-change.ts';
import { Cancelled, type Front } from './front.ts';
import { keepSetupRecord, readSetupRecord, withFileChange } from './setup-record.ts';

/** What a set-up works with, and what has come of it so far. */
export interface Scene {
  readonly front: Front;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: { readonly home?: string };
  readonly home: string;
  readonly signal: AbortSignal;
  /** What was changed, a sentence each. */
  readonly done: string[];
  /** What could not be had or changed, a sentence each: the exit status says so. */
  readonly problems: string[];
}

/** The settings as they count now: the environment and `config.json`. */
export function settingsOf({ env, flags }: Pick<Scene, 'env' | 'flags'>, more: Record<string, string> = {}): Config {
  return loadConfig({ ...env, ...more }, flags);
}

/** Says what could not be had, now and at the end. */
export function problem({ front, problems }: Scene, sentence: string): void {
  front.warn(sentence);
  problems.push(sentence);
}

/**
 * Shows a file change as a diff, asks, makes it with a backup beside the file, and writes down what it was.
 *
 * @throws FileChangeError when the file is not what it must be; Cancelled
 */
export async function offerChange(
  scene: Scene,
  { change, keys, what }: { change: FileChange; keys: readonly KeyChange[]; what: string },
): Promise<'nothing to change' | 'declined' | 'changed'> {
  const { front, home, done } = scene;
  const { path } = change;
  if (change.before === change.after) return 'nothing to change';
  front.say(diffOf(change));
  if (!(await front.confirm(`Change ${path} like this?`))) return 'declined';
  if (scene.signal.aborted) throw new Cancelled();
  const before = keys.map(({ key, value }) => ({ key, value, before: readKey(path, key) }));
  // An earlier record that cannot be read is said before anything is changed.
  const record = readSetupRecord(home);
  // As set-up left it last, its earlier copy is enough: another one would keep an old token for ever.
  const known = record.files.find(({ file }) => file === path);
  const applied = applyChange(change, { keep: known?.sha256 !== sha256(change.before ?? '') });
  keepSetupRecord(home, withFileChange(record, { file: path, text: change.before, applied, keys: before }));
  done.push(`${what}: ${path}${applied.backup ? ` (as it was: ${applied.backup})` : ''}`);
  return 'changed';
}
