import { describe, expect, it, vi } from 'vitest';
import { mcpBench } from '../../test/support/mcp-bench.ts';
import { until } from '../../test/support/switchboard.ts';
import { closedDraft } from '../domain/drafts.ts';
import { StoreError } from '../store/errors.ts';
import { MemoryStore } from '../store/memory-store.ts';

const text = (result: { content: unknown }): string => JSON.stringify(result.content);

describe('ask_blocking_question', () => {
  it('waits until a person answers, returns the answer, and writes the receipt after the result went out', async () => {
    const { call, hub, session, link } = await mcpBench();
    const asking = call('ask_blocking_question', { question: 'Deploy now?', options: ['Yes', 'No'] });
    const id = await session();
    const { record } = await hub.question(id, 'Deploy now?');
    expect(record).toMatchObject({ kind: 'question', status: 'pending', multi_select: false, allow_text: true });
    // When the question is in the file.
    await until(
      () => link.looks === 1,
      () => `one look, not ${link.looks}`,
    );
    await hub.answer(id, record.id, 'Yes');
    const result = await asking;
    expect(result.structuredContent).toEqual({
      question_id: record.id,
      status: 'answered',
      asked_at: record.created_at,
      answer: 'Yes',
      answered_at: expect.any(String),
      answered_by: { channel: 'telegram', id: '7', name: 'Ada' },
    });
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
    await hub.until(id, (state) => state.questions.get(record.id)?.deliveredAt);
  });

  it('gives ten questions asked at once each its own answer, in whatever order they come', async () => {
    const { call, hub, session } = await mcpBench();
    const numbers = Array.from({ length: 10 }, (_, index) => index);
    const asking = numbers.map((n) => call('ask_blocking_question', { question: `Question ${n}?` }));
    const id = await session();
    for (const n of [7, 2, 9, 0, 4, 1, 8, 3, 6, 5]) {
      const { record } = await hub.question(id, `Question ${n}?`);
      await hub.answer(id, record.id, `Answer ${n}`);
    }
    const answers = (await Promise.all(asking)).map((result) => result.structuredContent?.answer);
    expect(answers).toEqual(numbers.map((n) => `Answer ${n}`));
  });

  it('returns at once with wait: false', async () => {
    const { call } = await mcpBench();
    const { structuredContent } = await call('ask_blocking_question', { question: 'Later?', wait: false });
    expect(structuredContent).toMatchObject({
      status: 'pending',
      note: expect.stringContaining('check_question_answers'),
    });
  });

  it('says with wait: false when nobody can see the question', async () => {
    const { call, link } = await mcpBench();
    link.connected = false;
    const { structuredContent } = await call('ask_blocking_question', { question: 'Seen?', wait: false });
    expect(structuredContent?.note).toContain('Attention: not shown yet');
  });

  it('asks anew when the same words are about something else', async () => {
    const { call } = await mcpBench();
    const ask = (context: string) =>
      call('ask_blocking_question', { question: 'May I run this?', context, wait: false });
    const [harmless, harmful] = [await ask('ls'), await ask('rm -rf /')];
    expect(harmful.structuredContent?.question_id).not.toBe(harmless.structuredContent?.question_id);
    expect((await ask('ls')).structuredContent?.question_id).toBe(harmless.structuredContent?.question_id);
  });

  it('withdraws the question when the client cancels the call', async () => {
    const { call, hub, session } = await mcpBench();
    const cancel = new AbortController();
    const asking = call('ask_blocking_question', { question: 'Still?' }, { signal: cancel.signal });
    const id = await session();
    const { record } = await hub.question(id, 'Still?');
    cancel.abort('Esc');
    await expect(asking).rejects.toThrow();
    const closed = await hub.until(id, (state) => state.questions.get(record.id)?.closed);
    expect(closed.reason).toBe('withdrawn');
  });

  it('keeps an answer that came before the cancellation for the next check', async () => {
    const memory = new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });
    // No hint ever comes: the answer is in the log, the server has not looked when the client cancels.
    vi.spyOn(memory, 'hints').mockImplementation(async function* (_session, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield* [];
    });
    const { call, hub, session } = await mcpBench({ memory });
    const cancel = new AbortController();
    const { signal } = cancel;
    const onprogress = vi.fn();
    const asking = call('ask_blocking_question', { question: 'Race?' }, { signal, onprogress });
    const id = await session();
    const { record } = await hub.question(id, 'Race?');
    // By its first word about waiting the server has looked for the last time.
    await expect.poll(() => onprogress.mock.calls.length).toBeGreaterThan(0);
    await hub.answer(id, record.id, 'Just in time');
    cancel.abort();
    await expect(asking).rejects.toThrow();
    const { structuredContent } = await call('check_question_answers');
    expect(structuredContent).toMatchObject({ questions: [{ question_id: record.id, answer: 'Just in time' }] });
  });

  it('takes the default answer when nobody answers in time, and marks it as such', async () => {
    const { call, hub, session } = await mcpBench({ timings: { minute: 30 } });
    const { structuredContent } = await call('ask_blocking_question', {
      question: 'Colour?',
      options: ['Red', 'Blue'],
      default_answer: 'blue',
      timeout_minutes: 1,
    });
    expect(structuredContent).toMatchObject({
      status: 'answered',
      answer: 'Blue',
      selected: ['Blue'],
      answered_by: { channel: 'default', id: 'timeout', name: 'default answer' },
      note: expect.stringContaining('your own default answer'),
    });
    await hub.until(await session(), (state) => [...state.questions.values()][0]?.deliveredAt);
  });

  it('expires without a default, and a late answer is handed out by the next check, once', async () => {
    const { call, hub, session } = await mcpBench({ timings: { minute: 30 } });
    const { structuredContent } = await call('ask_blocking_question', { question: 'Anybody?', timeout_minutes: 1 });
    expect(structuredContent).toMatchObject({ status: 'expired', note: expect.stringContaining('Nobody answered') });
    const id = await session();
    const { record } = await hub.question(id, 'Anybody?');
    expect((await call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
    const checking = call('check_question_answers', { wait_seconds: 3_600 });
    await hub.answer(id, record.id, 'Me, late', true);
    expect((await checking).structuredContent).toMatchObject({
      questions: [{ question_id: record.id, question: 'Anybody?', status: 'answered', answer: 'Me, late' }],
    });
    await hub.until(id, (state) => state.questions.get(record.id)?.lateDeliveredAt);
    expect((await call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('is not moved by a wall clock that jumps: only time that passes lets a question expire', async () => {
    const { call, hub, session } = await mcpBench();
    const asking = call('ask_blocking_question', { question: 'Clock?', timeout_minutes: 1 });
    const id = await session();
    const { record } = await hub.question(id, 'Clock?');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 48 * 3_600_000 });
    try {
      await call('notify_user', { message: 'something makes the server look' });
      const open = await hub.until(id, (state) =>
        state.questions.size === 2 ? state.questions.get(record.id) : undefined,
      );
      expect(open.status).toBe('pending');
      await hub.answer(id, record.id, 'Fine');
      expect((await asking).structuredContent).toMatchObject({ answer: 'Fine' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('attaches to a question that is open already instead of asking twice', async () => {
    const { call, hub, session } = await mcpBench();
    const first = call('ask_blocking_question', { question: 'Same?' });
    const second = call('ask_blocking_question', { question: 'Same?' });
    const third = await call('ask_blocking_question', { question: 'Same?', wait: false });
    const other = await call('ask_blocking_question', { question: 'Same?', options: ['a', 'b'], wait: false });
    const id = await session();
    const { record } = await hub.until(id, (state) =>
      [...state.questions.values()].find(({ record: { options } }) => !options),
    );
    expect(third.structuredContent).toMatchObject({ question_id: record.id, note: expect.stringContaining('joined') });
    expect(other.structuredContent?.question_id).not.toBe(record.id);
    await hub.answer(id, record.id, 'Once');
    expect((await first).structuredContent?.answer).toBe('Once');
    expect((await second).structuredContent?.answer).toBe('Once');
    expect((await hub.until(id, (state) => state)).questions.size).toBe(2);
  });

  it('attaches to an answer that Claude has not had, and asks anew once it has', async () => {
    const { call, hub, session } = await mcpBench();
    const asked = await call('ask_blocking_question', { question: 'Again?', wait: false });
    const id = await session();
    const { record } = await hub.question(id, 'Again?');
    await hub.answer(id, record.id, 'Yes');
    const again = await call('ask_blocking_question', { question: 'Again?' });
    expect(again.structuredContent).toMatchObject({ question_id: asked.structuredContent?.question_id, answer: 'Yes' });
    await hub.until(id, (state) => state.questions.get(record.id)?.deliveredAt);
    const anew = await call('ask_blocking_question', { question: 'Again?', wait: false });
    expect(anew.structuredContent?.question_id).not.toBe(record.id);
  });

  it('tells within the progress interval how long it waits and why nobody may have seen the question', async () => {
    const { call, hub, session, link } = await mcpBench({ timings: { progress: 10 } });
    link.channels = [{ name: 'telegram', ok: false, detail: 'Telegram unreachable', since: ago(120_000) }];
    const messages: string[] = [];
    const onprogress = ({ message = '' }: { message?: string | undefined }): void => void messages.push(message);
    const asking = call('ask_blocking_question', { question: 'Waiting?' }, { onprogress });
    const id = await session();
    const { record } = await hub.question(id, 'Waiting?');
    await until(
      () => messages.length > 2,
      () => 'progress',
    );
    expect(messages.at(-1)).toMatch(
      /^waiting for an answer, asked \d+ s ago; not shown yet: Telegram unreachable \(for 2 min\)$/,
    );
    await hub.answer(id, record.id, 'Done');
    await asking;
  });

  it('names the session by the label given with a question', async () => {
    const { call, hub, session } = await mcpBench();
    await call('ask_blocking_question', { question: 'Labelled?', label: ' checkout \n refactoring ', wait: false });
    expect((await hub.until(await session(), (state) => state)).label).toBe('checkout refactoring');
  });

  it('keeps a long context beside the log and names it in the question', async () => {
    const memory = new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });
    const { call, hub, session } = await mcpBench({ memory });
    const context = 'The diff. '.repeat(2_000);
    await call('ask_blocking_question', { question: 'Long?', context, wait: false });
    const id = await session();
    const { record } = await hub.question(id, 'Long?');
    expect(record.context).toBeUndefined();
    expect(await memory.readAttachment(id, record.context_file ?? '')).toBe(context.trim());
  });

  it.each([
    ['an empty question', { question: '   ' }, 'The question is empty'],
    ['no question', {}, '\\"question\\"'],
    ['a question over 8,000 characters', { question: 'x'.repeat(8_001) }, 'the limit is 8000'],
    ['one option', { question: 'Q?', options: ['a'] }, '2 to 12 options, 1 given'],
    ['thirteen options', { question: 'Q?', options: [...'abcdefghijklm'] }, '2 to 12 options, 13 given'],
    ['two equal options', { question: 'Q?', options: ['a', 'a'] }, 'Two options are called'],
    [
      'options of the wrong type',
      { question: 'Q?', options: 'either' },
      '\\"options\\": Invalid input: expected array',
    ],
    ['a question of the wrong type', { question: 5 }, '\\"question\\": Invalid input: expected string'],
  ])('refuses %s with a sentence that says what to mend, and asks nothing', async (_what, input, words) => {
    const { call, hub, session } = await mcpBench();
    const result = await call('ask_blocking_question', input);
    expect(result.isError).toBe(true);
    expect(text(result)).toContain(words);
    await call('set_session_label', { label: 'still alive' });
    expect((await hub.until(await session(), (state) => state)).questions.size).toBe(0);
  });

  it('takes what models write instead: unknown fields, null, numbers and lists as text, any time-out', async () => {
    const { call, hub, session } = await mcpBench();
    const result = await call('ask_blocking_question', {
      question: 'Loose?',
      options: '["a", "b"]',
      multi_select: 'true',
      context: null,
      timeout_minutes: '-5',
      wait: 'false',
      priority: 'high',
    });
    expect(result.structuredContent).toMatchObject({ status: 'pending' });
    const { record } = await hub.question(await session(), 'Loose?');
    expect(record).toMatchObject({ options: [{ label: 'a' }, { label: 'b' }], multi_select: true });
    expect(Date.parse(record.expires_at ?? '') - Date.parse(record.created_at)).toBe(60_000);
  });

  it('fails with what to do while the store refuses, lives on, and recovers', async () => {
    const store = new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });
    const refuse = vi
      .spyOn(store, 'append')
      .mockRejectedValue(new StoreError('DISK_FULL', 'The disk is full; make room.'));
    const { call } = await mcpBench({ store, memory: store });
    const refused = await call('ask_blocking_question', { question: 'Room?', wait: false });
    expect(refused).toMatchObject({ isError: true, content: [{ text: 'The disk is full; make room.' }] });
    refuse.mockRestore();
    const asked = await call('ask_blocking_question', { question: 'Room?', wait: false });
    expect(asked.structuredContent).toMatchObject({ status: 'pending' });
  });

  it('returns when another process closes the question, whoever that was', async () => {
    const { call, hub, session } = await mcpBench();
    const asking = call('ask_blocking_question', { question: 'Closed?' });
    const id = await session();
    const { record } = await hub.question(id, 'Closed?');
    await hub.store.append(id, closedDraft(record.id, 'answered_elsewhere', 'In the terminal'));
    expect((await asking).structuredContent).toMatchObject({ status: 'answered_elsewhere', answer: 'In the terminal' });
  });
});

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}
