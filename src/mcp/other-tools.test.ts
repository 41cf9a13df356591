import { describe, expect, it } from 'vitest';
import { mcpBench } from '../../test/support/mcp-bench.ts';
import type { QuestionId } from '../domain/ids.ts';

describe('mark_question_answered', () => {
  it('closes an open question, returns to the call that waits for it, and is harmless to repeat', async () => {
    const { call, hub, session } = await mcpBench();
    const asking = call('ask_blocking_question', { question: 'Here or there?' });
    const id = await session();
    const { record } = await hub.question(id, 'Here or there?');
    const marked = await call('mark_question_answered', { question_id: record.id, answer: 'here' });
    expect(marked.structuredContent).toMatchObject({ status: 'answered_elsewhere', answer: 'here' });
    expect((await asking).structuredContent).toMatchObject({ status: 'answered_elsewhere', answer: 'here' });
    const closed = await hub.until(id, (state) => state.questions.get(record.id)?.closed);
    expect(closed).toMatchObject({ reason: 'answered_elsewhere', answer: 'here' });
    const again = await call('mark_question_answered', { question_id: record.id });
    expect(again.structuredContent).toMatchObject({ status: 'answered_elsewhere', answer: 'here' });
    expect((await call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('tells the answer of the person who was first, and counts it as delivered', async () => {
    const { call, hub, session } = await mcpBench();
    const asked = await call('ask_blocking_question', { question: 'Who first?', wait: false });
    const question_id = asked.structuredContent?.question_id as QuestionId;
    await hub.answer(await session(), question_id, 'Me');
    const marked = await call('mark_question_answered', { question_id, answer: 'too late' });
    expect(marked.structuredContent).toMatchObject({ status: 'answered', answer: 'Me' });
    await hub.until(await session(), (state) => state.questions.get(question_id)?.deliveredAt);
  });

  it('refuses an id that this session never asked', async () => {
    const { call } = await mcpBench();
    const result = await call('mark_question_answered', { question_id: '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11' });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('has asked no question') }],
    });
  });
});

describe('notify_user', () => {
  it('writes a notice that takes no answer and stands in no list, and returns at once', async () => {
    const { call, hub, session } = await mcpBench();
    const { structuredContent } = await call('notify_user', { message: ' Tests are green. ', level: 'warning' });
    expect(structuredContent).toEqual({ notice_id: expect.any(String), status: 'written' });
    const id = await session();
    const notice = await hub.question(id, 'Tests are green.');
    expect(notice.record).toMatchObject({ kind: 'notice', level: 'warning', allow_text: false });
    const asked = await call('check_question_answers', { question_ids: [structuredContent?.notice_id] });
    expect(asked.isError).toBe(true);
    expect((await call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('says when no channel can show it now', async () => {
    const { call, link } = await mcpBench();
    link.channels = [];
    const { structuredContent } = await call('notify_user', { message: 'Anybody?' });
    expect(structuredContent?.note).toBe('Attention: no channel is configured.');
  });

  it.each([
    ['empty', ' ', 'The message is empty'],
    ['over-long', 'x'.repeat(8_001), 'the limit is 8000'],
  ])('refuses an %s message', async (_what, message, words) => {
    const { call } = await mcpBench();
    expect(await call('notify_user', { message })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining(words) }],
    });
  });
});

describe('set_session_label', () => {
  it('names the session, writes the same name once, and cuts what would not fit on a card', async () => {
    const { call, hub, session } = await mcpBench();
    await call('set_session_label', { label: 'checkout' });
    await call('set_session_label', { label: 'checkout' });
    const id = await session();
    const before = await hub.until(id, (state) => (state.label === 'checkout' ? state.records : undefined));
    const long = await call('set_session_label', { label: 'x'.repeat(200) });
    expect(long.structuredContent?.label).toBe(`${'x'.repeat(79)}…`);
    const after = await hub.until(id, (state) => (state.label !== 'checkout' ? state.records : undefined));
    expect(after).toBe(before + 1);
  });

  it('refuses an empty name', async () => {
    const { call } = await mcpBench();
    expect(await call('set_session_label', { label: '\n' })).toMatchObject({ isError: true });
  });
});
