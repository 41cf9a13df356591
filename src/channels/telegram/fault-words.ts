import { ChannelError } from '../../relay/errors.ts';
import type { BotFault } from './bot-client.ts';
import { WORDS } from './words.ts';

/** A fault as what it means for a card: whether trying again can help, in words for the log and for a waiting tool. */
export function channelError(fault: BotFault): ChannelError {
  const permanent = ['forbidden', 'refused'].includes(fault.kind);
  return new ChannelError(sentenceOf(fault), { permanent }, { cause: fault });
}

function sentenceOf({ kind, message, retryAfterMs, movedTo }: BotFault): string {
  if (movedTo !== null) return WORDS.groupMoved(movedTo);
  if (kind === 'token') return WORDS.tokenRefused;
  if (kind === 'flood') return WORDS.heldBack(Math.ceil(retryAfterMs / 1000));
  if (kind === 'network' || kind === 'server') return WORDS.unreachable(message);
  return isClosedChat({ kind, message }) ? WORDS.notReachable(message) : WORDS.refused(message);
}

/** Blocked by its person, never opened by them, or not there at all. */
export function isClosedChat({ kind, message }: Pick<BotFault, 'kind' | 'message'>): boolean {
  return kind === 'forbidden' || /chat not found/i.test(message);
}
