import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BotIdentity } from '../../channels/telegram/bot-client.ts';
import { readOwners } from '../../runtime/owners-file.ts';
import { ownersAreFixed } from '../owners.ts';
import { inviteAndWait } from '../pairing.ts';
import { backUp, readKey, readText, sha256 } from './file-change.ts';
import { Cancelled } from './front.ts';
import { type Scene, settingsOf } from './scene.ts';
import { keepSetupRecord, readSetupRecord, withFileChange } from './setup-record.ts';

const KEY = 'TELEGRAM_OWNER_ID';

/** Makes the person in front of the terminal an owner of the bot, unless somebody is one already. */
export async function pairPhone(scene: Scene, bot: BotIdentity): Promise<void> {
  const { front, home, env, signal } = scene;
  const owners = ownersAreFixed(env) ? (settingsOf(scene).telegram?.ownerIds ?? []) : readOwners(home);
  if (owners.length > 0) {
    front.say(`Who may answer: ${owners.join(', ')}. \`switchboard pair\` adds somebody.`);
    return;
  }
  const path = join(home, 'config.json');
  front.say(
    'Nobody may answer yet. Whoever opens the link that comes now becomes an',
    'owner of the bot: the hub writes their numeric id, as',
    `${KEY}, into ${path}`,
  );
  if (!(await front.confirm('Pair your phone now?'))) {
    front.warn('Nobody is heard by the bot until somebody is paired: `switchboard pair`.');
    return;
  }
  for (;;) {
    const record = readSetupRecord(home);
    const text = readText(path);
    const before = readKey(path, [KEY]);
    // The hub writes the file; one that set-up has changed already has its backup.
    const known = record.files.some(({ file }) => file === path);
    const backup = !known && existsSync(path) ? backUp(path) : null;
    const paired = await inviteAndWait(settingsOf(scene), bot, signal);
    if (signal.aborted && !paired) throw new Cancelled();
    if (paired) {
      const applied = { backup, sha256: sha256(readText(path) ?? '') };
      const keys = [{ key: [KEY], value: readKey(path, [KEY]), before }];
      keepSetupRecord(home, withFileChange(record, { file: path, text, applied, keys }));
      scene.done.push(`Paired: ${path} names an owner`);
      return;
    }
    if (!(await front.confirm('Try again with a new code?'))) return;
  }
}
