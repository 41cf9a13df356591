import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSessionId, type SessionId } from '../../src/domain/ids.ts';
import type { QuestionState, SessionState } from '../../src/domain/session-state.ts';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import { type ClaudeDesk, claudeDesk } from '../support/claude-code.ts';
import { type ModelRequest, says, uses } from '../support/messages-api/scripted-model.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { until } from '../support/switchboard.ts';

const COLOR = {
  questions: [
    {
      question: 'Which color?',
      header: 'Color',
      options: [
        { label: 'Red', description: 'like fire' },
        { label: 'Blue', description: 'like sea' },
      ],
      multiSelect: false,
    },
  ],
};
const ASK = 'mcp__switchboard__ask_blocking_question';

const deskWithHooks = () => claudeDesk({ settings: { hooks: claudeHooks('switchboard') } });

function bash(command: string) {
  return uses('Bash', { command, description: 'a try' });
}

/** A turn that says what the last tool gave. */
function tellsResult({ toolResult }: ModelRequest) {
  return says(`Got: ${toolResult}`);
}

/** The live session of the desk's project, as soon as it has its file. */
async function sessionOf({ place }: ClaudeDesk): Promise<SessionId> {
  const find = (): string | undefined =>
    existsSync(place.sessionsDirectory)
      ? readdirSync(place.sessionsDirectory).find((name) => name.endsWith('.jsonl'))
      : undefined;
  await until(
    () => find() !== undefined,
    () => 'a session file',
  );
  return parseSessionId((find() ?? '').replace('.jsonl', ''));
}

async function inLog<T>(desk: ClaudeDesk, probe: (state: SessionState) => T | undefined): Promise<T> {
  return desk.place.hub.until(await sessionOf(desk), probe);
}

function find(state: SessionState, text: string): QuestionState | undefined {
  return [...state.questions.values()].findLast(({ record }) => record.question === text);
}

describe('a permission of a `claude -p` run', () => {
  it('is asked on the phone, by the hook and by --permission-prompt-tool, with one card', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const args = ['--permission-prompt-tool', 'mcp__switchboard__permission_prompt'];
    const model = messages.model(bash('touch one'), uses('AskUserQuestion', COLOR), tellsResult);
    const printed = desk.print('go', { model, args });
    owner.presses(await openCard(api, owner, 'touch one'), 'Allow once');
    owner.presses(await openCard(api, owner, 'Which color?'), 'Blue');
    expect((await printed).stdout).toMatch(/Got: .*"Which color\?"="Blue"/);
    expect(existsSync(join(desk.place.project, 'one'))).toBe(true);
    expect(owner.messages().filter(({ text }) => text?.includes('May I run a command?'))).toHaveLength(1);
  });

  it('is left to Claude Code when nobody can be reached', async () => {
    const desk = await deskWithHooks();
    const model = desk.messages.model(bash('touch one'), tellsResult);
    await desk.api.close();
    expect((await desk.print('go', { model })).stdout).toMatch(/Got: .*(requires|needs) approval/);
  });
});

describe("Claude Code's session", () => {
  it('is known by its right id after /clear and after --continue', async () => {
    const desk = await deskWithHooks();
    const model = desk.messages.model(says('one'), says('two'));
    const claude = await desk.terminal({ model });
    await claude.prompts('first');
    await claude.sees(/one/);
    const first = await inLog(desk, (state) => state.claudeSessionId);
    await claude.prompts('/clear');
    await claude.prompts('second');
    await claude.sees(/two/);
    const second = await inLog(desk, (state) => (state.claudeSessionId === first ? undefined : state.claudeSessionId));
    claude.close();
    await until(
      () => readdirSync(desk.place.sessionsDirectory).every((name) => !name.endsWith('.jsonl')),
      () => 'the end of the session',
    );
    const asking = desk.messages.model(uses(ASK, { question: 'Still me?' }), says('yes'));
    const printed = desk.print('third', { model: asking, args: ['--continue'] });
    const card = await openCard(desk.api, desk.owner, 'Still me?');
    expect(await inLog(desk, (state) => (find(state, 'Still me?') ? state.claudeSessionId : undefined))).toBe(second);
    desk.owner.says('sure', { replyTo: card });
    expect((await printed).code).toBe(0);
  });
});

describe("Claude Code's tasks", () => {
  it('are written down', async () => {
    const desk = await deskWithHooks();
    const model = desk.messages.model(
      uses('TaskCreate', { subject: 'Rename it', description: 'everywhere' }),
      uses(ASK, { question: 'Done?' }),
      says('ok'),
    );
    const printed = desk.print('go', { model, env: { CLAUDE_CODE_ENABLE_TODO_TOOLS: '1' } });
    const card = await openCard(desk.api, desk.owner, 'Done?');
    expect(await inLog(desk, (state) => state.tasks.get('1'))).toEqual({ title: 'Rename it', status: 'pending' });
    desk.owner.says('yes', { replyTo: card });
    expect((await printed).code).toBe(0);
  });
});

describe('what reaches the real Claude Code', () => {
  it('late: the answer to a question that took longer than Claude Code waits', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const model = messages.model(uses(ASK, { question: 'Slow?' }), says('I go on.'), ({ prompt }) =>
      says(`Late: ${/at last/.exec(prompt)}`),
    );
    const claude = await desk.terminal({ model, env: { MCP_TOOL_TIMEOUT: '1000' } });
    await claude.prompts('go');
    const card = await openCard(api, owner, 'Slow?');
    await claude.sees(/I go on\./);
    owner.says('at last', { replyTo: card });
    await claude.sees(/Late: at last/);
    await settledCard(api, owner, 'Slow?', 'delivered');
  });
});
