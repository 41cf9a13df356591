import { setTimeout as delay } from 'node:timers/promises';
import { v4 } from 'uuid';
import { eventIdFrom } from '../domain/ids.ts';
import { recordWord, untilDelivered } from '../relay/record-word.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { setPresence } from '../runtime/presence.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { findSession } from './find-session.ts';
import { tellHub } from './tell-hub.ts';
import { print, printable, printError } from './terminal.ts';
import { thisPerson } from './this-person.ts';

const LOOK_MS = 50;

/** Says something to a session that has not asked, and how it went. */
export async function tellSession(config: Config, log: Logger, name: string, text: string): Promise<ExitCode> {
  const session = await findSession(config, log, name);
  if (!session) return EXIT.failed;
  const cause = eventIdFrom('cli', v4());
  const word = { text, person: thisPerson('cli'), cause, now: new Date().toISOString() };
  // Only living sessions were read, a moment ago.
  const result = await recordWord(session.store, session.view, word, () => false);
  if (result.outcome !== 'written') {
    printError('message' in result ? printable(result.message) : 'That session has ended; nothing was sent.');
    return EXIT.failed;
  }
  await tellHub(config.home, { type: 'look', session: session.id, sessions_directory: session.directory });
  const next = async (msMax: number): Promise<void> => {
    await delay(Math.min(LOOK_MS, msMax));
    await session.view.refresh();
  };
  const title = printable(session.title);
  const delivered = await untilDelivered(session.view, cause, next);
  print(delivered ? `Claude has it (${title}).` : `Written down for ${title}; Claude gets it with its next step.`);
  return EXIT.ok;
}

/** Writes down that the person is away from the desk or back, of one session or of all. */
export async function setAway(config: Config, log: Logger, away: boolean, name?: string): Promise<ExitCode> {
  const session = name === undefined ? undefined : await findSession(config, log, name);
  if (name !== undefined && !session) return EXIT.failed;
  setPresence(config.home, away, session?.id);
  await tellHub(config.home, { type: 'presence' });
  const whose = session ? printable(session.title) : 'all sessions';
  print(
    away
      ? `Away (${whose}): what Claude Code wants goes to your phone at once. \`switchboard away off\` ends it.`
      : `At the desk (${whose}): what can be answered in the terminal may wait there first (DESK_SECONDS).`,
  );
  return EXIT.ok;
}
