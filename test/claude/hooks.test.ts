import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSessionId, type SessionId } from '../../src/domain/ids.ts';
import type { QuestionState, SessionState } from '../../src/domain/session-state.ts';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import { setPresence } from '../../src/runtime/presence.ts';
import { type ClaudeDesk, claudeDesk } from '../support/claude-code.ts';
import type { ClaudeTerminal } from '../support/claude-terminal.ts';
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

/** How the question with this text was closed. */
function closed(desk: ClaudeDesk, text: string) {
  return inLog(desk, (state) => find(state, text)?.closed);
}

function find(state: SessionState, text: string): QuestionState | undefined {
  return [...state.questions.values()].findLast(({ record }) => record.question === text);
}

/** Presses a digit of a dialog, which swallows what comes too soon, until the dialog is gone. */
async function chooses(claude: ClaudeTerminal, digit: string, dialog: RegExp): Promise<void> {
  await claude.sees(dialog);
  await until(
    () => {
      if (!dialog.test(claude.screen())) return true;
      claude.presses(digit);
      return false;
    },
    () => `the end of the dialog:\n${claude.screen()}`,
  );
}

describe("Claude Code's own questions", () => {
  it('are answered on the phone: the dialog closes and the model has the choice', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const claude = await desk.terminal({ model: messages.model(uses('AskUserQuestion', COLOR), tellsResult) });
    await claude.prompts('go');
    const card = await openCard(api, owner, 'Which color?');
    await claude.sees(/1\. Red/);
    owner.presses(card, 'Blue');
    await claude.sees(/Got: Your questions have been answered: "Which color\?"="Blue"/);
    expect(claude.screen()).not.toMatch(/1\. Red/);
    await settledCard(api, owner, 'Which color?', 'delivered');
  });

  it('are answered in the terminal: the card is settled', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const claude = await desk.terminal({ model: messages.model(uses('AskUserQuestion', COLOR), tellsResult) });
    await claude.prompts('go');
    await openCard(api, owner, 'Which color?');
    await chooses(claude, '1', /1\. Red/);
    await claude.sees(/Got: .*"Which color\?"="Red"/);
    expect(await closed(desk, 'Which color?')).toMatchObject({
      reason: 'answered_elsewhere',
      where: 'terminal',
      answer: 'Red',
    });
    await settledCard(api, owner, 'Which color?', /./);
  });
});

describe('a permission of the real Claude Code', () => {
  it('is allowed once: the next time it is asked again, and denied with words', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const model = messages.model(bash('touch one'), bash('touch one'), tellsResult);
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    const first = await openCard(api, owner, 'touch one');
    owner.presses(first, 'Allow once');
    await until(
      () => existsSync(join(desk.place.project, 'one')),
      () => 'the file',
    );
    const again = await api.waitFor(() =>
      owner.messages().find((message) => message.reply_markup && message.message_id !== first.message_id),
    );
    owner.says('Not a second time', { replyTo: again });
    await claude.sees(/Got: The user denied this and said: Not a second time/);
  });

  it('is allowed for the session: this command passes from then on, another one does not', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const model = messages.model(bash('touch one'), bash('touch one'), bash('touch two'), tellsResult);
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    owner.presses(await openCard(api, owner, 'touch one'), 'Allow for this session');
    owner.presses(await openCard(api, owner, 'touch two'), 'Deny');
    await claude.sees(/Got: The user denied this\./);
    expect(await inLog(desk, (state) => state.questions.size)).toBe(2);
    expect(existsSync(join(desk.place.project, '.claude/settings.local.json'))).toBe(false);
  });

  it.each([
    ['allowed in the terminal', '1', { where: 'terminal', answer: 'Allowed' }],
    ['ended by Esc', 'Escape', { where: 'terminal' }],
  ])('%s has its card settled', async (_how, key, how) => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const claude = await desk.terminal({ model: messages.model(bash('touch one'), says('done')) });
    await claude.prompts('go');
    await openCard(api, owner, 'touch one');
    await chooses(claude, key, /Do you want/);
    expect(await closed(desk, 'May I run a command?')).toMatchObject({ reason: 'answered_elsewhere', ...how });
    await settledCard(api, owner, 'May I run a command?', /./);
  });

  it('of a `claude -p` run is asked on the phone, by the hook and by --permission-prompt-tool, with one card', async () => {
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

  it('of a `claude -p` run is left to Claude Code when nobody can be reached', async () => {
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
  it('unasked: a word starts a turn, and counts as delivered then', async () => {
    const desk = await deskWithHooks();
    const model = desk.messages.model(says('ready'), ({ prompt }) => says(`Heard: ${/Use tabs/.exec(prompt)}`));
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    await claude.sees(/ready/);
    await desk.place.hub.tell(await sessionOf(desk), 'Use tabs', { channel: 'telegram', id: '7', name: 'Ada' });
    await claude.sees(/Heard: Use tabs/);
    const message = await inLog(desk, (state) => [...state.messages.values()].find(({ delivered }) => delivered));
    expect(message.delivered?.by).toBe('socket');
  });

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

  it('at the end of a turn: what the person answers to "finished" while away is worked on', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages, place } = desk;
    const model = messages.model(says('All done.'), (request) =>
      says(`Next: ${/now the tests/.exec(JSON.stringify(request.body.messages))}`),
    );
    const claude = await desk.terminal({ model, env: { FINISHED_CARD: 'away' } });
    mkdirSync(place.home, { recursive: true, mode: 0o700 });
    setPresence(place.home, true);
    await claude.prompts('go');
    owner.says('now the tests', { replyTo: await openCard(api, owner, 'I have finished') });
    await claude.sees(/Next: now the tests/);
    await openCard(api, owner, 'Next: now the tests');
    await claude.prompts('I am back');
    await closed(desk, 'I have finished. What shall I do next?');
  });
});
