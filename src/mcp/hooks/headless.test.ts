import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BASH, nextCard, press, runHook, textOf } from '../../../test/support/claude-hooks.ts';
import { mcpBench } from '../../../test/support/mcp-bench.ts';

const TELEGRAM = { name: 'telegram', ok: false, detail: 'unreachable', since: new Date().toISOString() };

describe('a run without a terminal', () => {
  it('decides nothing when nobody can be reached, instead of hanging', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    bench.link.channels = [TELEGRAM];
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

  it.each([
    ['a hub', { connected: false, channels: null }],
    ['a hub that has only just been started', { connected: true, channels: null }],
    ['a channel that has only just begun', { connected: true, channels: [{ ...TELEGRAM, connecting: true }] }],
  ])('waits for %s, and asks once it reaches somebody', async (_what, before) => {
    const bench = await mcpBench({ host: { headless: true } });
    const there = { connected: bench.link.connected, channels: bench.link.channels };
    Object.assign(bench.link, before);
    const hook = runHook(bench, 'PermissionRequest', BASH);
    // Long against the looks at who can be reached.
    expect(await Promise.race([hook, sleep(200)])).toBe(undefined);
    Object.assign(bench.link, there);
    await press(bench, await nextCard(bench), 'Allow once');
    expect((await hook).hookSpecificOutput?.decision?.behavior).toBe('allow');
  });

  it('shows nothing for a permission that was called off while nobody could be reached', async () => {
    const bench = await mcpBench({ host: { headless: true } });
    bench.link.connected = false;
    const over = new AbortController();
    const given = { tool_name: 'Bash', input: BASH.tool_input };
    const asking = bench.call('permission_prompt', given, { signal: over.signal }).catch(() => 'called off');
    await sleep(100);
    over.abort();
    expect(await asking).toBe('called off');
    bench.link.connected = true;
    const next = runHook(bench, 'PermissionRequest', { ...BASH, tool_input: { command: 'another' } });
    const card = await nextCard(bench);
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(1);
    await press(bench, card, 'Allow once');
    await next;
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
