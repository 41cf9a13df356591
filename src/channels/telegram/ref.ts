import type { QuestionId } from '../../domain/ids.ts';
import type { Card, RelayDesk } from '../../relay/channel.ts';

/** Where a card stands: in messages of its own (the last one has the buttons), or as an entry of a list. */
export interface CardPlace {
  readonly kind: 'card' | 'list';
  readonly chat: string;
  readonly messages: readonly number[];
}

const REF = /^(-?\w+):(list:)?(\d+(?:,\d+)*)$/;

/** Writes a place as the ref that the relay keeps, e.g. `7:101,102` or `7:list:105`. */
export function formatRef({ kind, chat, messages }: CardPlace): string {
  return `${chat}:${kind === 'list' ? 'list:' : ''}${messages.join(',')}`;
}

/** Reads a ref; null for one that this channel did not write. */
export function parseRef(ref: string): CardPlace | null {
  const [, chat, list, messages] = REF.exec(ref) ?? [];
  if (chat === undefined || messages === undefined) return null;
  return { kind: list ? 'list' : 'card', chat, messages: messages.split(',').map(Number) };
}

/**
 * Does the card of another open question stand there? A session's file says where its cards stand, and may be forged;
 * only a list belongs to several.
 */
export function isAnothers(place: CardPlace, question: QuestionId, desk: RelayDesk | null): boolean {
  if (!desk) return false;
  const others = desk.inbox().filter((card) => card.question_id !== question);
  return placesOf(others, desk).some((other) => collide(other, place));
}

/** Is this message the card of an open question, or a part of it? */
export function isOpenCard({ chat, messageId }: { chat: string; messageId: number }, desk: RelayDesk): boolean {
  return placesOf(desk.inbox(), desk).some(
    (place) => place.kind === 'card' && place.chat === chat && place.messages.includes(messageId),
  );
}

function placesOf(cards: readonly Card[], desk: RelayDesk): CardPlace[] {
  const refs = cards.flatMap((card) => [...desk.refs(card.question_id, 'telegram').values()]);
  return refs.map(parseRef).filter((place) => place !== null);
}

function collide(a: CardPlace, b: CardPlace): boolean {
  if (a.chat !== b.chat || (a.kind === 'list' && b.kind === 'list')) return false;
  return a.messages.some((message) => b.messages.includes(message));
}
