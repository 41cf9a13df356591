import { describe, expect, it, vi } from 'vitest';
import { BASH, nextCard, press, runHook, untilClosed } from '../../../test/support/claude-hooks.ts';
import { BENCH_HOST, mcpBench } from '../../../test/support/mcp-bench.ts';

describe('a permission', () => {
  it('is shown with all that will be approved, and allowed once', async () => {
    const bench = await mcpBench();
    const deciding = runHook(bench, 'PermissionRequest', { ...BASH, permission_suggestions: [] });
    const { record } = await nextCard(bench);
    expect(record).toMatchObject({
      kind: 'permission',
      question: 'May I run a command?',
      options: [{ label: 'Allow once' }, { label: 'Deny' }],
      multi_select: false,
      allow_text: true,
      permission: { tool: 'Bash', cwd: '/nowhere/engine', input_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(record.permission).not.toHaveProperty('dangers');
    expect(record).not.toHaveProperty('hold_until');
    expect(record.context).toBe(
      "```sh\nnode -e 1\n```\n\nWhy, in Claude's words: tries it\nDirectory: /nowhere/engine",
    );
    await press(bench, await nextCard(bench), 'Allow once');
    expect(await deciding).toEqual({
      hookSpecificOutput: { hookEventName: 'PermissionRequest', decision: { behavior: 'allow' } },
    });
    await bench.hub.until(await bench.session(), (state) => state.questions.get(record.id)?.deliveredAt);
    expect((await bench.call('check_question_answers')).structuredContent).toEqual({ questions: [], pending: 0 });
  });

  it('is allowed for the session, never for longer, and the card says what that means', async () => {
    const bench = await mcpBench();
    const rule = { type: 'addRules', rules: [{ toolName: 'Bash', ruleContent: 'node *' }], behavior: 'allow' };
    const deciding = runHook(bench, 'PermissionRequest', {
      tool_name: 'Bash',
      tool_input: { command: 'node --version' },
      permission_suggestions: [{ ...rule, destination: 'localSettings' }],
    });
    const card = await nextCard(bench);
    expect(card.record.options).toEqual([
      { label: 'Allow once' },
      { label: 'Allow for this session', description: 'Bash(node *)' },
      { label: 'Deny' },
    ]);
    expect(card.record.permission).toMatchObject({ grant: 'Bash(node *)' });
    await press(bench, card, 'Allow for this session');
    expect((await deciding).hookSpecificOutput?.decision).toEqual({
      behavior: 'allow',
      updatedPermissions: [{ ...rule, destination: 'session' }],
    });
  });

  it('that is dangerous is allowed for the session as it stands, and nothing else of its kind', async () => {
    const bench = await mcpBench();
    const rule = { type: 'addRules', rules: [{ toolName: 'Bash', ruleContent: 'git push *' }], behavior: 'allow' };
    const deciding = runHook(bench, 'PermissionRequest', {
      tool_name: 'Bash',
      tool_input: { command: 'git push --force' },
      permission_suggestions: [{ ...rule, destination: 'localSettings' }],
    });
    const card = await nextCard(bench);
    expect(card.record.permission).toMatchObject({
      grant: 'Bash(git push --force)',
      dangers: ['Overwrites or deletes what is on a git remote.'],
    });
    await press(bench, card, 'Allow for this session');
    const rules = [{ toolName: 'Bash', ruleContent: 'git push --force' }];
    expect((await deciding).hookSpecificOutput?.decision).toEqual({
      behavior: 'allow',
      updatedPermissions: [{ ...rule, rules, destination: 'session' }],
    });
  });

  it('is denied with the words of the person', async () => {
    const bench = await mcpBench();
    const denying = runHook(bench, 'PermissionRequest', BASH);
    await press(bench, await nextCard(bench), 'Deny');
    expect((await denying).hookSpecificOutput?.decision).toEqual({
      behavior: 'deny',
      message: 'The user denied this.',
    });
    const saying = runHook(bench, 'PermissionRequest', BASH);
    await bench.hub.answer(await bench.session(), (await nextCard(bench)).record.id, 'Use "pnpm"\ninstead');
    expect((await saying).hookSpecificOutput?.decision?.message).toBe(
      'The user denied this and said: Use "pnpm"\ninstead',
    );
  });

  it.each([
    ['the tool has run', 'PostToolUse', BASH, 'Allowed'],
    ['the tool has failed', 'PostToolUseFailure', BASH, 'Allowed'],
    ['the turn went on without it', 'PostToolBatch', {}, undefined],
    ['somebody typed the next prompt', 'UserPromptSubmit', { prompt: 'go on' }, undefined],
    ['the turn ended', 'Stop', { stop_hook_active: 'false', last_assistant_message: 'ok' }, undefined],
  ])('is settled as answered in the terminal when %s', async (_when, event, fields, answer) => {
    const bench = await mcpBench();
    const deciding = runHook(bench, 'PermissionRequest', BASH);
    const card = await nextCard(bench);
    expect(await runHook(bench, event, fields)).toEqual({});
    expect(await deciding).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({
      reason: 'answered_elsewhere',
      where: 'terminal',
      ...(answer ? { answer } : {}),
    });
  });

  it('is settled when the host cancels its hook: Esc, or a plain No', async () => {
    const bench = await mcpBench();
    const cancel = new AbortController();
    const deciding = runHook(bench, 'PermissionRequest', BASH, { signal: cancel.signal });
    const card = await nextCard(bench);
    cancel.abort('AbortError: The operation was aborted.');
    await expect(deciding).rejects.toThrow();
    const closed = await untilClosed(bench, card);
    expect(closed).toMatchObject({ reason: 'answered_elsewhere', where: 'terminal' });
    expect(closed.answer).toBeUndefined();
  });

  it('that is asked for twice has two cards, each for its own use: that one has run settles the other one not', async () => {
    const bench = await mcpBench();
    const first = runHook(bench, 'PermissionRequest', BASH);
    const card = await nextCard(bench);
    const second = runHook(bench, 'PermissionRequest', BASH);
    const id = await bench.session();
    const other = await bench.hub.until(id, (state) => [...state.questions.values()][1]);
    await press(bench, card, 'Allow once');
    expect((await first).hookSpecificOutput?.decision?.behavior).toBe('allow');
    await runHook(bench, 'PostToolUse', BASH);
    await press(bench, other, 'Deny');
    expect((await second).hookSpecificOutput?.decision?.behavior).toBe('deny');
  });

  it('of one agent is not settled by what another one does, nor by prompts that nobody typed', async () => {
    const bench = await mcpBench();
    const one = runHook(bench, 'PermissionRequest', { ...BASH, agent_id: 'a1', agent_type: 'Explore' });
    const two = runHook(bench, 'PermissionRequest', { ...BASH, agent_id: 'a2', agent_type: 'Explore' });
    const id = await bench.session();
    await bench.hub.until(id, (state) => (state.open.size === 2 ? true : undefined));
    expect((await nextCard(bench)).record.context).toContain('Asked by a subagent (Explore)');
    const main = runHook(bench, 'PermissionRequest', { tool_name: 'Bash', tool_input: { command: 'ls' } });
    await bench.hub.until(id, (state) => (state.open.size === 3 ? true : undefined));
    await runHook(bench, 'UserPromptSubmit', { prompt: '<task-notification>done</task-notification>' });
    await runHook(bench, 'PostToolUse', { ...BASH, agent_id: 'a3' });
    await runHook(bench, 'SubagentStop', { agent_id: 'a1' });
    expect(await one).toEqual({});
    await runHook(bench, 'PostToolUse', { ...BASH, agent_id: 'a2' });
    expect(await two).toEqual({});
    await bench.hub.until(id, (state) => (state.open.size === 1 ? true : undefined));
    await press(bench, await nextCard(bench), 'Allow once');
    expect((await main).hookSpecificOutput?.decision?.behavior).toBe('allow');
  });

  it('expires before the hook does, and decides nothing', async () => {
    const bench = await mcpBench({ timings: { minute: 0.02 } });
    const deciding = runHook(bench, 'PermissionRequest', BASH);
    const id = await bench.session();
    expect(await deciding).toEqual({});
    const closed = await bench.hub.until(id, (state) => [...state.questions.values()][0]?.closed);
    expect(closed.reason).toBe('expired');
  });

  it('is not asked for the tools that ask', async () => {
    const bench = await mcpBench();
    for (const server of ['switchboard', 'plugin_switchboard_switchboard']) {
      const tool_name = `mcp__${server}__ask_blocking_question`;
      const { hookSpecificOutput } = await runHook(bench, 'PermissionRequest', { tool_name, tool_input: {} });
      expect(hookSpecificOutput?.decision).toEqual({ behavior: 'allow' });
    }
  });

  it.each([
    ['no tool', { tool_name: '', tool_input: {} }],
    ['an input that is none', { tool_name: 'Bash', tool_input: 'rm' }],
    ['a plan without a plan', { tool_name: 'ExitPlanMode', tool_input: {} }],
    ['questions that are none', { tool_name: 'AskUserQuestion', tool_input: { questions: [{ question: 7 }] } }],
  ])('decides nothing about %s', async (_what, fields) => {
    const bench = await mcpBench();
    expect(await runHook(bench, 'PermissionRequest', fields)).toEqual({});
  });

  it('decides nothing about what is too large to be shown: then there is no card', async () => {
    const bench = await mcpBench();
    const input = { file_path: '/nowhere/engine/big.txt', content: 'a'.repeat(4 * 1024 * 1024) };
    expect(await runHook(bench, 'PermissionRequest', { tool_name: 'Write', tool_input: input })).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('decides nothing when it cannot be written down', async () => {
    const bench = await mcpBench();
    const id = await bench.session();
    const append = vi.spyOn(bench.memory, 'append').mockRejectedValue(new Error('The disk is full.'));
    expect(await runHook(bench, 'PermissionRequest', BASH)).toEqual({});
    append.mockRestore();
    expect((await bench.hub.until(id, (state) => state)).questions.size).toBe(0);
  });

  it('waits for somebody at the desk first, if that is wanted and nobody is away', async () => {
    const settings = { ...BENCH_HOST.settings, deskSeconds: 60 };
    let away = false;
    const bench = await mcpBench({ host: { settings, isAway: async () => away } });
    const first = runHook(bench, 'PermissionRequest', BASH);
    const { record } = await nextCard(bench);
    expect(Date.parse(record.hold_until ?? '') - Date.parse(record.created_at)).toBeGreaterThan(58_000);
    await runHook(bench, 'PostToolUse', BASH);
    await first;
    away = true;
    const second = runHook(bench, 'PermissionRequest', BASH);
    const card = await nextCard(bench);
    expect(card.record).not.toHaveProperty('hold_until');
    await press(bench, card, 'Deny');
    await second;
  });

  it('to write where Switchboard keeps its things is dangerous, wherever it was told to keep them', async () => {
    const host = { switchboardHome: '/nowhere/engine/board', sessionsDirectory: '/nowhere/engine/answers' };
    const bench = await mcpBench({ host });
    for (const file_path of ['/nowhere/engine/board/config.json', '/nowhere/engine/answers/0b6f.jsonl']) {
      const tool_input = { file_path, content: '{}' };
      const deciding = runHook(bench, 'PermissionRequest', { tool_name: 'Write', tool_input });
      const card = await nextCard(bench);
      expect(card.record.permission?.dangers).toEqual([expect.stringMatching(/^Changes Switchboard's/)]);
      await press(bench, card, 'Deny');
      await deciding;
    }
  });

  it('approves a plan only with the plan itself, and edits along with it when that is wanted', async () => {
    const bench = await mcpBench();
    const input = { plan: '# Plan\n1. Rename', planFilePath: '/nowhere/plan.md' };
    const deciding = runHook(bench, 'PermissionRequest', { tool_name: 'ExitPlanMode', tool_input: input });
    const card = await nextCard(bench, 'Shall I go on with this plan?');
    expect(card.record.context).toContain('# Plan\n1. Rename');
    await press(bench, card, 'Allow for this session');
    expect((await deciding).hookSpecificOutput?.decision).toEqual({
      behavior: 'allow',
      updatedInput: input,
      updatedPermissions: [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }],
    });
  });
});
