import { describe, expect, it } from 'vitest';
import { random } from '../../bench/support/stats.ts';
import { type Line, startLine } from '../support/line.ts';
import type { McpProcess } from '../support/mcp-client.ts';
import { mcpPlace, recordsOf } from '../support/mcp-client.ts';
import { type Offer, offers } from '../support/phone.ts';

const SESSIONS = 20;
const QUESTIONS = 10;
// Far more than anybody needs for 200 questions, 8 a page.
const LISTS_MAX = 400;

function pick<T>(items: readonly T[], next: () => number): T | undefined {
  return items[Math.floor(next() * items.length)];
}

/**
 * Answers everything in random order, as a person does: what is on the screen first, by button or reply; then what
 * the newest list has; then a new list. Returns what was given to what.
 */
async function answerAll({ api, owner }: Line, next: () => number): Promise<Map<string, string>> {
  const given = new Map<string, string>();
  let lists = 0;
  const isNew = ({ question }: Offer): boolean => question !== null && !given.has(question);
  while (given.size < SESSIONS * QUESTIONS) {
    const all = offers(owner).filter(isNew);
    const card = pick(
      all.filter(({ verb }) => verb === 'answer'),
      next,
    );
    const listed = pick(
      all.filter(({ verb }) => verb === 'open'),
      next,
    );
    if (card) given.set(card.question ?? '', answer(card));
    else if (listed) {
      owner.presses(listed.message, { data: listed.data });
      await api.waitFor(() =>
        offers(owner).some(({ verb, question }) => verb === 'answer' && question === listed.question),
      );
    } else {
      lists += 1;
      if (lists > LISTS_MAX) throw new Error(`${SESSIONS * QUESTIONS - given.size} questions were never shown`);
      const before = owner.messages().length;
      owner.says('/pending');
      await api.waitFor(() => owner.messages().length > before);
    }
  }
  return given;

  function answer({ message, data, text }: Offer): string {
    if (next() < 0.7) {
      owner.presses(message, { data });
      return text;
    }
    const words = `written ${next()}`;
    owner.says(words, { replyTo: message });
    return words;
  }
}

describe('many at once', () => {
  it(`brings ${SESSIONS * QUESTIONS} answers, given in random order, each to the one question that asked`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const line = await startLine();
    // Ten in one project, ten in projects of their own: one directory and many are both served.
    const sessions: McpProcess[] = [];
    for (let index = 0; index < SESSIONS; index += 1) {
      sessions.push(await line.start(index % 2 ? { place: { ...mcpPlace(), home: line.place.home } } : {}));
    }
    const asked = sessions.flatMap((session, s) =>
      Array.from({ length: QUESTIONS }, async (_, q) => {
        const options = [`left ${s}.${q}`, `right ${s}.${q}`];
        const result = await session.call(
          'ask_blocking_question',
          { question: `Question ${s}.${q}: which way?`, options },
          { timeout: 120_000 },
        );
        return { s, q, ...(result.structuredContent as { status: string; answer: string; question_id: string }) };
      }),
    );
    const given = await answerAll(line, random(seed));
    const all = await Promise.all(asked);

    const wrong = all.filter(({ question_id, answer }) => given.get(question_id) !== answer);
    expect(wrong, `seed ${seed}`).toEqual([]);
    expect(new Set(all.map(({ question_id }) => question_id)).size).toBe(SESSIONS * QUESTIONS);
    expect(all.every(({ status }) => status === 'answered')).toBe(true);
    for (const [index, session] of sessions.entries()) {
      // recordsOf fails on a line that does not parse.
      const records = recordsOf(session, await session.session());
      const answers = records.filter(({ type }) => type === 'answer');
      expect(answers, `session ${index}, seed ${seed}`).toHaveLength(QUESTIONS);
      expect(new Set(answers.map(({ question_id }) => question_id)).size).toBe(QUESTIONS);
      const mine = new Set(all.filter(({ s }) => s === index).map(({ question_id }) => question_id));
      expect(answers.every(({ question_id }) => mine.has(String(question_id)))).toBe(true);
    }
  }, 180_000);
});
