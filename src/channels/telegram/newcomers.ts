import type { Admission, RelayDesk } from '../../relay/channel.ts';
import { looksLikeCode } from '../../runtime/pairing.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { IncomingMessage } from './incoming.ts';
import type { Messenger } from './messenger.ts';
import { plain } from './rich-text.ts';
import { WORDS } from './words.ts';

/** What hearing newcomers needs. */
export interface NewcomersParts {
  readonly desk: Pick<RelayDesk, 'admit'>;
  readonly doorkeeper: Doorkeeper;
  readonly messenger: Messenger;
  /** Called with somebody who is an owner from now on. */
  readonly onAdmitted: (message: IncomingMessage) => void;
  /** Waits until something has been said. */
  readonly said: (work: Promise<unknown>) => Promise<void>;
  /** For work that nobody waits for: logs if it fails. */
  readonly inBackground: (work: Promise<unknown>) => void;
}

/** Hears those who open the link of `switchboard pair`: the one thing that somebody who is no owner can bring about. */
export class Newcomers {
  readonly #parts: NewcomersParts;

  constructor(parts: NewcomersParts) {
    this.#parts = parts;
  }

  /** Does this message show a pairing code? Only in a private chat: in a group a code is everybody's. */
  isOne({ kind, command, argument, private: alone, faceless }: IncomingMessage): boolean {
    return kind === 'command' && command === 'start' && alone && !faceless && looksLikeCode(argument);
  }

  /** Lets the desk decide, which writes it down, and resolves once an owner has been told. */
  async handle(message: IncomingMessage): Promise<void> {
    const { desk, doorkeeper, messenger, said, inBackground, onAdmitted } = this.#parts;
    const result = desk.admit(message.person, message.argument);
    const draft = { text: plain(wordsFor(result, message.person.name)) };
    const say = () => messenger.send(message.chat, [draft], message.messageId);
    if (result.admission === 'refused' || result.admission === 'too_many_attempts') {
      // A stranger's wrong codes must not make the bot write without end.
      if (doorkeeper.maySay(message)) inBackground(say());
      return;
    }
    const told = said(say());
    if (result.admission === 'admitted') onAdmitted(message);
    await told;
  }
}

function wordsFor(result: Admission, name: string): string {
  switch (result.admission) {
    case 'admitted':
      return WORDS.admitted(name);
    case 'owner_already':
      return WORDS.ownerAlready;
    case 'refused':
      return WORDS.codeRefused;
    case 'too_many_attempts':
      return WORDS.tooManyAttempts;
    case 'failed':
      return WORDS.notAdmitted(result.message);
    default:
      return result satisfies never;
  }
}
