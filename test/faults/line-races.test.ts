import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import type { McpProcess } from '../support/mcp-client.ts';
import { type Offer, offers, settledCard } from '../support/phone.ts';
import { hubLogged, until } from '../support/switchboard.ts';
import { type Asked, ask } from '../support/waiting-line.ts';

const MINUTE_MS = 200;
// Milliseconds around the moment at which the question ends without an answer. Here time itself is the fault.
const AROUND = [-8, -4, -2, 0, 2, 4];

/** A line whose hub is at work already, so that a card is on the phone within milliseconds. */
async function readyLine(timings: Record<string, number> = {}): Promise<Line & { session: McpProcess }> {
  const line = await startLine(timings);
  const session = await line.start();
  await hubLogged(line.place.home, /polling Telegram/);
  return { ...line, session };
}

/** The button Yes of a question that is on the phone. */
function yesTo({ owner }: Line, question: string): Offer | undefined {
  return offers(owner).find(({ message, text }) => message.text?.includes(question) && text === 'Yes');
}

/** Presses after `waitMs`; what the person is told. */
async function pressAfter({ api, owner }: Line, { message, data }: Offer, waitMs: number): Promise<string> {
  await sleep(waitMs);
  const press = owner.presses(message, { data });
  return (await api.waitFor(() => press.answer)).text;
}

/** A question that expires within moments, and its button Yes. */
interface Expiring {
  readonly question: string;
  readonly asked: Promise<Asked>;
  readonly askedAt: number;
  readonly yes: Offer;
}

/** Asks until a card is on the phone before its question has expired: on a busy machine one may have too little time. */
async function askExpiring(line: Line & { session: McpProcess }, name: string): Promise<Expiring> {
  for (let attempt = 1; ; attempt += 1) {
    const question = `${name}, ${attempt}?`;
    const askedAt = performance.now();
    const asked = ask(line.session, question, { timeout_minutes: 1 });
    let isOver = false;
    const over = asked.finally(() => {
      isOver = true;
    });
    await until(
      () => isOver || yesTo(line, question) !== undefined,
      () => `a card or the end of ${question}`,
    );
    const yes = yesTo(line, question);
    if (yes) return { question, asked, askedAt, yes };
    await over;
  }
}

describe('an answer in the very moment', () => {
  it('in which its question expires comes to Claude as the person was told: in time, or late', async () => {
    const line = await readyLine({ minute: MINUTE_MS });
    for (const [n, ms] of AROUND.entries()) {
      const { question, asked, askedAt, yes } = await askExpiring(line, `Question ${n}`);
      const words = await pressAfter(line, yes, askedAt + MINUTE_MS + ms - performance.now());
      if (words.startsWith('Recorded')) expect(await asked).toMatchObject({ status: 'answered', answer: 'Yes' });
      else {
        expect(words).toMatch(/had expired. Your answer is kept/);
        expect(['expired', 'answered']).toContain((await asked).status);
        expect(await answerOf(line.session, yes)).toMatchObject({ status: 'answered', answer: 'Yes' });
      }
      await settledCard(line.api, line.owner, question, /Yes/);
    }
  });

  it('in which its call is cancelled is refused, or stays with the question', async () => {
    const line = await readyLine();
    for (const [n] of AROUND.entries()) {
      const question = `Question ${n}?`;
      const cancel = new AbortController();
      const input = { question, options: ['Yes', 'No'] };
      line.session.call('ask_blocking_question', input, { signal: cancel.signal }).catch(() => undefined);
      const yes = await line.api.waitFor(() => yesTo(line, question));
      const pressed = pressAfter(line, yes, 20);
      await sleep(18 + n);
      cancel.abort('Esc');
      const words = await pressed;
      const status = words.startsWith('Recorded') ? 'answered' : 'withdrawn';
      if (status === 'withdrawn') expect(words).toMatch(/^Withdrawn/);
      expect(await answerOf(line.session, yes)).toMatchObject({ status });
    }
  });
});

async function answerOf(session: McpProcess, { question }: Offer): Promise<Asked | undefined> {
  const { structuredContent } = await session.call('check_question_answers', { question_ids: [question] });
  return (structuredContent as unknown as { questions: Asked[] }).questions[0];
}
