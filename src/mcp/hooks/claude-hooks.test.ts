import { describe, expect, it } from 'vitest';
import { BASH, nextCard, press, runHook, textOf } from '../../../test/support/claude-hooks.ts';
import { BENCH_HOST, mcpBench } from '../../../test/support/mcp-bench.ts';
import { until } from '../../../test/support/switchboard.ts';

const ADA = { channel: 'telegram', id: '7', name: 'Ada' };

describe('what else hooks tell', () => {
  it("teaches the session Claude Code's own id", async () => {
    const bench = await mcpBench();
    await runHook(bench, 'PostToolBatch', { session_id: 'claude-1' });
    await runHook(bench, 'UserPromptSubmit', { session_id: 'claude-2', prompt: 'hello' });
    const id = await bench.session();
    await bench.hub.until(id, (state) => (state.claudeSessionId === 'claude-2' ? true : undefined));
  });

  it('writes tasks down', async () => {
    const bench = await mcpBench();
    await runHook(bench, 'TaskCreated', { task_id: '1', task_subject: 'Rename it' });
    await runHook(bench, 'TaskCompleted', { task_id: '1', task_subject: 'Rename it' });
    const id = await bench.session();
    const tasks = await bench.hub.until(id, (state) =>
      state.tasks.get('1')?.status === 'completed' ? state.tasks : undefined,
    );
    expect([...tasks]).toEqual([['1', { title: 'Rename it', status: 'completed' }]]);
  });

  it('passes notifications on when that is wanted, but not what a card says already', async () => {
    const bench = await mcpBench({ host: { settings: { ...BENCH_HOST.settings, notifications: true } } });
    const deciding = runHook(bench, 'PermissionRequest', BASH);
    const card = await nextCard(bench);
    await runHook(bench, 'Notification', { notification_type: 'permission_prompt', message: 'Claude needs you' });
    await runHook(bench, 'Notification', { notification_type: 'idle_prompt', message: 'Claude waits', title: '' });
    const id = await bench.session();
    const notices = await bench.hub.until(id, (state) => {
      const found = [...state.questions.values()].filter(({ record }) => record.kind === 'notice');
      return found.length > 0 ? found : undefined;
    });
    expect(notices.map(({ record }) => record.question)).toEqual(['Claude waits']);
    await press(bench, card, 'Deny');
    await deciding;
  });

  it('says nothing of events it does not know', async () => {
    const bench = await mcpBench();
    expect(await runHook(bench, 'FileChanged', {})).toEqual({});
    expect(textOf(await bench.call('claude_code_hook', {}))).toBe('{}');
  });
});

describe('what the person says unasked', () => {
  it('goes along with the next hook that can carry it, once', async () => {
    const bench = await mcpBench();
    await runHook(bench, 'PostToolBatch');
    await bench.hub.tell(await bench.session(), 'Use tabs', ADA);
    let context: Awaited<ReturnType<typeof runHook>>['hookSpecificOutput'];
    await until(
      async () => {
        context = (await runHook(bench, 'PostToolUse', BASH)).hookSpecificOutput;
        return context !== undefined;
      },
      () => 'a hook that carries it',
    );
    expect(context).toEqual({
      hookEventName: 'PostToolUse',
      additionalContext: 'Message of the person you work for (Ada, by telegram):\nUse tabs',
    });
    const { delivered, waits } = await bench.hub.until(await bench.session(), (state) =>
      [...state.messages.values()].find((message) => message.delivered),
    );
    expect(delivered?.by).toBe('hook');
    expect(waits ?? '').toMatch(/^(|Claude has not read this yet; .*)$/);
    expect(await runHook(bench, 'PostToolUse', BASH)).toEqual({});
  });

  it('keeps a turn going at its end', async () => {
    const bench = await mcpBench();
    await runHook(bench, 'PostToolBatch');
    await bench.hub.tell(await bench.session(), 'Also the docs', ADA);
    let output: Awaited<ReturnType<typeof runHook>> = {};
    await until(
      async () => {
        output = await runHook(bench, 'Stop', { stop_hook_active: 'false' });
        return output.decision !== undefined;
      },
      () => 'the end of a turn that is held up',
    );
    expect(output).toMatchObject({ decision: 'block', reason: expect.stringContaining('Also the docs') });
  });

  it('does not go to a subagent', async () => {
    const bench = await mcpBench();
    await runHook(bench, 'PostToolBatch');
    await bench.hub.tell(await bench.session(), 'Use tabs', ADA);
    await bench.hub.until(await bench.session(), (state) => [...state.messages.values()].find(({ waits }) => waits));
    expect(await runHook(bench, 'PostToolUse', { ...BASH, agent_id: 'a1' })).toEqual({});
    expect((await runHook(bench, 'UserPromptSubmit', { prompt: 'x' })).hookSpecificOutput?.additionalContext).toContain(
      'Use tabs',
    );
  });
});
