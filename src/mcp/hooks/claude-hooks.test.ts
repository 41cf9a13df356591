import { describe, expect, it, vi } from 'vitest';
import { runHook, textOf } from '../../../test/support/claude-hooks.ts';
import { BENCH_HOST, type Bench, mcpBench } from '../../../test/support/mcp-bench.ts';
import type { QuestionState } from '../../domain/session-state.ts';

const BASH = { tool_name: 'Bash', tool_input: { command: 'node -e 1', description: 'tries it' } };
const ADA = { channel: 'telegram', id: '7', name: 'Ada' };

/** The newest card of the session that still waits. */
async function nextCard({ hub, session }: Bench, text?: string): Promise<QuestionState> {
  const id = await session();
  return hub.until(id, (state) =>
    [...state.questions.values()].findLast(
      (question) => question.status === 'pending' && (!text || question.record.question === text),
    ),
  );
}

async function press(bench: Bench, card: QuestionState, label: string): Promise<void> {
  await bench.hub.answer(await bench.session(), card.record.id, label, false, [label]);
}

async function untilClosed(bench: Bench, card: QuestionState) {
  return bench.hub.until(await bench.session(), (state) => state.questions.get(card.record.id)?.closed);
}

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

describe('a run without a terminal', () => {
  it('decides nothing when nobody can be reached, instead of hanging', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    bench.link.channels = [{ name: 'telegram', ok: false, detail: 'unreachable', since: new Date().toISOString() }];
    const [hook, prompt] = await Promise.all([
      runHook(bench, 'PermissionRequest', BASH),
      bench.call('permission_prompt', { tool_name: 'Bash', input: BASH.tool_input, tool_use_id: 'toolu_1' }),
    ]);
    expect(hook).toEqual({});
    expect(JSON.parse(textOf(prompt))).toEqual({
      behavior: 'deny',
      message: 'Nobody has decided this: no person could be reached, or none answered in time.',
    });
  });

  it('asks by --permission-prompt-tool', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    const input = { command: 'ls' };
    const deciding = bench.call('permission_prompt', { tool_name: 'Bash', input, tool_use_id: 'toolu_1' });
    const card = await nextCard(bench);
    expect(card.record.permission?.grant).toBe('Bash(ls)');
    await press(bench, card, 'Allow once');
    expect(JSON.parse(textOf(await deciding))).toEqual({ behavior: 'allow', updatedInput: input });
    const denying = bench.call('permission_prompt', { tool_name: 'Bash', input, tool_use_id: 'toolu_2' });
    await bench.hub.answer(await bench.session(), (await nextCard(bench)).record.id, 'Not now');
    expect(JSON.parse(textOf(await denying))).toEqual({
      behavior: 'deny',
      message: 'The user denied this and said: Not now',
    });
  });

  it('shows one card for a permission that comes both ways at once', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    const hook = runHook(bench, 'PermissionRequest', BASH);
    const prompt = bench.call('permission_prompt', {
      tool_name: 'Bash',
      input: { description: 'tries it', command: 'node -e 1' },
    });
    await press(bench, await nextCard(bench), 'Allow once');
    expect((await hook).hookSpecificOutput?.decision?.behavior).toBe('allow');
    expect(JSON.parse(textOf(await prompt))).toMatchObject({ behavior: 'allow' });
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(1);
  });

  it('asks the questions of AskUserQuestion by --permission-prompt-tool', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    const input = { questions: [{ question: 'Which?', header: 'H', options: [{ label: 'A' }, { label: 'B' }] }] };
    const deciding = bench.call('permission_prompt', { tool_name: 'AskUserQuestion', input });
    await press(bench, await nextCard(bench, 'Which?'), 'B');
    expect(JSON.parse(textOf(await deciding))).toEqual({
      behavior: 'allow',
      updatedInput: { ...input, answers: { 'Which?': 'B' } },
    });
  });
});

describe("a question of Claude Code's own", () => {
  const COLOR = {
    question: 'Which color?',
    header: 'Color',
    options: [
      { label: 'Red', description: 'like fire' },
      { label: 'Blue', description: 'like sea', preview: 'a { color: blue }' },
    ],
    multiSelect: false,
  };
  const SIZE = {
    question: 'Which sizes?',
    header: 'Size',
    options: [{ label: 'S' }, { label: 'M, L' }],
    multiSelect: true,
  };

  function asks(bench: Bench, ...questions: object[]) {
    return runHook(bench, 'PermissionRequest', { tool_name: 'AskUserQuestion', tool_input: { questions } });
  }

  it('goes to the person, one card after another, and back by its exact words', async () => {
    const bench = await mcpBench();
    const deciding = asks(bench, COLOR, SIZE, { question: 'Name?', header: 'N', options: [] });
    const color = await nextCard(bench, 'Which color?');
    expect(color.record).toMatchObject({
      kind: 'question',
      options: [
        { label: 'Red', description: 'like fire' },
        { label: 'Blue', description: 'like sea' },
      ],
      multi_select: false,
      allow_text: true,
    });
    expect(color.record.context).toBe('Color · question 1 of 3\n\nBlue\n```\na { color: blue }\n```');
    await press(bench, color, 'Blue');
    const sizes = await nextCard(bench, 'Which sizes?');
    expect(sizes.record.multi_select).toBe(true);
    await bench.hub.answer(await bench.session(), sizes.record.id, 'S, M, L', false, ['S', 'M, L']);
    await bench.hub.answer(await bench.session(), (await nextCard(bench, 'Name?')).record.id, 'ask "Bob"');
    const { decision } = (await deciding).hookSpecificOutput ?? {};
    expect(decision).toMatchObject({
      behavior: 'allow',
      updatedInput: { questions: [COLOR, SIZE, { question: 'Name?' }] },
    });
    expect(decision?.updatedInput?.answers).toEqual({
      'Which color?': 'Blue',
      'Which sizes?': 'S, M, L',
      'Name?': 'ask "Bob"',
    });
  });

  it('takes labels that are longer than buttons, and equal ones, back to what they were', async () => {
    const bench = await mcpBench();
    const long = 'x'.repeat(300);
    const options = [{ label: `${long}1` }, { label: `${long}2` }];
    const deciding = asks(bench, { question: 'Long?', header: '', options });
    const card = await nextCard(bench, 'Long?');
    const labels = card.record.options?.map(({ label }) => label) ?? [];
    expect(new Set(labels).size).toBe(2);
    expect(Math.max(...labels.map((label) => label.length))).toBeLessThanOrEqual(200);
    expect(card.record.context).toContain(`${long}2`);
    await press(bench, card, labels[1] ?? '');
    expect((await deciding).hookSpecificOutput?.decision?.updatedInput?.answers).toEqual({ 'Long?': `${long}2` });
  });

  it('is settled when it is answered in the terminal, and asks no further', async () => {
    const bench = await mcpBench();
    const deciding = asks(bench, COLOR, SIZE);
    const card = await nextCard(bench, 'Which color?');
    const tool_input = { questions: [COLOR, SIZE], answers: { 'Which color?': 'Red', 'Which sizes?': 'S' } };
    await runHook(bench, 'PostToolUse', { tool_name: 'AskUserQuestion', tool_input });
    expect(await deciding).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal', answer: 'Red; S' });
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(1);
  });
});

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

describe('the end of a turn', () => {
  const STOP = { stop_hook_active: 'false', last_assistant_message: 'All **done**.', background_tasks: [] };

  async function away(finishedCard: 'on' | 'away', isAway: () => boolean): Promise<Bench> {
    const settings = { ...BENCH_HOST.settings, finishedCard };
    return mcpBench({ host: { settings, isAway: async () => isAway() }, timings: { slowLook: 20 } });
  }

  it('is not shown unless that is wanted', async () => {
    const bench = await mcpBench();
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('waits for a word while the person is away, which Claude goes on with', async () => {
    const bench = await away('away', () => true);
    const stopping = runHook(bench, 'Stop', STOP);
    const card = await nextCard(bench, 'I have finished. What shall I do next?');
    expect(card.record.context).toBe('All **done**.');
    await bench.hub.answer(await bench.session(), card.record.id, 'Now the tests');
    expect(await stopping).toEqual({ decision: 'block', reason: 'The person you work for (Ada) says: Now the tests' });
    await bench.hub.until(await bench.session(), (state) => state.questions.get(card.record.id)?.deliveredAt);
  });

  it('lets go as soon as the person is back, or types', async () => {
    let isAway = true;
    const bench = await away('away', () => isAway);
    const first = runHook(bench, 'Stop', STOP);
    const card = await nextCard(bench);
    await runHook(bench, 'UserPromptSubmit', { prompt: 'here I am' });
    expect(await first).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal' });
    const second = runHook(bench, 'Stop', STOP);
    await nextCard(bench);
    isAway = false;
    expect(await second).toEqual({});
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
  });

  it('does not hold up the desk: the card stays until the next prompt', async () => {
    const bench = await away('on', () => false);
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
    const card = await nextCard(bench);
    await runHook(bench, 'UserPromptSubmit', { prompt: 'next' });
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal' });
  });

  it('is not shown while something still runs in the background, nor without a terminal', async () => {
    const bench = await away('on', () => false);
    const background_tasks = [{ id: 'a', type: 'subagent', status: 'running' }];
    expect(await runHook(bench, 'Stop', { ...STOP, background_tasks })).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('goes on at most seven times in a row by itself', async () => {
    const bench = await away('away', () => true);
    for (let time = 0; time < 7; time += 1) {
      const stopping = runHook(bench, 'Stop', { ...STOP, stop_hook_active: time > 0 });
      const card = await nextCard(bench);
      await bench.hub.answer(await bench.session(), card.record.id, `word ${time}`);
      expect((await stopping).decision).toBe('block');
    }
    expect(await runHook(bench, 'Stop', { ...STOP, stop_hook_active: true })).toEqual({});
  });
});

describe('what the person says unasked', () => {
  it('goes along with the next hook that can carry it, once', async () => {
    const bench = await mcpBench();
    await runHook(bench, 'PostToolBatch');
    await bench.hub.tell(await bench.session(), 'Use tabs', ADA);
    const context = await vi.waitFor(async () => {
      const { hookSpecificOutput } = await runHook(bench, 'PostToolUse', BASH);
      expect(hookSpecificOutput).toBeDefined();
      return hookSpecificOutput;
    });
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
    await vi.waitFor(async () => {
      const output = await runHook(bench, 'Stop', { stop_hook_active: 'false' });
      expect(output).toMatchObject({ decision: 'block', reason: expect.stringContaining('Also the docs') });
    });
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
