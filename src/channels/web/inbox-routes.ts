import type { QuestionId } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import type { RelayDesk } from '../../relay/channel.ts';
import { missingWords, wordVerdictWords } from '../../relay/verdict-words.ts';
import { answerResponse, parseAnswer, parseAway, parseWord, readBody } from './answers.ts';
import type { EventStreams } from './event-streams.ts';
import { pageInbox, wholePageCard } from './page-card.ts';
import { type Exchange, type Route, refuse, UUID_PART } from './requests.ts';
import { sendJson } from './responses.ts';
import type { Inbox, TellResponse } from './wire.ts';

const TOO_MANY = 'Too many pages are open; close some of them.';

/** What the inbox's answers are made of. */
export interface InboxParts {
  readonly desk: RelayDesk;
  readonly streams: EventStreams;
  /** Who answers here. */
  readonly person: Person;
  /** What the inbox says beside its questions. */
  readonly surroundings: () => Pick<Inbox, 'build' | 'hub' | 'channels'>;
}

/** Everything that is asked of the inbox. */
export function inboxRoutes(parts: InboxParts): Route[] {
  const { desk } = parts;
  return [
    { method: 'GET', path: /^\/api\/inbox$/, answer: async ({ response }) => sendJson(response, await inboxOf(parts)) },
    { method: 'GET', path: /^\/api\/events$/, answer: (exchange) => openStream(exchange, parts) },
    { method: 'POST', path: /^\/api\/answer$/, answer: (exchange) => takeAnswer(exchange, parts) },
    { method: 'POST', path: /^\/api\/tell$/, answer: (exchange) => takeWord(exchange, parts) },
    { method: 'POST', path: /^\/api\/away$/, answer: (exchange) => takeAway(exchange, parts) },
    {
      method: 'GET',
      path: new RegExp(`^/api/questions/${UUID_PART}$`),
      answer: ({ request, response, parts: [id] }) => {
        const card = desk.card(id as QuestionId);
        if (card) sendJson(response, wholePageCard(card));
        else refuse(request, response, 404, missingWords(desk, id as QuestionId));
      },
    },
  ];
}

/** Waits until all that was there at the start has been read: before that, the inbox is not complete. */
async function inboxOf({ desk, surroundings }: InboxParts): Promise<Inbox> {
  await desk.ready();
  return { ...surroundings(), ...pageInbox(desk) };
}

async function openStream({ request, response }: Exchange, parts: InboxParts): Promise<void> {
  const { streams, desk } = parts;
  if (streams.full) return refuse(request, response, 503, TOO_MANY);
  const { era } = streams;
  const inbox = await inboxOf(parts);
  if (response.destroyed) return; // The page was closed meanwhile.
  // Many may have come in while none of them was open yet.
  if (streams.full) return refuse(request, response, 503, TOO_MANY);
  if (streams.era !== era) return void response.destroy(); // It is to come in again.
  const first = streams.size === 0;
  await streams.open(response, inbox);
  // What is open has no card here yet, and somebody sees it from now on. To write that down comes after the page itself.
  if (first) desk.retryCards();
}

async function takeAnswer({ request, response }: Exchange, { desk, person }: InboxParts): Promise<void> {
  const body = await readBody(request);
  if (body === null) return refuse(request, response, 413, 'This is longer than any answer; nothing was recorded.');
  const press = parseAnswer(body, person);
  if (!press) return refuse(request, response, 400, 'This is no answer; nothing was recorded.');
  await desk.ready();
  const again = desk.answeredBy(press.cause) !== null;
  sendJson(response, answerResponse(await desk.answer(press), again));
}

async function takeWord({ request, response }: Exchange, { desk, person }: InboxParts): Promise<void> {
  const body = await readBody(request);
  if (body === null) return refuse(request, response, 413, 'This is longer than any message; nothing was sent.');
  const word = parseWord(body, person);
  if (!word) return refuse(request, response, 400, 'This is no message; nothing was sent.');
  await desk.ready();
  const verdict = await desk.tell(word);
  const told: TellResponse = { ok: verdict.verdict === 'written', message: await wordVerdictWords(verdict) };
  sendJson(response, told);
}

async function takeAway({ request, response }: Exchange, { desk }: InboxParts): Promise<void> {
  const wish = parseAway((await readBody(request)) ?? '');
  if (!wish) return refuse(request, response, 400, 'This says neither away nor back; nothing was changed.');
  sendJson(response, desk.setAway(wish.away, wish.session));
}
