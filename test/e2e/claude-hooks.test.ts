import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setPresence } from '../../src/runtime/presence.ts';
import { runHook, textOf } from '../support/claude-hooks.ts';
import { startLine } from '../support/line.ts';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { runSwitchboard } from '../support/switchboard.ts';

const HEADLESS = { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' };
const BASH = { tool_name: 'Bash', tool_input: { command: 'git push --force' }, permission_suggestions: [] };

describe('the hooks of Claude Code, with the built command', () => {
  it('bring a permission to the phone and the decision back, and write all of it down', async () => {
    const { api, owner, start } = await startLine();
    const mcp = await start();
    const deciding = runHook(mcp, 'PermissionRequest', BASH);
    const card = await openCard(api, owner, 'git push --force');
    owner.presses(card, 'Deny');
    expect((await deciding).hookSpecificOutput?.decision).toMatchObject({ behavior: 'deny' });
    await settledCard(api, owner, 'May I run a command?', 'delivered');
    const records = recordsOf(mcp, await mcp.session());
    expect(records.find(({ type }) => type === 'question')).toMatchObject({
      kind: 'permission',
      permission: { tool: 'Bash', dangers: ['Overwrites or deletes what is on a git remote.'] },
    });
    expect(records.find(({ type }) => type === 'session_updated')).toMatchObject({ claude_session_id: 'claude-1' });
    expect(records.filter(({ type }) => type === 'answer_delivered')).toHaveLength(1);
  });

  it('take an answer from a terminal, and settle what the dialog has answered', async () => {
    const mcp = await startMcp();
    const session = await mcp.session();
    const first = runHook(mcp, 'PermissionRequest', { tool_name: 'Bash', tool_input: { command: 'ls' } });
    const { record } = await mcp.hub.question(session, 'May I run a command?');
    const { code } = await runSwitchboard(['answer', record.id, 'Allow', 'once'], { home: mcp.home, cwd: mcp.project });
    expect(code).toBe(0);
    expect((await first).hookSpecificOutput?.decision).toEqual({ behavior: 'allow' });
    const write = { tool_name: 'Write', tool_input: { file_path: '/elsewhere/a', content: 'x' } };
    const second = runHook(mcp, 'PermissionRequest', write);
    const asked = await mcp.hub.question(session, 'Write /elsewhere/a?');
    expect(asked.record.permission?.dangers).toEqual(['Writes outside of the project: /elsewhere/a']);
    await runHook(mcp, 'PostToolUse', write);
    expect(await second).toEqual({});
    const closed = await mcp.hub.until(session, (state) => state.questions.get(asked.record.id)?.closed);
    expect(closed).toMatchObject({ reason: 'answered_elsewhere', where: 'terminal', answer: 'Allowed' });
  });

  it('hold what somebody at the desk may answer, unless they are away', async () => {
    const place = mcpPlace();
    const mcp = await startMcp(place, { env: { DESK_SECONDS: '600' } });
    const session = await mcp.session();
    const ask = (command: string) =>
      runHook(mcp, 'PermissionRequest', { tool_name: 'Bash', tool_input: { command, description: command } });
    const first = ask('ls');
    const held = await mcp.hub.question(session, 'May I run a command?');
    expect(Date.parse(held.record.hold_until ?? '')).toBeGreaterThan(Date.now() + 500_000);
    await runHook(mcp, 'PostToolBatch');
    expect(await first).toEqual({});
    mkdirSync(place.home, { recursive: true });
    setPresence(place.home, true);
    const second = ask('pwd');
    const shown = await mcp.hub.until(session, (state) =>
      [...state.questions.values()].find(({ status }) => status === 'pending'),
    );
    expect(shown.record).not.toHaveProperty('hold_until');
    await runHook(mcp, 'PostToolBatch');
    expect(await second).toEqual({});
  });

  it('ask the person of a run without a terminal that came before Telegram could be reached', async () => {
    const { api, owner, env, place, timings } = await startLine();
    let reach = (): void => undefined;
    const reachable = new Promise<void>((resolve) => {
      reach = resolve;
    });
    api.fail('getMe', { kind: 'hold', until: reachable });
    const mcp = await startMcp(place, { env: { ...env, ...HEADLESS, WEB_PORT: 'off' }, timings });
    const deciding = runHook(mcp, 'PermissionRequest', BASH);
    await api.waitFor(() => api.requests.some(({ method }) => method === 'getMe'));
    reach();
    owner.presses(await openCard(api, owner, 'git push --force'), 'Deny');
    expect((await deciding).hookSpecificOutput?.decision).toMatchObject({ behavior: 'deny' });
  });

  it.each([
    ['no page is open', {}],
    ['there is no channel', { WEB_PORT: 'off' }],
  ])(
    'decide nothing in a run without a terminal, and hold it up no longer than a hub takes, when %s',
    async (_why, web) => {
      const mcp = await startMcp(mcpPlace(), { env: { ...HEADLESS, ...web }, timings: { pagesBack: 100 } });
      const began = performance.now();
      expect(await runHook(mcp, 'PermissionRequest', BASH)).toEqual({});
      const prompt = await mcp.call('permission_prompt', {
        tool_name: 'Bash',
        input: BASH.tool_input,
        tool_use_id: 't',
      });
      expect(JSON.parse(textOf(prompt))).toMatchObject({ behavior: 'deny' });
      expect(recordsOf(mcp, await mcp.session()).filter(({ type }) => type === 'question')).toEqual([]);
      // It waits half a minute for what is only just starting.
      expect(performance.now() - began).toBeLessThan(20_000);
    },
  );
});
