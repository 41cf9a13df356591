import { describe, expect, it } from 'vitest';
import { type Bench, mcpBench } from '../../test/support/mcp-bench.ts';
import { until } from '../../test/support/switchboard.ts';
import type { QuestionId } from '../domain/ids.ts';

const UNKNOWN = '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11';

async function ask(bench: Bench, question: string, more: object = {}): Promise<QuestionId> {
  const { structuredContent } = await bench.call('ask_blocking_question', { question, wait: false, ...more });
  return structuredContent?.question_id as QuestionId;
}

describe('check_question_answers', () => {
  it('hands out what is new, once, and writes the receipts', async () => {
    const bench = await mcpBench();
    const [one, two, three] = [await ask(bench, 'One?'), await ask(bench, 'Two?'), await ask(bench, 'Three?')];
    const id = await bench.session();
    await bench.hub.answer(id, two, 'Second');
    await bench.hub.answer(id, one, 'First');
    const { structuredContent } = await bench.call('check_question_answers');
    expect(structuredContent).toMatchObject({
      questions: [
        { question_id: one, question: 'One?', status: 'answered', answer: 'First' },
        { question_id: two, question: 'Two?', status: 'answered', answer: 'Second' },
      ],
      pending: 1,
    });
    await bench.hub.until(id, ({ questions }) => questions.get(one)?.deliveredAt && questions.get(two)?.deliveredAt);
    expect((await bench.call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 1 });
    expect((await bench.hub.until(id, ({ questions }) => questions.get(three)))?.deliveredAt).toBeUndefined();
  });

  it('waits for the first answer, and not longer than asked to', async () => {
    const bench = await mcpBench({ timings: { minute: 600 } });
    const question = await ask(bench, 'Slow?');
    const checking = bench.call('check_question_answers', { wait_seconds: 1_000 });
    await bench.hub.answer(await bench.session(), question, 'Here');
    expect((await checking).structuredContent).toMatchObject({ questions: [{ answer: 'Here' }], pending: 0 });
    await ask(bench, 'Never?');
    const { structuredContent } = await bench.call('check_question_answers', { wait_seconds: 1 });
    expect(structuredContent).toEqual({ questions: [], pending: 1 });
  });

  it('does not wait when nothing can come', async () => {
    const bench = await mcpBench();
    const { structuredContent } = await bench.call('check_question_answers', { wait_seconds: 3_600 });
    expect(structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('says where each named question stands, also what Claude had before', async () => {
    const bench = await mcpBench();
    const [open, done] = [await ask(bench, 'Open?'), await ask(bench, 'Done?')];
    await bench.hub.answer(await bench.session(), done, 'Yes');
    await bench.call('check_question_answers');
    const { structuredContent } = await bench.call('check_question_answers', {
      question_ids: [open, done.toUpperCase()],
    });
    expect(structuredContent).toMatchObject({
      questions: [
        { question_id: open, status: 'pending' },
        { question_id: done, status: 'answered', answer: 'Yes' },
      ],
    });
  });

  it.each([
    [UNKNOWN, `no question ${UNKNOWN}`],
    ['the first one', '"the first one" is not a question id'],
  ])('refuses the id %j in a sentence that names it', async (id, words) => {
    const bench = await mcpBench();
    const result = await bench.call('check_question_answers', { question_ids: [id] });
    expect(result.isError).toBe(true);
    expect(JSON.parse(JSON.stringify(result.content))[0].text).toContain(words);
  });

  it('tells that a question expired and that its default was taken, though nobody waited', async () => {
    const bench = await mcpBench({ timings: { minute: 20 } });
    await ask(bench, 'Default?', { default_answer: 'go on', timeout_minutes: 1 });
    const first = await bench.call('check_question_answers', { wait_seconds: 3_600 });
    expect(first.structuredContent).toMatchObject({
      questions: [{ answer: 'go on', answered_by: { channel: 'default' } }],
    });
    await ask(bench, 'Nothing?', { timeout_minutes: 1 });
    const second = await bench.call('check_question_answers', { wait_seconds: 3_600 });
    expect(second.structuredContent).toMatchObject({
      questions: [{ question: 'Nothing?', status: 'expired' }],
      pending: 0,
    });
  });

  it('leaves an answer to the call that waits for it', async () => {
    const bench = await mcpBench();
    const asking = bench.call('ask_blocking_question', { question: 'Mine?' });
    const id = await bench.session();
    const { record } = await bench.hub.question(id, 'Mine?');
    const other = await ask(bench, 'Other?');
    const checks = [1, 2].map(() => bench.call('check_question_answers', { wait_seconds: 3_600 }));
    await bench.hub.answer(id, record.id, 'Yours');
    expect((await asking).structuredContent?.answer).toBe('Yours');
    await bench.hub.answer(id, other, 'For one check');
    const answered = await Promise.race(checks);
    expect(answered.structuredContent).toMatchObject({ questions: [{ answer: 'For one check' }] });
    await ask(bench, 'Third?').then((third) => bench.hub.answer(id, third, 'For the other check'));
    const all = (await Promise.all(checks)).map(({ structuredContent }) => structuredContent?.questions);
    expect(all).toMatchObject(
      expect.arrayContaining([
        [expect.objectContaining({ answer: 'For one check' })],
        [expect.objectContaining({ answer: 'For the other check' })],
      ]),
    );
  });

  it('keeps an answer for the next call when the one that waited was cancelled before', async () => {
    const bench = await mcpBench();
    const question = await ask(bench, 'Lost?');
    const cancel = new AbortController();
    const checking = bench.call('check_question_answers', { wait_seconds: 3_600 }, { signal: cancel.signal });
    cancel.abort();
    await expect(checking).rejects.toThrow();
    await bench.hub.answer(await bench.session(), question, 'Found');
    const { structuredContent } = await bench.call('check_question_answers', { wait_seconds: 60 });
    expect(structuredContent).toMatchObject({ questions: [{ answer: 'Found' }] });
  });

  it('hands an answer out again when the result that carried it did not go out', async () => {
    let breaks = false;
    const beforeSend = (message: object): void => {
      if (!breaks || !('result' in message)) return;
      breaks = false;
      throw new Error('EPIPE');
    };
    const bench = await mcpBench({ beforeSend });
    await bench.hub.answer(await bench.session(), await ask(bench, 'Lost?'), 'Found');
    breaks = true;
    const cancel = new AbortController();
    const lost = bench.call('check_question_answers', {}, { signal: cancel.signal });
    await until(
      () => !breaks,
      () => 'the result that is lost',
    );
    cancel.abort();
    await expect(lost).rejects.toThrow();
    const { structuredContent } = await bench.call('check_question_answers', {});
    expect(structuredContent).toMatchObject({ questions: [{ answer: 'Found' }] });
  });
});
