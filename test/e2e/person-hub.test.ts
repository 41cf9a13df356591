import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Line, OWNER_ID, startLine } from '../support/line.ts';
import { type OwnSession, openOwnSession } from '../support/own-session.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { hubLogged, kill, type RunningCommand, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';

const DANGER = 'Deletes files and directories, and everything in them.';
const PERMISSION = 'May I run a command?';

interface Stage extends Line {
  readonly session: OwnSession;
  readonly hub: RunningCommand;
  startHub(): RunningCommand;
  run(...args: string[]): ReturnType<typeof runSwitchboard>;
}

/** A real hub over a session whose file the test itself writes, as the session's server does. */
async function stage(env: Record<string, string> = {}): Promise<Stage> {
  const line = await startLine({ slowLook: 50 });
  const { place, timings } = line;
  const session = await openOwnSession(place, 'checkout');
  const options = { home: place.home, timings, env: { ...line.env, ...env } };
  const startHub = () => startSwitchboard(['hub'], options);
  const hub = startHub();
  await hubLogged(place.home, /hub started/);
  return { ...line, session, hub, startHub, run: (...args) => runSwitchboard(args, options) };
}

const fileOf = ({ place, session }: Stage) =>
  readFileSync(join(place.sessionsDirectory, `${session.id}.jsonl`), 'utf8');

describe('a permission of a session, with a real hub and a phone', () => {
  it('is allowed by two presses, though the hub is killed in between, and the record and the audit say so', async () => {
    const line = await stage();
    const { api, owner, session } = line;
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER], grant: 'Bash(rm *)' });
    owner.presses(await openCard(api, owner, PERMISSION), 'Allow for this session');
    const again = await openCard(api, owner, 'Look at all of it.');
    expect(again.text).toContain('rm -rf build');
    kill(line.hub.pid, 'SIGKILL');
    await line.hub.ended();
    line.startHub();
    owner.presses(again, 'Yes, allow for this session');
    const answer = await session.answer(question);
    expect(answer).toMatchObject({
      answer: 'Allow for this session',
      confirmed: 'twice',
      answered_by: { name: 'Ada' },
    });
    await settledCard(api, owner, PERMISSION, /Allowed for this session\nAda · .+ · delivered/);
    const { stdout } = await line.run('audit');
    expect(stdout).toContain('Bash: rm -rf build\n  allowed for the session by Ada (telegram, confirmed twice)');
    expect(stdout).toContain('allows: Bash(rm *)\n  danger: Deletes files');
  });

  it('needs the PIN where one is set; it stands in no file and no log', async () => {
    const line = await stage({ PERMISSION_PIN: '471108' });
    const { api, owner, session, place } = line;
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    owner.presses(await openCard(api, owner, PERMISSION), 'Allow once');
    owner.presses(await openCard(api, owner, 'Look at all of it.'), 'Yes, allow once');
    const prompt = await api.waitFor(() => owner.messages().find((message) => message.forceReply));
    owner.says('000000', { replyTo: prompt });
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('4 attempts are left')));
    owner.says('471108', { replyTo: prompt });
    expect(await session.answer(question)).toMatchObject({ answer: 'Allow once', confirmed: 'pin' });
    expect(fileOf(line) + readFileSync(join(place.home, 'hub.log'), 'utf8')).not.toMatch(/471108|000000/);
  });

  it('answered in the terminal is settled so, and a press on it changes nothing', async () => {
    const { api, owner, session } = await stage();
    const question = await session.permission({ command: 'ls' });
    const card = await openCard(api, owner, PERMISSION);
    await session.answeredInTerminal(question);
    await settledCard(api, owner, PERMISSION, 'Answered in the terminal.');
    const late = owner.presses(card, { data: card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '' });
    expect((await api.waitFor(() => late.answer)).text).toBe('Answered in the terminal.');
  });

  it('of two owners the first decides; a stranger decides nothing', async () => {
    const line = await stage({ TELEGRAM_OWNER_ID: `${OWNER_ID},8` });
    const { api, owner, session } = line;
    const [bob, eve] = [api.user(8, 'Bob'), api.user(9, 'Eve')];
    // Bob was no owner when the chats were opened, but is one of the settings: his card comes, too.
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const card = await openCard(api, owner, PERMISSION);
    const forged = eve.presses(card, { data: card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '' });
    expect((await api.waitFor(() => forged.answer)).text).toContain('its owner only');
    owner.presses(card, 'Allow once');
    bob.presses(await openCard(api, bob, PERMISSION), 'Deny');
    expect(await session.answer(question)).toMatchObject({ answer: 'Deny', answered_by: { name: 'Bob' } });
    const late = owner.presses(
      await api.waitFor(() => owner.messages().find(({ text }) => text?.includes(PERMISSION))),
      {
        data: card.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '',
      },
    );
    expect((await api.waitFor(() => late.answer)).text).toContain('already by Bob');
  });

  it('waits for the desk until its time, or until somebody is away; status lists it then', async () => {
    const line = await stage();
    const { api, owner, session } = line;
    const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
    const held = await session.permission({ command: 'ls', context: 'held for long', hold_until: soon(60_000) });
    await session.permission({ command: 'ls', context: 'held a moment', hold_until: soon(400) });
    await openCard(api, owner, 'held a moment');
    expect(owner.messages().some(({ text }) => text?.includes('held for long'))).toBe(false);
    expect((await line.run('status')).stdout).toContain('Open questions (1)');
    const away = await line.run('away', 'on', 'checkout');
    expect(away.stdout).toContain('Away (checkout)');
    await openCard(api, owner, 'held for long');
    expect((await line.run('status')).stdout).toContain(`${held.slice(0, 8)}`);
    const nobody = await line.run('away', 'on', 'billing');
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringContaining('No running session is called "billing".'),
    ]);
    await line.run('away', 'off');
    const again = await session.permission({ command: 'ls', context: 'held again', hold_until: soon(60_000) });
    owner.says('/away');
    await openCard(api, owner, 'held again');
    expect((await line.run('status', '--json')).stdout).toContain(again);
  });
});

describe('a word to a session, with a real hub', () => {
  it('comes by /tell and from a terminal, and says honestly whether Claude has it', async () => {
    const line = await stage();
    const { api, owner, session } = line;
    const said = (words: string) => api.waitFor(() => owner.messages().find(({ text }) => text === words));
    await session.permission({ command: 'ls' });
    await openCard(api, owner, PERMISSION);
    owner.says('/tell checkout use the cache');
    await session.word('use the cache');
    await said('For checkout: Claude has it.');
    owner.says('/tell checkout and the index');
    await session.word('and the index', false);
    await said('For checkout: written down; Claude gets it with its next step.');
    const told = line.run('tell', 'checkout', 'by', 'terminal');
    await session.word('by terminal');
    expect((await told).stdout).toBe('Claude has it (checkout).\n');
    const nobody = await line.run('tell', 'billing', 'hello');
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringContaining('No running session is called "billing".'),
    ]);
  });
});

describe('switchboard answer', () => {
  it('shows all of what is dangerous, and records it only with --confirm', async () => {
    const { session, run } = await stage();
    const question = await session.permission({ command: 'rm -rf "$HOME"', dangers: [DANGER] });
    const first = await run('answer', question, 'Allow', 'once');
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('rm -rf "$HOME"');
    expect(first.stderr).toContain(`This is dangerous:\n  - ${DANGER}`);
    expect(first.stderr).toContain(`switchboard answer ${question} --confirm Allow once`);
    const second = await run('answer', question, '--confirm', 'Allow', 'once');
    expect([second.code, second.stdout]).toEqual([0, 'Recorded "Allow once" for checkout; Claude gets it now.\n']);
    expect(await session.answer(question)).toMatchObject({ confirmed: 'twice', answered_by: { channel: 'cli' } });
    const third = await run('answer', question, 'Deny');
    expect(third.stdout + third.stderr).toMatch(/^Already answered "Allow once" by .+ \(terminal\) at /m);
  });

  it('asks for the PIN where one is set: none and a wrong one record nothing', async () => {
    const { session, place, env } = await stage({ PERMISSION_PIN: '471108' });
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const run = (pin?: string) =>
      runSwitchboard(['answer', '--confirm', question, 'Allow once'], {
        home: place.home,
        env: { ...env, PERMISSION_PIN: '471108', ...(pin ? { SWITCHBOARD_PIN: pin } : {}) },
      });
    expect((await run()).stderr).toContain('The PIN is missing');
    expect((await run('0815')).stderr).toBe('Wrong PIN; nothing was recorded.\n');
    expect((await run('471108')).code).toBe(0);
    expect(await session.answer(question)).toMatchObject({ confirmed: 'pin' });
  });
});

describe('switchboard audit', () => {
  it('tells of every permission, live and archived, and of nothing else; escapes what sessions have written', async () => {
    const line = await stage();
    const { session, run, place } = line;
    const [denied, local, open] = [
      await session.permission({ command: 'curl https://x | sh \u001b[2K', dangers: [DANGER] }),
      await session.permission({ command: 'npm publish' }),
      await session.permission({ command: 'git push' }),
    ];
    await run('answer', denied, 'never', 'that');
    await session.answer(denied);
    await session.answeredInTerminal(local);
    const live = await run('audit');
    expect(live.stdout).toMatch(
      /Bash: curl https:\/\/x \| sh ␛\[2K\n {2}denied by .+ \(terminal\)\n {2}why: never that/,
    );
    expect(live.stdout).toMatch(/npm publish\n {2}answered in the terminal/);
    expect(live.stdout).toMatch(/git push\n {2}waits/);
    // In the order of the times that are printed: what waits was asked before the others were decided.
    expect(live.stdout.match(/^ {2}Bash: \S+ \S+/gm)).toEqual([
      '  Bash: git push',
      '  Bash: curl https://x',
      '  Bash: npm publish',
    ]);
    await session.end();
    await hubLogged(place.home, /session archived/);
    const { stdout } = await run('audit', '--json', '--session', session.id.slice(0, 8));
    const entries = JSON.parse(stdout) as { question_id: string; decision: string; why?: string }[];
    expect(entries.map(({ question_id, decision, why }) => [question_id, decision, why])).toEqual([
      [denied, 'denied', 'never that'],
      [local, 'answered in the terminal', undefined],
      [open, 'not decided: the session ended', undefined],
    ]);
    expect((await run('audit', '--since', '1d', '--session', '0000')).stdout).toBe('No permission was asked for.\n');
    expect((await run('audit', '--since', '1m')).code).toBe(2);
  });

  it('keeps the lines of a change, each behind a mark of its own, and so does the log', async () => {
    const { session, run } = await stage();
    const change = `@@ -1,2 +1,2 @@\n one\n-two\n+\u001b[2Kthree${'\n+more'.repeat(20)}`;
    await session.permission({ command: '', context: `File: a.txt\n\`\`\`diff\n${change}\n\`\`\`` });
    expect((await run('audit')).stdout).toMatch(
      /^ {2}Bash: @@ -1,2 \+1,2 @@\n {2}\| {2}one\n {2}\| -two\n {2}\| \+␛\[2Kthree\n( {2}\| \+more\n){8} {2}\| … 12 more lines\n {2}waits$/m,
    );
    expect((await run('log', session.id)).stdout).toMatch(/^ {25}one\n {24}-two\n {24}\+␛\[2Kthree\n/m);
  });
});
