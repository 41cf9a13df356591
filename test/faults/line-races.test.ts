import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import type { McpProcess } from '../support/mcp-client.ts';
import { offers, openCard, settledCard } from '../support/phone.ts';
import { hubLogged } from '../support/switchboard.ts';
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

/** Waits for the card, presses Yes after `waitMs`, and returns what the person is told, and the question's id. */
async function pressYes({ api, owner }: Line, question: string, waitMs: () => number): Promise<[string, string]> {
  const card = await openCard(api, owner, question);
  const yes = offers(owner).find(({ message, text }) => message.message_id === card.message_id && text === 'Yes');
  await sleep(waitMs());
  const press = owner.presses(card, { data: yes?.data ?? '' });
  return [(await api.waitFor(() => press.answer)).text ?? '', yes?.question ?? ''];
}

describe('an answer in the very moment', () => {
  it('in which its question expires comes to Claude as the person was told: in time, or late', async () => {
    const line = await readyLine({ minute: MINUTE_MS });
    for (const [n, ms] of AROUND.entries()) {
      const question = `Question ${n}?`;
      const due = performance.now() + MINUTE_MS + ms;
      const asked = ask(line.session, question, { timeout_minutes: 1 });
      const [words, id] = await pressYes(line, question, () => due - performance.now());
      if (words.startsWith('Recorded')) expect(await asked).toMatchObject({ status: 'answered', answer: 'Yes' });
      else {
        expect(words).toMatch(/had expired. Your answer is kept/);
        expect(['expired', 'answered']).toContain((await asked).status);
        expect(await answerOf(line.session, id)).toMatchObject({ status: 'answered', answer: 'Yes' });
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
      const pressed = pressYes(line, question, () => 20);
      await openCard(line.api, line.owner, question);
      await sleep(18 + n);
      cancel.abort('Esc');
      const [words, id] = await pressed;
      const status = words.startsWith('Recorded') ? 'answered' : 'withdrawn';
      if (status === 'withdrawn') expect(words).toMatch(/^Withdrawn/);
      expect(await answerOf(line.session, id)).toMatchObject({ status });
    }
  });
});

async function answerOf(session: McpProcess, id: string): Promise<Asked | undefined> {
  const { structuredContent } = await session.call('check_question_answers', { question_ids: [id] });
  return (structuredContent as unknown as { questions: Asked[] }).questions[0];
}
