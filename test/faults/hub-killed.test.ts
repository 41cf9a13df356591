import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import { type McpProcess, recordsOf } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { kill, runningIn } from '../support/switchboard.ts';

/** Asks, lets `whenOpen` press and kill, and sees to it that the answer came once, to its session, and on the card. */
async function answeredDespite(
  line: Line,
  session: McpProcess,
  question: string,
  whenOpen: (card: Awaited<ReturnType<typeof openCard>>) => Promise<unknown>,
): Promise<void> {
  const { api, owner } = line;
  const asked = session.call('ask_blocking_question', { question, options: ['Yes', 'No'] });
  // What it comes to when something else fails first is of no interest.
  asked.catch(() => undefined);
  await whenOpen(await openCard(api, owner, question));
  expect((await asked).structuredContent).toMatchObject({ status: 'answered', answer: 'Yes' });
  await settledCard(api, owner, question, 'delivered');
  const { question_id } = (await asked).structuredContent as { question_id: string };
  const answers = recordsOf(session, await session.session()).filter(
    (record) => record.type === 'answer' && record.question_id === question_id,
  );
  expect(answers).toHaveLength(1);
  await api.waitFor(() => api.unconfirmed === 0);
}

/** Kills the hub as soon as it calls `method`; the call itself gets no answer. */
async function killAtCall({ api, place }: Line, method: string): Promise<void> {
  const before = api.calls(method).length;
  api.fail(method, { kind: 'black hole' });
  await api.waitFor(() => api.calls(method).length > before);
  for (const pid of runningIn(place.home, / hub( |$)/)) kill(pid, 'SIGKILL');
}

describe('the hub killed between the press and the settled card', () => {
  for (const [step, method] of [
    ['before the person is told', 'answerCallbackQuery'],
    ['while the card is being settled', 'editMessageText'],
  ] as const) {
    it(`loses and repeats nothing: killed ${step}`, async () => {
      const line = await startLine();
      const session = await line.start();
      await answeredDespite(line, session, 'Sure?', async (card) => {
        const killed = killAtCall(line, method);
        line.owner.presses(card, 'Yes');
        await killed;
      });
    });
  }

  // The one place where time itself is the fault: how far the hub has come when it dies.
  for (const ms of [0, 1, 2, 4, 7, 12, 20]) {
    it(`loses and repeats nothing: killed ${ms} ms after the press`, async () => {
      const line = await startLine();
      const session = await line.start();
      await answeredDespite(line, session, 'Sure?', async (card) => {
        await line.api.waitFor(() => line.api.polled);
        line.owner.presses(card, 'Yes');
        await sleep(ms);
        for (const pid of runningIn(line.place.home, / hub( |$)/)) kill(pid, 'SIGKILL');
      });
    });
  }

  it('shows the question after it was killed while showing it', async () => {
    const line = await startLine();
    const session = await line.start();
    const killed = killAtCall(line, 'sendMessage');
    const asked = session.call('ask_blocking_question', { question: 'Seen?', options: ['Yes', 'No'] });
    await killed;
    line.owner.presses(await openCard(line.api, line.owner, 'Seen?'), 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await settledCard(line.api, line.owner, 'Seen?', 'delivered');
  });

  it('answers by a card whose sending seemed to fail', async () => {
    const line = await startLine();
    const session = await line.start();
    line.api.fail('sendMessage', { kind: 'lost answer' });
    const asked = session.call('ask_blocking_question', { question: 'Twice?', options: ['Yes', 'No'] });
    const cards = await line.api.waitFor(() => {
      const found = line.owner.messages().filter(({ text, reply_markup }) => text?.includes('Twice?') && reply_markup);
      return found.length === 2 && found;
    });
    line.owner.presses(cards[0] ?? { chat: { id: 0, type: 'private' }, message_id: 0, date: 0 }, 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await line.api.waitFor(() => !line.owner.messages().some(({ reply_markup }) => reply_markup));
  });
});
