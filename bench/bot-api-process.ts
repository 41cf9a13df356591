import type { QuestionId } from '../src/domain/ids.ts';
import { type BotApi, startBotApi } from '../test/support/bot-api/bot-api.ts';
import type { SeenMessage } from '../test/support/bot-api/chats.ts';
import type { Person } from '../test/support/bot-api/person.ts';
import { type Offer, offers } from '../test/support/phone.ts';
import { now, sleep } from './support/clock.ts';
import { serve } from './support/remote.ts';
import { random, shuffled } from './support/stats.ts';

// The Bot API of a measurement and the person in front of it, in a process of their own as in life. All times are on
// the machine's monotonic clock, taken here, so that the way back to whoever measures is not in them.

const OWNER_ID = 7;
// A person needs longer; by then the hub has written down that the card is shown, and rests.
const THINKING_MS = 15;
// Looking at the screen costs this process more than the bot's requests do; nobody looks more often.
const LOOKING_MS = 20;
const QUIET_MS = 300;
const WAIT_MS_MAX = 60_000;
const ANSWER_MS_MAX = 50_000;
const SHARE_OF_PRESSES = 0.7;

const apis: { api: BotApi; owner: Person }[] = [];

const handlers = {
  /** Starts another Bot API; returns its number and what a session must know of it. */
  async open(): Promise<{ number: number; env: Record<string, string> }> {
    const api = await startBotApi();
    apis.push({ api, owner: api.user(OWNER_ID, 'Ada') });
    const env = { TELEGRAM_BOT_TOKEN: api.token, TELEGRAM_OWNER_ID: String(OWNER_ID), TELEGRAM_API_ROOT: api.root };
    return { number: apis.length - 1, env };
  },

  /** Resolves once the bot waits for updates, with when its last poll came. */
  async polled({ number, after = 0 }: { number: number; after?: number }): Promise<number> {
    const { api } = at(number);
    return api.waitFor(() => {
      const last = api.requests.findLast(({ method }) => method === 'getUpdates');
      const polledAt = last ? milliseconds(last.arrivedAt) : 0;
      return api.polled && polledAt > after && polledAt;
    }, WAIT_MS_MAX);
  },

  /** Plays one question: waits for its card, presses its first button, waits until the card says "delivered". */
  async play({ number, text }: { number: number; text: string }): Promise<Played> {
    const { api, owner } = at(number);
    const before = api.requests.length;
    // Looking through a screen of hundreds of cards would hold up what is measured; what is new on it is enough.
    const done = (method: string, words: string) => () =>
      api.requests.slice(before).find((each) => {
        const said = String(each.payload.text);
        return each.method === method && each.status === 200 && said.includes(text) && said.includes(words);
      });
    const request = await api.waitFor(done('sendMessage', ''), WAIT_MS_MAX);
    const card = owner.messages().find((message) => isCard(message, text));
    if (!card) throw new Error(`There is no card of "${text}".`);
    await sleep(THINKING_MS);
    await api.waitFor(() => api.polled, WAIT_MS_MAX);
    const data = card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '';
    const pressedAt = now();
    owner.presses(card, { data });
    await api.waitFor(done('editMessageText', 'delivered'), WAIT_MS_MAX);
    const settledAt = now();
    clearAway(owner);
    return { arrivedAt: milliseconds(request.arrivedAt), pressedAt, settledAt };
  },

  /** Answers so many questions in random order, as they come; returns what was given to which, in the end or in time. */
  async answerAll(wanted: { number: number; count: number; seed: number }): Promise<Record<string, string>> {
    const { api, owner } = at(wanted.number);
    const next = random(wanted.seed);
    const given = new Map<QuestionId, string>();
    const opened = new Set<QuestionId>();
    const deadline = now() + ANSWER_MS_MAX;
    while (given.size < wanted.count && now() < deadline) {
      const before = api.requests.length;
      clearAway(owner);
      const some = shuffled(offers(owner), next).filter((offer) => act(owner, offer, { given, opened, next }));
      const awaited = [...opened].some((question) => !given.has(question));
      if (some.length === 0 && !awaited) owner.says('/pending');
      await api.waitFor(() => api.requests.slice(before).some(shows), ANSWER_MS_MAX).catch(() => undefined);
      await sleep(LOOKING_MS);
    }
    return Object.fromEntries(given);
  },

  /** When the bot first said that so many questions are pending. */
  async listed({ number, count }: { number: number; count: number }): Promise<number> {
    const { api } = at(number);
    const words = `Pending questions (${count})`;
    const said = () => api.requests.find(({ payload }) => String(payload.text).includes(words));
    return milliseconds((await api.waitFor(said, WAIT_MS_MAX)).arrivedAt);
  },

  /** Writes `/pending`; `heard` says when the bot answered that. */
  ask({ number }: { number: number }): void {
    at(number).owner.says('/pending');
  },

  /** When the bot first said which questions are pending, or that none are. */
  async heard({ number }: { number: number }): Promise<number> {
    const { api } = at(number);
    const said = () =>
      api.requests.find(({ payload }) => /Pending questions|No question is waiting/.test(String(payload.text)));
    return milliseconds((await api.waitFor(said, WAIT_MS_MAX)).arrivedAt);
  },

  /** Resolves once the bot has sent and changed nothing for a while. */
  async quiet({ number }: { number: number }): Promise<void> {
    const { api } = at(number);
    for (let before = -1; before !== api.requests.length; await sleep(QUIET_MS)) before = api.requests.length;
  },

  /** How many calls of each method have come. */
  calls({ number }: { number: number }): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method } of at(number).api.requests) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  },
};

export type BotApiHandlers = typeof handlers;

/** When the request with the card had arrived, when its button was pressed, when the card said "delivered". */
export interface Played {
  readonly arrivedAt: number;
  readonly pressedAt: number;
  readonly settledAt: number;
}

serve(handlers);

function at(number: number): { api: BotApi; owner: Person } {
  const found = apis[number];
  if (!found) throw new Error(`There is no Bot API ${number}.`);
  return found;
}

/** Does a request bring something new onto the screen? */
function shows({ method }: { method: string }): boolean {
  return /^(sendMessage|editMessage)/.test(method);
}

/** A chat that grows would make this process ever slower. */
function clearAway(owner: Person): void {
  for (const message of owner.messages()) {
    if (message.text?.includes('delivered') && !message.reply_markup) owner.deletes(message);
  }
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

function isCard(message: SeenMessage, text: string): boolean {
  return message.text?.includes(text) === true && message.reply_markup !== undefined;
}

/** Does with one button what it is there for; false when there is nothing to be done with it any more. */
function act(
  owner: Person,
  { message, data, text, verb, question }: Offer,
  so: { given: Map<QuestionId, string>; opened: Set<QuestionId>; next: () => number },
): boolean {
  if (!question || so.given.has(question)) return false;
  if (verb === 'open') {
    if (so.opened.has(question)) return false;
    so.opened.add(question);
    owner.presses(message, { data });
    return true;
  }
  if (verb !== 'answer') return false;
  const pressed = so.next() < SHARE_OF_PRESSES;
  const words = pressed ? text : `written ${so.next()}`;
  if (pressed) owner.presses(message, { data });
  else owner.says(words, { replyTo: message });
  so.given.set(question, words);
  return true;
}
