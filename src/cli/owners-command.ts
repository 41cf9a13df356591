import { printableJson } from '../domain/text.ts';
import type { Config } from '../runtime/config.ts';
import { changeOwners, readOwners } from '../runtime/owners-file.ts';
import { closePairing, readPairing } from '../runtime/pairing.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { ownersAreFixed } from './owners.ts';
import { print, printError } from './terminal.ts';

/** Lists who may answer by Telegram, one id a line. */
export function listOwners({ telegram, home }: Pick<Config, 'telegram' | 'home'>): ExitCode {
  const fixed = ownersAreFixed(process.env);
  const ids = fixed ? (telegram?.ownerIds ?? []) : readOwners(home);
  if (ids.length === 0) printError('Nobody yet. `switchboard pair` makes an owner of whoever opens its link.');
  else print(...ids);
  if (fixed) printError('(TELEGRAM_OWNER_ID of the environment, which wins over config.json)');
  return EXIT.ok;
}

/** Removes an owner; a hub that runs hears of it within seconds, and needs no restart. */
export function removeOwner({ home }: Pick<Config, 'home'>, id: string): ExitCode {
  if (ownersAreFixed(process.env)) {
    printError('TELEGRAM_OWNER_ID is set in the environment, which wins over config.json: change it there.');
    return EXIT.usage;
  }
  let was = false;
  const left = changeOwners(home, (ids) => {
    was = ids.includes(id);
    return ids.filter((each) => each !== id);
  });
  if (!was) {
    printError(`${printableJson(id)} is no owner. \`switchboard owners\` lists them.`);
    return EXIT.failed;
  }
  // A code that this person used is not good for coming back.
  const pairing = readPairing(home);
  if (pairing?.taken_by?.id === id) closePairing(home, pairing);
  print(`${id} is no owner any more${left.length === 0 ? '; nobody is heard now. `switchboard pair` makes one' : ''}.`);
  return EXIT.ok;
}
