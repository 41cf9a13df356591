import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Line, OWNER_ID, startLine } from '../support/line.ts';
import { type OwnSession, openOwnSession } from '../support/own-session.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { hubLogged, kill, type RunningCommand, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { openTerminal } from '../support/terminal.ts';

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
    expect((await line.run('status')).stdout).toMatch(/ {2}checkout.*, 2 open, you are away\n/);
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

/** The code that stands below a dangerous permission. */
const codeIn = (text: string): string => / --confirm ([0-9a-f]{6}) /.exec(text)?.[1] ?? '';

describe('switchboard answer', () => {
  it('shows all of what is dangerous, and records it only with the code that stands below it', async () => {
    const line = await stage();
    const { session, run } = line;
    const question = await session.permission({ command: 'rm -rf "$HOME"', dangers: [DANGER] });
    const other = await session.permission({ command: 'rm -rf "$HOME"', dangers: [DANGER] });
    const first = await run('answer', question, 'Allow', 'once');
    expect(first.code).toBe(1);
    const whole = `checkout: ${PERMISSION}\n│ \`\`\`sh\n│ rm -rf "$HOME"\n│ \`\`\`\n│ \n│ Why, in Claude's words: to tidy up\n`;
    expect(first.stderr).toContain(whole);
    expect(first.stderr).toContain(`This is dangerous:\n  - ${DANGER}`);
    const code = codeIn(first.stderr);
    expect(first.stderr).toMatch(new RegExp(`node \\S+ answer ${question} --confirm ${code} Allow once\n$`));
    const ofOther = codeIn((await run('answer', other, '1')).stderr);
    for (const [args, status, words] of [
      [['--confirm', question, '1'], 2, 'It is no code. Without --confirm, `answer` shows all of it'],
      [[question, '--confirm', '1'], 2, 'It is no code.'],
      [[question, '1', '--confirm'], 2, 'Without --confirm, `answer` shows all of it'],
      [[question, '1', '--confirm', '000000'], 1, `000000 is not the code of what is shown above`],
      [[question, '1', '--confirm', ofOther], 1, `${ofOther} is not the code of what is shown above`],
    ] as const) {
      expect(await run('answer', ...args)).toMatchObject({ code: status, stderr: expect.stringContaining(words) });
    }
    expect(fileOf(line)).not.toContain('"type":"answer"');
    const second = await run('answer', question, 'Allow', 'once', '--confirm', code);
    expect([second.code, second.stdout]).toEqual([0, 'Recorded "Allow once" for checkout; Claude gets it now.\n']);
    expect(second.stderr).toContain(whole);
    expect(await session.answer(question)).toMatchObject({ confirmed: 'twice', answered_by: { channel: 'cli' } });
    const third = await run('answer', question, 'Deny');
    expect(third.stdout + third.stderr).toMatch(/^Already answered "Allow once" by .+ \(terminal\) at /m);
  });

  it('asks who sits at a terminal below all of it; whatever is no yes allows nothing', async () => {
    const { session, place, timings, run } = await stage();
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const answers = () => openTerminal(['answer', question, '1'], { home: place.home, timings });
    const first = answers();
    await first.shows('rm -rf build');
    await first.shows(DANGER);
    await first.shows('Allow it all the same? [y/N]');
    first.presses('enter');
    await first.shows('Nothing was recorded.');
    expect(await first.ended()).toBe(1);
    expect((await run('status')).stdout).toContain(question.slice(0, 8));
    const second = answers();
    await second.shows('Allow it all the same? [y/N]');
    second.types('y');
    second.presses('enter');
    await second.shows('Recorded "Allow once"');
    expect(await second.ended()).toBe(0);
    expect(await session.answer(question)).toMatchObject({ answer: 'Allow once', confirmed: 'twice' });
  });

  it('asks for the PIN below all of it where one is set: none and a wrong one record nothing', async () => {
    const { session, place, timings, env } = await stage({ PERMISSION_PIN: '471108' });
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const options = { home: place.home, timings, env: { ...env, PERMISSION_PIN: '471108' } };
    const run = (pin: string, ...more: string[]) =>
      runSwitchboard(['answer', question, 'Allow once', ...more], {
        ...options,
        env: { ...options.env, ...(pin ? { SWITCHBOARD_PIN: pin } : {}) },
      });
    // In the environment it is no yes.
    const unseen = await run('471108');
    expect([unseen.code, unseen.stderr]).toEqual([1, expect.stringContaining('all the same, with your PIN: ')]);
    const confirm = ['--confirm', codeIn(unseen.stderr)];
    expect((await run('', ...confirm)).stderr).toContain('The PIN is missing');
    expect((await run('0815', ...confirm)).stderr).toMatch(/\nWrong PIN; nothing was recorded\.\n$/);
    const terminal = openTerminal(['answer', question, '1'], options);
    await terminal.shows('rm -rf build');
    await terminal.shows(DANGER);
    await terminal.shows('PIN, to allow it all the same');
    terminal.types('471108');
    terminal.presses('enter');
    await terminal.shows('Recorded "Allow once"');
    expect(await terminal.ended()).toBe(0);
    expect(await session.answer(question)).toMatchObject({ confirmed: 'pin' });
  });

  it('shows an ordinary permission whole, too, before it is allowed; status shows what it is about, within bounds', async () => {
    const { session, run, place, timings } = await stage();
    const lines = Array.from({ length: 40 }, (_, line) => `echo ${line}`);
    const question = await session.permission({ command: lines.join('\n') });
    const second = await session.permission({
      command: `rm -rf ${'x'.repeat(2_000)}`,
      dangers: [DANGER],
      grant: 'Bash(rm *)',
    });
    const { stdout } = await run('status');
    expect(stdout).toMatch(/May I run a command\?\n {12}Bash:\n {14}```sh\n {14}echo 0\n/);
    const short = question.slice(0, 8);
    expect(stdout).toMatch(
      new RegExp(
        ` {14}echo 10\\n {14}… and 32 lines more: node \\S+ answer ${short}\\n {12}1\\. Allow once {2}2\\. Deny\\n`,
      ),
    );
    const look = openTerminal(['answer', short], { home: place.home, timings });
    await look.shows('│ echo 39\n');
    await look.shows(
      new RegExp(`  1\\. Allow once\\n  2\\. Deny\\nNothing was recorded. To answer: .* answer ${short} <text>\\n`),
    );
    expect(await look.ended()).toBe(2);
    expect(stdout).toMatch(/ {14}rm -rf x{293}… \(1707 characters more\)\n/);
    expect(stdout).toContain(`            danger: ${DANGER}\n            Allow for this session allows: Bash(rm *)\n`);
    expect((await run('answer', second, '2')).stderr).toContain('\nAllow for this session allows: Bash(rm *)\n');
    const { questions } = JSON.parse((await run('status', '--json')).stdout);
    expect(questions).toMatchObject([
      { tool: 'Bash', cwd: '/home/ada/shop', context: expect.stringContaining('\necho 39\n'), dangers: [] },
      { tool: 'Bash', context: expect.stringContaining('x'.repeat(2_000)), dangers: [DANGER], grant: 'Bash(rm *)' },
    ]);
    const given = await run('answer', question, '1');
    expect([given.code, given.stdout]).toEqual([0, 'Recorded "Allow once" for checkout; Claude gets it now.\n']);
    expect(given.stderr).toContain(`│ \`\`\`sh\n│ ${lines.join('\n│ ')}\n│ \`\`\`\n`);
  });

  it('is bounded in status, whatever stands in the file', async () => {
    const { session, run } = await stage();
    await session.permission({ command: 'ls', dangers: Array.from({ length: 100 }, (_, n) => `Danger ${n}.`) });
    const { stdout } = await run('status');
    expect(stdout.match(/danger: Danger/g)).toHaveLength(20);
    expect(stdout).toMatch(/… and 80 dangers more: node \S+ answer /);
  });

  it('is not asked for a yes that nobody could type: the answer was typed, to its end', async () => {
    const { session, place, timings } = await stage();
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const terminal = openTerminal(['answer', question, '-'], { home: place.home, timings });
    // Only what is printed after the answer was read says that it was.
    terminal.types('1');
    terminal.presses('enter', 'ctrl-d');
    await terminal.shows(/Nothing was recorded\. To allow it all the same: .* --confirm [0-9a-f]{6} 1/);
    expect(await terminal.ended()).toBe(1);
  });

  it('takes its flags anywhere, and refuses what is none; the same goes for tell', async () => {
    const { session, run } = await stage();
    const question = await session.permission({ command: 'ls' });
    for (const args of [
      ['answer', question, '1', '--quiet'],
      ['answer', question, '--quiet', '1'],
      ['tell', 'checkout', 'again', '--quiet'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toBe(
        "switchboard: unknown option '--quiet'; nothing was sent. A text that begins with a dash, or has words that do, goes after --.\n",
      );
    }
    const told = run('tell', 'checkout', '--', '--again', 'quietly');
    await session.word('--again quietly');
    expect((await told).code).toBe(0);
    expect((await run('answer', question, '--', '--never', 'that')).code).toBe(0);
    expect(await session.answer(question)).toMatchObject({ answer: '--never that' });
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
    expect((await run('audit', '--session', '0000')).stderr).toContain('No session "0000" is there');
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
