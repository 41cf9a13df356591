import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { type BotApi, startBotApi } from '../support/bot-api/bot-api.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import type { Person } from '../support/bot-api/person.ts';
import { FOREIGN_GROUP, type Hostile, hostileUpdate, OWNER, type Scene, updateOf } from '../support/hostile-updates.ts';
import { propertyTest } from '../support/property-test.ts';
import { TelegramLine } from '../support/telegram-line.ts';

// Stands in everything that is asked, and nowhere else: whoever is sent it has learned something.
const MARK = 'zqx';
const HOME_GROUP = -100;
const QUESTIONS = [
  { question: `${MARK} deploy?`, options: [{ label: `Yes ${MARK}` }, { label: `No ${MARK}` }] },
  { question: `${MARK} which name?` },
  {
    question: `${MARK} which of these?`,
    options: [{ label: `a ${MARK}` }, { label: `b ${MARK}` }],
    multi_select: true,
  },
];
const RUNS = 120;

/** What the owner does in their own chat, in the way that answers. */
type Honest =
  | { readonly is: 'press'; readonly card: number; readonly option: number }
  | { readonly is: 'reply'; readonly card: number; readonly text: string }
  | { readonly is: 'file'; readonly card: number; readonly name: string };
type Step = Hostile | Honest;

const honest: fc.Arbitrary<Honest> = fc.oneof(
  fc.record({ is: fc.constant('press' as const), card: fc.constant(0), option: fc.nat(1) }),
  fc.record({
    is: fc.constant('reply' as const),
    card: fc.nat(2),
    text: fc.constantFrom('blue', 'as you like', 'a, b'),
  }),
  fc.record({
    is: fc.constant('file' as const),
    card: fc.constantFrom(1),
    name: fc.constantFrom('plan.txt', '../../evil', '/etc/passwd', 'x'.repeat(4_000), '\ud800\0\u202etxt.exe'),
  }),
);
const history = fc.record({
  group: fc.boolean(),
  steps: fc.array(fc.oneof({ weight: 5, arbitrary: hostileUpdate }, { weight: 1, arbitrary: honest }), {
    minLength: 12,
    maxLength: 40,
  }),
});

/** What an honest act gives. */
function givenBy(step: Honest): object {
  if (step.is === 'press') return { options: [step.option] };
  return step.is === 'reply' ? { text: step.text } : { caption: '', files: [{ name: step.name }] };
}

const isHonest = (step: Step): step is Honest => step.is === 'press' || step.is === 'reply' || step.is === 'file';

/** Does what the owner does, with their own phone. */
function act(step: Honest, card: SeenMessage, ann: Person, api: BotApi): void {
  const place = { chat: card.chat.id, replyTo: card };
  if (step.is === 'press') ann.presses(card, QUESTIONS[0]?.options?.[step.option]?.label ?? '');
  else if (step.is === 'reply') ann.says(step.text, place);
  else ann.sends({ document: { ...api.file('content'), file_name: step.name } }, place);
}

/** Everything that the bot has said where the owner is not heard, or to presses that are not the owner's. */
function saidElsewhere(api: BotApi, home: number): string {
  const elsewhere = api.requests.filter(({ method, payload }) => {
    const { chat_id, callback_query_id, commands } = payload;
    if (method === 'getUpdates' || commands !== undefined) return false;
    if (callback_query_id !== undefined) return String(callback_query_id).startsWith('hostile-');
    return chat_id !== undefined && String(chat_id) !== String(home);
  });
  return JSON.stringify(elsewhere.map(({ payload }) => payload));
}

async function live({ group, steps }: { group: boolean; steps: readonly Step[] }): Promise<void> {
  const api = await startBotApi();
  const line = new TelegramLine(api);
  try {
    await play(line, group, steps);
  } finally {
    await line.stop();
    await api.close();
  }
}

async function play(line: TelegramLine, group: boolean, steps: readonly Step[]): Promise<void> {
  const { api, desk, ann } = line;
  api.group(HOME_GROUP, 'Team', { privacy: false });
  api.group(FOREIGN_GROUP, 'Ours', { privacy: false });
  const home = group ? HOME_GROUP : ann.id;
  line.start({ timings: QUICK, ...(group ? { chatId: String(HOME_GROUP) } : {}) });
  const cards = [];
  for (const { question, ...more } of QUESTIONS) cards.push(await desk.ask(question, more));
  const shown = () => QUESTIONS.map(({ question }) => messageOf(ann, home, question));
  await api.waitFor(() => shown().every(Boolean));
  const pictures = shown() as SeenMessage[];
  const scene: Scene = { cards: pictures, chat: { id: home, type: group ? 'supergroup' : 'private' } };
  const expected = new Map<string, object>();
  for (const step of steps) {
    if (isHonest(step)) {
      const { question_id } = cards[step.card] as { question_id: string };
      act(step, pictures[step.card] as SeenMessage, ann, api);
      if (!expected.has(question_id)) expected.set(question_id, givenBy(step));
      // A file is fetched while other things go on; what comes in between would be first.
      if (step.is === 'file') await recorded(line, expected.size);
    } else {
      const { update, numbered } = updateOf(step, scene);
      api.forge(update, { numbered });
    }
  }
  await recorded(line, expected.size);
  await api.waitFor(() => api.idle);
  const last = await desk.ask(`${MARK} still there?`, { options: [{ label: 'Of course' }] });
  ann.presses(await api.waitFor(() => messageOf(ann, home, `${MARK} still there?`)), 'Of course');
  expected.set(last.question_id, { options: [0] });
  await recorded(line, expected.size);
  await api.waitFor(() => api.idle);

  expect(new Map(desk.answers.map(({ question_id, given }) => [question_id, given]))).toMatchObject(expected);
  expect(desk.answers).toHaveLength(expected.size);
  for (const { person } of desk.answers)
    expect(person).toEqual({ channel: 'telegram', id: String(OWNER), name: 'Ann' });
  // A reply to what has ended is a word to its session: the owner's own, and no other.
  const replies = steps.filter((step) => step.is === 'reply').map(({ text }) => text);
  for (const { person, text } of desk.words)
    expect([person.id, replies]).toEqual([String(OWNER), expect.arrayContaining([text])]);
  expect(desk.presence().away).toBe(false);
  expect([...desk.owners]).toEqual([String(OWNER)]);
  expect(saidElsewhere(api, home)).not.toContain(MARK);
}

// Nothing here is about how long the bot waits.
const QUICK = { telegramChat: 0, telegramGroup: 0, telegramOverall: 0, telegramAlbum: 0, retryMin: 1, retryMax: 4 };

async function recorded({ desk, api }: TelegramLine, count: number): Promise<void> {
  await api.waitFor(() => desk.answers.length >= count);
}

function messageOf(ann: Person, chat: number, question: string): SeenMessage | undefined {
  return ann.messages(chat).find(({ text, reply_to_message }) => text?.includes(question) && !reply_to_message);
}

describe('whatever Telegram brings', () => {
  propertyTest(
    'only what the owner did is an answer, to the question it was done to, and nobody else is told of it',
    history,
    () => ({ check: live }),
    { runs: RUNS },
  );
});
