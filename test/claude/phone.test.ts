import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { type ClaudeDesk, claudeDesk } from '../support/claude-code.ts';
import type { ClaudeTerminal } from '../support/claude-terminal.ts';
import { mcpPlace } from '../support/mcp-client.ts';
import { type ModelRequest, says, uses } from '../support/messages-api/scripted-model.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { kill, until } from '../support/switchboard.ts';

const DIALOG = /Do you want/;
const PATIENCE_MS = 400;

const deskWithHooks = () => claudeDesk({ settings: { hooks: claudeHooks('switchboard') } });

function bash(command: string) {
  return uses('Bash', { command, description: 'a try' });
}

function asks(question: string, labels: string[], multiSelect = false) {
  const options = labels.map((label) => ({ label, description: `as in ${label}` }));
  return { question, header: 'Choice', options, multiSelect };
}

/** A turn that says what the last tool gave. */
function tellsResult({ toolResult }: ModelRequest) {
  return says(`Got: ${toolResult}`);
}

/** The newest message of the phone that offers this button and says this. */
function offered({ api, owner }: ClaudeDesk, text: string, button: string): Promise<SeenMessage> {
  return api.waitFor(() =>
    owner.messages().findLast((message) => message.text?.includes(text) && buttonTexts(message).includes(button)),
  );
}

function ran({ place }: ClaudeDesk, file: string): boolean {
  return existsSync(join(place.project, file));
}

function there(desk: ClaudeDesk, file: string): Promise<void> {
  return until(
    () => ran(desk, file),
    () => `the file ${file}`,
  );
}

/** Marks the last option of a permission's dialog. */
async function marksNo(claude: ClaudeTerminal): Promise<void> {
  await claude.sees(DIALOG);
  claude.presses('Up');
  await claude.sees(/❯ \d\. No/);
}

/** Takes the option that is marked: a young dialog swallows what comes too soon, and an empty prompt takes no harm. */
async function enters(claude: ClaudeTerminal, dialog = DIALOG): Promise<void> {
  let pressedAt = Number.NEGATIVE_INFINITY;
  await until(
    () => {
      if (!dialog.test(claude.screen())) return true;
      if (performance.now() - pressedAt < PATIENCE_MS) return false;
      claude.presses('Enter');
      pressedAt = performance.now();
      return false;
    },
    () => `the end of the dialog:\n${claude.screen()}`,
  );
}

describe("Claude Code's own questions, with the terminal and the phone side by side", () => {
  it('are answered on the phone or in the terminal: the other one closes, and Claude has the choice', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const model = messages.model(
      uses('AskUserQuestion', { questions: [asks('Which color?', ['Red', 'Blue'])] }),
      uses('AskUserQuestion', {
        questions: [asks('Which sizes?', ['S', 'M', 'XL'], true), asks('Which font?', ['Serif', 'Mono'])],
      }),
      uses('AskUserQuestion', { questions: [asks('Which shape?', ['Round', 'Flat'])] }),
      tellsResult,
    );
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    const color = await openCard(api, owner, 'Which color?');
    await claude.sees(/1\. Red/);
    owner.presses(color, 'Blue');

    const sizes = await openCard(api, owner, 'Which sizes?');
    await until(
      () => !/1\. Red/.test(claude.screen()),
      () => `the end of the dialog:\n${claude.screen()}`,
    );
    owner.presses(sizes, 'S');
    owner.presses(await offered(desk, 'Which sizes?', '☑️ 1. S'), 'XL');
    owner.presses(await offered(desk, 'Which sizes?', '✔️ Done (2)'), 'Done');
    owner.says('a font of our own', { replyTo: await openCard(api, owner, 'Which font?') });

    await openCard(api, owner, 'Which shape?');
    await claude.sees(/2\. Flat/);
    claude.presses('Down');
    await claude.sees(/❯ 2\. Flat/);
    await enters(claude, /2\. Flat/);
    await claude.sees(/Got: .*"Which shape\?"="Flat"/);
    await settledCard(api, owner, 'Which shape?', 'Answered in the terminal: “Flat”.');
    await settledCard(api, owner, 'Which color?', 'delivered');
    const told = model.requests.map(({ toolResult }) => toolResult);
    expect(told[1]).toContain('"Which color?"="Blue"');
    expect(told[2]).toContain('"Which sizes?"="S, XL"');
    expect(told[2]).toContain('"Which font?"="a font of our own"');
  });
});

describe('a permission, with the terminal and the phone side by side', () => {
  it('is allowed once, then for the session, another one is denied with words, a dangerous one asks twice', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages, place } = desk;
    const odd = 'touch two # __Allow once__ <b>\u202egnihton';
    const danger = 'rm -rf build';
    const model = messages.model(
      bash('touch one'),
      bash('touch one && touch again'),
      bash('touch one && touch again'),
      bash(odd),
      bash(danger),
      bash(danger),
      tellsResult,
    );
    mkdirSync(join(place.project, 'build'));
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    owner.presses(await openCard(api, owner, 'touch one'), 'Allow once');
    const second = await openCard(api, owner, 'touch one && touch again');
    expect(second.text).toContain('Allow for this session: Bash(touch one *), Bash(touch again *)');
    owner.presses(second, 'Allow for this session');
    // The third was not asked.
    const third = await openCard(api, owner, 'touch two');
    expect(third.text).toContain(odd.replace('\u202e', '\\u{202e}'));
    owner.says('Never that one', { replyTo: third });
    const card = await openCard(api, owner, 'rm -rf build');
    expect(card.text).toContain(`Allow for this session: Bash(${danger})`);
    owner.presses(card, 'Allow for this session');
    const again = await openCard(api, owner, 'Look at all of it.');
    expect(ran(desk, 'build')).toBe(true);
    owner.presses(again, 'Yes, allow for this session');
    // It was not asked again either.
    await claude.sees(/Got: /);
    expect([ran(desk, 'one'), ran(desk, 'again'), ran(desk, 'two'), ran(desk, 'build')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(model.requests.map(({ toolResult }) => toolResult)[4]).toBe('The user denied this and said: Never that one');
    expect(existsSync(join(place.project, '.claude/settings.local.json'))).toBe(false);
    const settled = await settledCard(api, owner, 'touch two', 'Denied: Never that one');
    expect(settled.text).toContain('May I run a command?');
    expect(owner.messages().filter(({ text }) => text?.includes('May I run a command?'))).toHaveLength(5);
  });

  it('is decided in the terminal: by Yes, No, No with words or Esc, and its card says so', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const model = messages.model(
      bash('touch yes'),
      says('Done so.'),
      bash('touch words'),
      says('As you say.'),
      bash('touch no'),
      bash('touch esc'),
    );
    const claude = await desk.terminal({ model });
    await claude.prompts('go');
    await openCard(api, owner, 'touch yes');
    await claude.sees(DIALOG);
    await enters(claude);
    await settledCard(api, owner, 'touch yes', 'Answered in the terminal: “Allowed”.');
    await claude.sees(/Done so/);

    await claude.prompts('go on');
    await openCard(api, owner, 'touch words');
    await marksNo(claude);
    claude.presses('Tab');
    await claude.sees(/No, and tell/);
    claude.presses('rather not');
    await claude.sees(/rather not/);
    await enters(claude);
    await settledCard(api, owner, 'touch words', 'Answered in the terminal.');
    await claude.sees(/As you say/);

    await claude.prompts('and now');
    await openCard(api, owner, 'touch no');
    await marksNo(claude);
    await enters(claude);
    await settledCard(api, owner, 'touch no', 'Answered in the terminal.');

    await claude.prompts('once more');
    await openCard(api, owner, 'touch esc');
    await claude.sees(DIALOG);
    claude.presses('Escape');
    await settledCard(api, owner, 'touch esc', 'Answered in the terminal.');
    expect(['yes', 'words', 'no', 'esc'].filter((file) => ran(desk, file))).toEqual(['yes']);
  });

  it('goes to the phone that its session belongs to; a killed Claude Code leaves no open card and an archived file', async () => {
    const [alpha, beta] = [mcpPlace().project, mcpPlace().project];
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const start = async (project: string) => {
      const claude = await desk.terminal({ model: messages.model(bash('touch mine'), tellsResult), project });
      await claude.prompts('go');
      return { claude, card: await openCard(api, owner, `Directory: ${project}`) };
    };
    const [first, second] = await Promise.all([start(alpha), start(beta)]);
    kill(first.claude.pid, 'SIGKILL');
    await settledCard(api, owner, `Directory: ${alpha}`, 'The session has ended');
    const archive = join(alpha, '.planning/telegram-sessions/archive');
    await until(
      () => existsSync(archive) && readdirSync(archive, { recursive: true }).some((name) => /\.jsonl$/.test(`${name}`)),
      () => `a file in ${archive}`,
    );
    const late = owner.presses(first.card, {
      data: first.card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '',
    });
    expect((await api.waitFor(() => late.answer)).text).toMatch(/nobody waits|No running session/);
    owner.presses(second.card, 'Allow once');
    await second.claude.sees(/Got: /);
    expect([alpha, beta].map((project) => existsSync(join(project, 'mine')))).toEqual([false, true]);
  });
});

describe('somebody who comes and goes', () => {
  it('is not disturbed at the desk; away, permissions and the end of a turn come to the phone, and words go back', async () => {
    const desk = await deskWithHooks();
    const { api, owner, messages } = desk;
    const heard = ({ body }: ModelRequest) => JSON.stringify(body.messages);
    const model = messages.model(
      bash('touch one'),
      says('All done.'),
      (request) => says(`Next: ${/now the tests/.exec(heard(request))}`),
      (request) => says(`Heard: ${/Use tabs/.exec(heard(request))}`),
    );
    const claude = await desk.terminal({ model, env: { FINISHED_CARD: 'away', DESK_SECONDS: '600' } });
    await claude.prompts('go');
    await claude.sees(DIALOG);
    owner.says('/pending');
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('No question is waiting')));
    owner.says('/away');
    owner.presses(await openCard(api, owner, 'touch one'), 'Allow once');
    await there(desk, 'one');

    owner.says('now the tests', { replyTo: await openCard(api, owner, 'All done.') });
    await claude.sees(/Next: now the tests/);
    await openCard(api, owner, 'Next: now the tests');
    owner.says('/back');
    await settledCard(api, owner, 'I have finished', 'Answered in the terminal.');

    owner.says(`/tell ${desk.place.project.split('/').at(-1)} Use tabs`);
    await claude.sees(/Heard: Use tabs/);
    await api.waitFor(() => owner.messages().find(({ text }) => text?.endsWith('Claude has it.')));
  });
});
