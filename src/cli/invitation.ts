import { renderUnicodeCompact } from 'uqr';
import { openPairing, PAIRING_MS, type Pairing } from '../runtime/pairing.ts';
import { print } from './terminal.ts';

/** The bot that somebody is invited to. */
export interface InvitingBot {
  readonly id: number;
  readonly username: string;
}

/** Makes a pairing code and prints it in the three ways in which people can use it. It is said nowhere else. */
export function printInvitation(home: string, bot: InvitingBot): Pairing {
  const { code, pairing } = openPairing(home, String(bot.id), Date.now());
  print(...invitationLines(bot, code));
  return pairing;
}

function invitationLines({ username }: InvitingBot, code: string): string[] {
  const link = `https://t.me/${username}?start=${code}`;
  const drawing = renderUnicodeCompact(link, { border: 2 }).split('\n');
  // A code whose lines wrap cannot be read by any camera.
  const fits = (process.stdout.columns ?? Number.POSITIVE_INFINITY) >= (drawing[0]?.length ?? 0);
  return [
    '',
    'To become an owner of this bot, open this link on your phone and press Start:',
    '',
    `  ${link}`,
    '',
    ...(fits ? [...drawing, ''] : []),
    `Or send @${username} in a private chat: /start ${code}`,
    `The first person who does may see and answer everything. Good once, for ${PAIRING_MS / 60_000} minutes.`,
  ];
}
