import type { QuestionId } from '../../domain/ids.ts';
import type { RelayDesk } from '../../relay/channel.ts';

/** Where a card stands: in messages of its own (the last one has the buttons), or as an entry of a list. */
export interface CardPlace {
  readonly kind: 'card' | 'list';
  readonly chat: string;
  readonly messages: readonly number[];
}

// Far more than the messages of any card.
const REF_CHARS_MAX = 4_000;
const REF = /^(-?\w+):(list:)?(\d+(?:,\d+)*)$/;

/** Writes a place as the ref that the relay keeps, e.g. `7:101,102` or `7:list:105`. */
export function formatRef({ kind, chat, messages }: CardPlace): string {
  return `${chat}:${kind === 'list' ? 'list:' : ''}${messages.join(',')}`;
}

/** Reads a ref; null for one that this channel did not write. */
export function parseRef(ref: string): CardPlace | null {
  const [, chat, list, messages] = ref.length > REF_CHARS_MAX ? [] : (REF.exec(ref) ?? []);
  if (chat === undefined || messages === undefined) return null;
  return { kind: list ? 'list' : 'card', chat, messages: messages.split(',').map(Number) };
}

type PlacesByMessage = Map<string, { readonly question: QuestionId; readonly kind: CardPlace['kind'] }[]>;

/**
 * Where the cards of open questions stand, by message. A session's file says where its cards stand, and may be forged;
 * only a list belongs to several. Looked up once a turn of the event loop: in one, thousands of cards may ask.
 */
export class OpenPlaces {
  #byMessage: PlacesByMessage | null = null;

  /** Does the card of another open question stand there? */
  isAnothers({ kind, chat, messages }: CardPlace, question: QuestionId, desk: RelayDesk | null): boolean {
    if (!desk) return false;
    const places = this.#places(desk);
    return messages.some((message) =>
      places
        .get(`${chat}:${message}`)
        ?.some((other) => other.question !== question && !(other.kind === 'list' && kind === 'list')),
    );
  }

  #places(desk: RelayDesk): PlacesByMessage {
    if (this.#byMessage) return this.#byMessage;
    const places: PlacesByMessage = new Map();
    for (const { question_id: question } of desk.inbox()) {
      for (const { kind, chat, messages } of placesOf(question, desk)) {
        for (const message of messages) {
          const key = `${chat}:${message}`;
          const there = places.get(key);
          if (there) there.push({ question, kind });
          else places.set(key, [{ question, kind }]);
        }
      }
    }
    this.#byMessage = places;
    setImmediate(() => {
      this.#byMessage = null;
    }).unref();
    return places;
  }
}

/** Is this message the card of an open question, or a part of it? */
export function isOpenCard({ chat, messageId }: { chat: string; messageId: number }, desk: RelayDesk): boolean {
  return desk
    .inbox()
    .flatMap((card) => placesOf(card.question_id, desk))
    .some((place) => place.kind === 'card' && place.chat === chat && place.messages.includes(messageId));
}

function placesOf(question: QuestionId, desk: RelayDesk): CardPlace[] {
  return [...desk.refs(question, 'telegram').values()].map(parseRef).filter((place) => place !== null);
}
