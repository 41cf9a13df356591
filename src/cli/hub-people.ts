import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { closePairing, PAIRING_MS } from '../runtime/pairing.ts';
import type { Releases } from '../runtime/releases.ts';
import { Admissions } from './admissions.ts';
import { type InvitingBot, printInvitation } from './invitation.ts';
import { Owners, ownersAreFixed } from './owners.ts';
import { print } from './terminal.ts';

/** Who may answer at a hub, and how somebody becomes one of them. */
export interface HubPeople {
  readonly owners: Owners;
  /** Null without a bot. */
  readonly admissions: Admissions | null;
  /** Takes up who may answer from now on. */
  readonly takeOwners: (ids: readonly string[]) => void;
  /** To be told who the bot is. */
  readonly onBot: (bot: InvitingBot) => void;
}

/** What the people of a hub are gathered from. */
interface GatherParts {
  readonly background: boolean;
  readonly log: Logger;
  readonly releases: Releases;
  /** Called a moment after the owners have changed. */
  readonly onChange: () => void;
}

/** The owners that the settings name; others come by pairing, and go when the settings change. */
export function gatherPeople(config: Config, parts: GatherParts): HubPeople {
  const { home, telegram } = config;
  const { background, log, releases, onChange } = parts;
  const owners = new Owners(telegram?.ownerIds ?? []);
  const takeOwners = (ids: readonly string[]): void => {
    if (!owners.replace(ids)) return;
    log.info({ owners: ids.length }, 'owners changed');
    // What is being said to a new one goes first, then what is open.
    setImmediate(onChange);
  };
  const botId = telegram?.token.split(':')[0];
  const isOwner = (id: string): boolean => owners.ids.includes(id);
  const ownersFixed = ownersAreFixed(process.env);
  return {
    owners,
    takeOwners,
    admissions:
      botId === undefined ? null : new Admissions({ home, botId, isOwner, onOwners: takeOwners, ownersFixed, log }),
    onBot: (bot) => {
      // Nobody sees what a hub in the background prints.
      if (!background && owners.ids.length === 0) invite(home, bot, releases);
    },
  };
}

/** Prints a pairing code for the person in front of a hub that has no owner. */
function invite(home: string, bot: InvitingBot, releases: Releases): void {
  const pairing = printInvitation(home, bot);
  const timer = setTimeout(() => {
    if (closePairing(home, pairing)) print('The pairing code has expired; `switchboard pair` prints a new one.');
  }, PAIRING_MS);
  releases.push('pairing', () => {
    clearTimeout(timer);
    closePairing(home, pairing);
  });
}
