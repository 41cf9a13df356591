import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHook } from '../../test/support/claude-hooks.ts';
import { mcpBench } from '../../test/support/mcp-bench.ts';
import { until } from '../../test/support/switchboard.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { pushIntoSession } from './messaging-socket.ts';

const ADA = { channel: 'telegram', id: '7', name: 'Ada' };

/** Claude Code's end of the messaging socket: takes everything and answers nothing. */
async function claudeSocket(): Promise<{ address: string; lines: { type: string; message?: { content: string } }[] }> {
  const address = join(temporaryDirectory(), 'cc.sock');
  const lines: { type: string; message?: { content: string } }[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
      lines.push(
        ...text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      );
      text = text.slice(text.lastIndexOf('\n') + 1);
    });
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(address, resolve));
  onTestFinished(() => void server.close());
  return { address, lines };
}

describe('the way into a session', () => {
  it.each(['relative.sock', '127.0.0.1:80', 'http://127.0.0.1', '80', '', `/${'x'.repeat(300)}`])(
    'is no way when it is called %j: only a local socket is opened',
    async (address) => {
      await expect(pushIntoSession({ address, token: 't' }, 'hello')).rejects.toThrow('is no local socket');
    },
  );

  it('takes a word at once; it counts as delivered when the prompt says so', async () => {
    const { address, lines } = await claudeSocket();
    const bench = await mcpBench({ host: { messaging: { address, token: 'secret' } } });
    const id = await bench.session();
    await bench.hub.tell(id, 'Use tabs\n"please"', ADA);
    await until(
      () => lines.length === 2,
      () => `two lines, not ${JSON.stringify(lines)}`,
    );
    const content = 'Message of the person you work for (Ada, by telegram):\nUse tabs\n"please"';
    expect(lines).toEqual([
      { type: 'auth', token: 'secret' },
      { type: 'user', message: { role: 'user', content } },
    ]);
    // What is pushed goes no other way meanwhile.
    expect(await runHook(bench, 'PostToolUse', { tool_name: 'Bash', tool_input: {} })).toEqual({});
    expect((await bench.hub.until(id, (state) => [...state.messages.values()][0]))?.delivered).toBeUndefined();
    const deciding = runHook(bench, 'PermissionRequest', { tool_name: 'Bash', tool_input: { command: 'ls' } });
    await bench.hub.question(id, 'May I run a command?');
    await runHook(bench, 'UserPromptSubmit', { prompt: content });
    const message = await bench.hub.until(id, (state) => [...state.messages.values()].find((m) => m.delivered));
    expect(message.delivered?.by).toBe('socket');
    expect(lines).toHaveLength(2);
    // It was not typed, so nothing at the desk was decided by it.
    const { record, status } = await bench.hub.question(id, 'May I run a command?');
    expect(status).toBe('pending');
    await bench.hub.answer(id, record.id, 'Deny', false, ['Deny']);
    await deciding;
  });

  it.each([
    ['there is none', null, 'this Claude Code takes no messages'],
    ['nobody listens', { address: '/nowhere/cc.sock', token: 't' }, 'Claude Code does not take messages (ENOENT)'],
  ])('is told to be shut when %s, and the word waits for the next step', async (_why, messaging, words) => {
    const bench = await mcpBench({ host: { messaging } });
    const id = await bench.session();
    await bench.hub.tell(id, 'Use tabs', ADA);
    const message = await bench.hub.until(id, (state) => [...state.messages.values()].find(({ waits }) => waits));
    expect(message).toMatchObject({ waits: expect.stringContaining(words) });
    expect(message.delivered).toBeUndefined();
    const { structuredContent } = await bench.call('check_question_answers');
    expect(structuredContent).toMatchObject({ questions: [], messages: [{ text: 'Use tabs', sent_by: ADA }] });
    await bench.hub.until(id, (state) =>
      [...state.messages.values()].find(({ delivered }) => delivered?.by === 'tool'),
    );
    expect((await bench.call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('lets a word end a check that waits, and go along with any other result', async () => {
    const bench = await mcpBench();
    const id = await bench.session();
    await bench.call('ask_blocking_question', { question: 'Later?', wait: false });
    const checking = bench.call('check_question_answers', { wait_seconds: 600 });
    await bench.hub.tell(id, 'Stop that', ADA);
    expect((await checking).structuredContent).toMatchObject({ messages: [{ text: 'Stop that' }], pending: 1 });
    await bench.hub.tell(id, 'And this', ADA);
    await bench.hub.until(id, (state) => [...state.messages.values()][1]?.waits);
    const { structuredContent } = await bench.call('notify_user', { message: 'Half done' });
    expect(structuredContent?.note).toContain('Message of the person you work for (Ada, by telegram):\nAnd this');
  });

  it('brings the answer to a question whose call ended because it took too long', async () => {
    const { address, lines } = await claudeSocket();
    const bench = await mcpBench({ host: { messaging: { address, token: 't' } } });
    const cancel = new AbortController();
    const asking = bench.call('ask_blocking_question', { question: 'Slow?' }, { signal: cancel.signal });
    const id = await bench.session();
    const { record } = await bench.hub.question(id, 'Slow?');
    cancel.abort('SdkError: Request timed out');
    await expect(asking).rejects.toThrow();
    await bench.call('set_session_label', { label: 'goes on' });
    expect((await bench.hub.question(id, 'Slow?')).status).toBe('pending');
    await bench.hub.answer(id, record.id, 'Yes, at last');
    await until(
      () => lines.length === 2,
      () => `two lines, not ${JSON.stringify(lines)}`,
    );
    const content = 'Your question "Slow?" was answered (Ada):\nYes, at last';
    expect(lines[1]?.message?.content).toBe(content);
    await runHook(bench, 'UserPromptSubmit', { prompt: content });
    await bench.hub.until(id, (state) => state.questions.get(record.id)?.deliveredAt);
    expect((await bench.call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });
});
