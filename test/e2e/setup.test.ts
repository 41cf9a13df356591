import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import type { SessionList } from '../../src/relay/history.ts';
import { PROGRAM } from '../support/build.ts';
import { untilOneHub } from '../support/hub-pid.ts';
import { type Newcomer, newcomer } from '../support/newcomer.ts';
import { openCard } from '../support/phone.ts';
import { runningIn } from '../support/switchboard.ts';
import type { Terminal } from '../support/terminal.ts';
import { WebClient } from '../support/web-client.ts';

const CODE = /https:\/\/t\.me\/switchboard_test_bot\?start=(p_[\w-]{22})/;
const OWN_PERMISSIONS = 'Bring its own permissions and questions to your phone?';
const OWN_ENTRY = { type: 'stdio', command: process.execPath, args: [PROGRAM, 'mcp'], env: {} };

const config = ({ file }: Newcomer) => JSON.parse(file('.switchboard/config.json'));
const entries = ({ file }: Newcomer) => JSON.parse(file('.claude.json')).mcpServers;
const backups = (directory: string) => readdirSync(directory).filter((name) => name.includes('.backup-'));

async function typesToken(terminal: Terminal, token: string): Promise<void> {
  await terminal.shows('The token (hidden');
  terminal.types(token);
  terminal.presses('enter');
}

async function says(terminal: Terminal, question: string | RegExp, yes = true): Promise<void> {
  await terminal.shows(question);
  terminal.types(yes ? 'y' : 'n');
}

describe('switchboard setup', () => {
  it('takes a newcomer from nothing to a first answer, and shows each change before it makes it', async () => {
    const ada = await newcomer();
    const { api, owner, home, person, claude } = ada;
    const terminal = ada.opens(['setup']);
    await terminal.shows(/Node \d+\.\d+\.\d+: ok/);
    await terminal.shows('Claude Code 2.1.329: ok');
    await terminal.shows('send /newbot');
    await typesToken(terminal, 'not a token');
    await terminal.shows('A token is digits, a colon, letters and digits');
    terminal.presses(...Array.from({ length: 'not a token'.length }, () => 'backspace' as const));
    terminal.types('4242:wrong_wrong_wrong_wrong_wrong');
    terminal.presses('enter');
    await terminal.shows('Telegram refuses the bot token');
    await typesToken(terminal, api.token);
    await terminal.shows('the bot is @switchboard_test_bot');
    await terminal.shows(/\+\s+"TELEGRAM_BOT_TOKEN": "\d+:\*\*\*"/);
    expect(existsSync(join(home, 'config.json'))).toBe(false);
    await says(terminal, 'config.json like this?');
    await says(terminal, 'Pair your phone now?');
    const [, code = ''] = await terminal.shows(CODE);
    owner.says(`/start ${code}`);
    await terminal.shows('Ada (id 7) is an owner now.');
    // A long path begins a line of its own.
    await terminal.shows('claude mcp add --scope user switchboard --');
    await terminal.shows(process.execPath);
    await terminal.shows(/\+\s+"switchboard": \{/);
    expect(existsSync(join(person, '.claude.json'))).toBe(false);
    await says(terminal, 'Register it?');
    await says(terminal, OWN_PERMISSIONS);
    await terminal.shows(/\+\s+"CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS": "0"/);
    await terminal.shows(/\+\s+"PermissionRequest": \[/);
    await says(terminal, 'settings.json like this?');
    await says(terminal, 'Ask you a real question now');
    owner.presses(await openCard(api, owner, 'Did it reach you?'), 'Yes');
    await terminal.shows('The answer came back: "Yes" (Ada).');
    await terminal.shows('Done:');
    expect(await terminal.ended()).toBe(0);

    expect(config(ada)).toEqual({
      TELEGRAM_BOT_TOKEN: api.token,
      TELEGRAM_API_ROOT: api.root,
      TELEGRAM_OWNER_ID: '7',
    });
    expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600);
    expect(entries(ada)).toEqual({ switchboard: OWN_ENTRY });
    expect(JSON.parse(ada.file('.claude/settings.json'))).toEqual({
      env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0' },
      hooks: claudeHooks('switchboard'),
    });
    expect(claude.sawToken()).toBe(false);
    expect(readdirSync(join(home, 'projects'))).toEqual([]);
    const secret = api.token.split(':')[1] ?? '';
    for (const text of [terminal.raw, ada.file('.switchboard/setup.json'), JSON.stringify(claude.calls())]) {
      expect(text).not.toContain(secret);
    }
  });

  it('leaves what is declined as it is, says what that means, and goes on', async () => {
    const ada = await newcomer();
    writeFileSync(join(ada.person, '.claude.json'), '{"mcpServers": {}}');
    const before = ada.file('.claude.json');
    const terminal = ada.opens(['setup']);
    await typesToken(terminal, ada.api.token);
    await says(terminal, 'config.json like this?', false);
    await terminal.shows('config.json stays as it is');
    await says(terminal, 'Register it?', false);
    await terminal.shows('Claude Code will not start Switchboard');
    await says(terminal, 'settings.json like this?', false);
    await says(terminal, 'Ask you a real question now', false);
    await terminal.shows('Nothing was changed.');
    await terminal.shows('No session of Claude Code asks here yet: `switchboard setup` again.');
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text).not.toContain('Restart Claude Code');
    expect(ada.file('.claude.json')).toBe(before);
    expect(readdirSync(ada.home)).not.toContain('config.json');
    expect(existsSync(join(ada.person, '.claude'))).toBe(false);
    expect(ada.claude.calls()).toEqual([['--version']]);
  });

  it('that is ended halfway says what was done and what not, and leaves nothing half written', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['setup']);
    await typesToken(terminal, ada.api.token);
    await says(terminal, 'config.json like this?');
    await terminal.shows('Pair your phone now?');
    terminal.presses('ctrl-c');
    await terminal.shows(/Done, and kept:\n.*The bot: .*config\.json/);
    await terminal.shows(
      'Not done: pairing, the registration with Claude Code, waiting and\n│  permissions, a question.\n',
    );
    await terminal.shows('Set-up was stopped.');
    expect(await terminal.ended()).toBe(1);
    expect(config(ada).TELEGRAM_BOT_TOKEN).toBe(ada.api.token);
    expect(readdirSync(ada.home).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('that is ended while it waits for a phone makes the code void', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['setup']);
    await typesToken(terminal, ada.api.token);
    await says(terminal, 'config.json like this?');
    await says(terminal, 'Pair your phone now?');
    await terminal.shows(CODE);
    terminal.presses('ctrl-c');
    await terminal.shows('The code is void now.');
    await terminal.shows('Set-up was stopped.');
    expect(await terminal.ended()).toBe(1);
    expect(existsSync(join(ada.home, 'pairing.json'))).toBe(false);
  });

  it('without a bot sets up the rest, and asks in the web inbox', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['setup']);
    await terminal.shows('Without a bot, questions are shown in the web inbox');
    await terminal.shows('The token (hidden');
    terminal.presses('enter');
    await terminal.shows('No bot, nobody to pair.');
    await says(terminal, 'Register it?');
    await says(terminal, OWN_PERMISSIONS);
    await says(terminal, 'settings.json like this?');
    await says(terminal, 'Ask you a real question now');
    await terminal.shows(/Answer it in your browser:\n│ {2}http:\S+/);
    const web = await WebClient.enter(ada.home);
    const card = await web.firstCard();
    await web.answer(card.question_id, { options: [1] });
    await terminal.shows(/The answer came back: "Yes, and I like it" \(.+\)\./);
    expect(await terminal.ended()).toBe(0);
    expect(entries(ada)).toEqual({ switchboard: OWN_ENTRY });
    expect(existsSync(join(ada.home, 'config.json'))).toBe(false);
    // The hub goes on; the project of the question is nothing to look back at.
    expect(await web.get<SessionList>('/api/sessions')).toEqual({ sessions: [], projects: [] });
  });

  it('replaces another registration only when asked to, and uninstall puts that one back', async () => {
    const ada = await newcomer();
    const npx = { type: 'stdio', command: 'npx', args: ['-y', 'claude-switchboard', 'mcp'], env: {} };
    writeFileSync(join(ada.person, '.claude.json'), JSON.stringify({ mcpServers: { switchboard: npx } }));
    const terminal = ada.opens(['setup']);
    await terminal.shows('The token (hidden');
    terminal.presses('enter');
    await terminal.shows('registered already, but as something else');
    await terminal.shows(/-\s+"command": "npx"/);
    await says(terminal, 'Replace the registration?');
    await says(terminal, OWN_PERMISSIONS);
    await says(terminal, 'settings.json like this?');
    await says(terminal, 'Ask you a real question now', false);
    expect(await terminal.ended()).toBe(0);
    expect(entries(ada)).toEqual({ switchboard: OWN_ENTRY });
    expect(ada.claude.calls().map(([, verb]) => verb)).toEqual([undefined, 'remove', 'add']);
    expect((await ada.runs(['uninstall', '--yes'])).code).toBe(0);
    expect(entries(ada)).toEqual({ switchboard: npx });
  });

  it('says how to install Claude Code where it is not, and does the rest', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['setup'], { PATH: '/usr/bin:/bin' });
    await terminal.shows('there is no `claude` command on the PATH. To');
    await terminal.shows('The token (hidden');
    terminal.presses('enter');
    await says(terminal, 'Ask you a real question now', false);
    await terminal.shows('Left to do:');
    expect(await terminal.ended()).toBe(1);
  });

  it('says that it needs a terminal where there is none', async () => {
    const ada = await newcomer();
    const { code, stderr, stdout } = await ada.runs(['setup']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('switchboard setup --yes');
    expect(await ada.runs(['uninstall'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(existsSync(ada.home)).toBe(false);
  });
});

describe('switchboard setup --yes', () => {
  const provision = (ada: Newcomer, more: Record<string, string> = {}, ...flags: string[]) =>
    ada.runs(['setup', '--yes', ...flags], { TELEGRAM_BOT_TOKEN: ada.api.token, TELEGRAM_OWNER_ID: '7', ...more });

  it('does all of it from the environment, and a second time nothing', async () => {
    const ada = await newcomer();
    const first = await provision(ada);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(config(ada)).toMatchObject({ TELEGRAM_BOT_TOKEN: ada.api.token, TELEGRAM_OWNER_ID: '7' });
    expect(entries(ada)).toEqual({ switchboard: OWN_ENTRY });
    expect(first.stdout).not.toContain(ada.api.token.split(':')[1]);
    const files = ['.switchboard/config.json', '.switchboard/setup.json', '.claude.json', '.claude/settings.json'];
    const after = files.map(ada.file);
    const second = await provision(ada);
    expect([second.code, second.stderr]).toEqual([0, '']);
    expect(second.stdout.match(/nothing to change/gi)).toHaveLength(3);
    expect(second.stdout).toContain('Nothing was changed.');
    expect(first.stdout).toMatch(/\nRestart Claude Code: its sessions ask here from then on\.\n$/);
    expect(second.stdout).toMatch(/\nEvery session of Claude Code that has started since it was set up asks here\.\n$/);
    expect(files.map(ada.file)).toEqual(after);
    expect([...backups(ada.person), ...backups(ada.home), ...backups(join(ada.person, '.claude'))]).toEqual([]);
  });

  it('asks a real question when told to', async () => {
    const ada = await newcomer();
    const done = provision(ada, {}, '--ask');
    ada.owner.presses(await openCard(ada.api, ada.owner, 'Did it reach you?'), 'Yes, and I like it');
    const { code, stdout } = await done;
    expect(stdout).toContain('The answer came back: "Yes, and I like it" (Ada).');
    expect(code).toBe(0);
  });

  it('changes nothing when something needed is missing or refused, and says what', async () => {
    const ada = await newcomer();
    const nobody = await provision(ada, { TELEGRAM_OWNER_ID: '' });
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('TELEGRAM_OWNER_ID is not set') });
    const wrong = await provision(ada, { TELEGRAM_BOT_TOKEN: '4242:wrong_wrong_wrong' });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Telegram refuses the bot token') });
    expect(wrong.stderr + wrong.stdout).not.toContain('wrong_wrong');
    const shapeless = await provision(ada, { TELEGRAM_BOT_TOKEN: 'wrong' });
    expect(shapeless.code).toBe(2);
    expect(existsSync(join(ada.person, '.claude.json'))).toBe(false);
    expect(readdirSync(ada.home)).not.toContain('config.json');
  });

  it('keeps what else stands in the files, as it stands there, with a backup beside each', async () => {
    const ada = await newcomer();
    const settings = '{\n\t"model": "opus", "list": [1,2,\n\t3],\n\t"env": {"A": "b"}\n}';
    const own = '{ "TELEGRAM_INBOX": "on" }';
    mkdirSync(join(ada.person, '.claude'));
    mkdirSync(ada.home, { mode: 0o700 });
    writeFileSync(join(ada.person, '.claude/settings.json'), settings, { mode: 0o644 });
    writeFileSync(join(ada.home, 'config.json'), own, { mode: 0o600 });
    writeFileSync(join(ada.person, '.claude.json'), '{"mcpServers": {"other": {"command": "x"}}}', { mode: 0o640 });
    expect((await provision(ada)).code).toBe(0);
    expect(ada.file('.claude/settings.json')).toContain('"model": "opus", "list": [1,2,\n\t3],');
    expect(JSON.parse(ada.file('.claude/settings.json')).env).toEqual({
      A: 'b',
      CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0',
    });
    expect(config(ada).TELEGRAM_INBOX).toBe('on');
    expect(entries(ada)).toEqual({ other: { command: 'x' }, switchboard: OWN_ENTRY });
    for (const [directory, kept, mode] of [
      [join(ada.person, '.claude'), settings, 0o644],
      [ada.home, own, 0o600],
      [ada.person, '{"mcpServers": {"other": {"command": "x"}}}', 0o640],
    ] as const) {
      const [backup = '', ...more] = backups(directory);
      expect(more).toEqual([]);
      expect(readFileSync(join(directory, backup), 'utf8')).toBe(kept);
      expect(statSync(join(directory, backup)).mode & 0o777).toBe(mode);
    }
    expect(statSync(join(ada.person, '.claude/settings.json')).mode & 0o777).toBe(0o644);
  });

  it('refuses files that are no JSON, and leaves them', async () => {
    const ada = await newcomer();
    mkdirSync(join(ada.person, '.claude'));
    writeFileSync(join(ada.person, '.claude/settings.json'), '{"a": 1,}');
    writeFileSync(join(ada.person, '.claude.json'), '{');
    const { code, stderr } = await provision(ada);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Not registered: .*\.claude\.json is not readable as a JSON object/);
    expect(stderr).toMatch(/settings\.json is not valid JSON; it was left as it is/);
    expect([ada.file('.claude.json'), ada.file('.claude/settings.json')]).toEqual(['{', '{"a": 1,}']);
    writeFileSync(join(ada.home, 'config.json'), '{"TELEGRAM_BOT_TOKEN": oops}', { mode: 0o600 });
    const broken = await provision(ada);
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('is not readable as settings') });
    expect(ada.file('.switchboard/config.json')).toBe('{"TELEGRAM_BOT_TOKEN": oops}');
  });

  it('copies no secret of an earlier registration, and says where it is kept', async () => {
    const ada = await newcomer();
    const old = { command: 'switchboard', args: ['mcp'], env: { SOME_API_KEY: 'hush-hush' } };
    writeFileSync(join(ada.person, '.claude.json'), JSON.stringify({ mcpServers: { switchboard: old } }));
    const { code, stdout } = await provision(ada);
    expect(code).toBe(0);
    expect(stdout).toMatch(/-\s+"SOME_API_KEY": "\*\*\*"/);
    expect(ada.file('.switchboard/setup.json')).not.toContain('hush');
    const undone = await ada.runs(['uninstall', '--yes']);
    expect(undone.stderr).toMatch(/registered otherwise before, with secrets; .*\.claude\.json\.backup-/);
    expect(entries(ada)).toEqual({});
    expect(JSON.stringify([stdout, undone.stdout, ada.claude.calls()])).not.toContain('hush');
  });

  it('says what the claude command said when that fails', async () => {
    const ada = await newcomer();
    const { code, stderr } = await provision(ada, { CLAUDE_STAND_IN_FAILS: 'add' });
    expect(code).toBe(1);
    expect(stderr).toContain('`claude mcp add` has failed: error: add is broken');
  });

  it('follows CLAUDE_CONFIG_DIR, and tells the server of an unusual home', async () => {
    const ada = await newcomer();
    const elsewhere = join(ada.person, 'elsewhere');
    mkdirSync(elsewhere);
    const { code } = await provision(ada, { CLAUDE_CONFIG_DIR: elsewhere, SWITCHBOARD_HOME: join(ada.person, 'swb') });
    expect(code).toBe(0);
    expect(existsSync(join(ada.person, '.claude.json'))).toBe(false);
    const { mcpServers } = JSON.parse(ada.file('elsewhere/.claude.json'));
    expect(mcpServers.switchboard.env).toEqual({ SWITCHBOARD_HOME: join(ada.person, 'swb') });
    expect(JSON.parse(ada.file('elsewhere/settings.json')).env).toBeDefined();
  });
});

describe("switchboard setup and Claude Code's hooks", () => {
  const PLUGIN = 'switchboard@claude-switchboard';
  const own = (matcher: string) => ({ matcher, hooks: [{ type: 'command', command: `echo ${matcher}` }] });
  const settingsOf = ({ file }: Newcomer) => JSON.parse(file('.claude/settings.json'));

  async function withSettings(settings: object): Promise<Newcomer> {
    const ada = await newcomer();
    mkdirSync(join(ada.person, '.claude'));
    writeFileSync(join(ada.person, '.claude/settings.json'), JSON.stringify(settings));
    return ada;
  }

  it('puts them beside those of others, renews its own, and uninstall takes out exactly those', async () => {
    const ada = await withSettings({ hooks: { Stop: [own('a')], SessionStart: [own('b')] } });
    expect((await ada.runs(['setup', '--yes'])).code).toBe(0);
    const ours = claudeHooks('switchboard');
    expect(settingsOf(ada).hooks).toEqual({
      ...ours,
      Stop: [own('a'), ...(ours.Stop ?? [])],
      SessionStart: [own('b')],
    });

    // Somebody adds hooks of their own, and those of an earlier version are there.
    const changed = settingsOf(ada);
    changed.hooks.Stop.push(own('c'));
    changed.hooks.PostToolUse[0].hooks.push(own('d').hooks[0]);
    changed.hooks.PostToolUse[0].hooks[0].timeout = 1;
    changed.hooks.PreCompact = [{ hooks: [{ type: 'mcp_tool', server: 'switchboard', tool: 'old' }] }];
    writeFileSync(join(ada.person, '.claude/settings.json'), JSON.stringify(changed));
    expect((await ada.runs(['setup', '--yes'])).stdout).toContain('brought up to date');
    expect(settingsOf(ada).hooks).toEqual({
      ...ours,
      Stop: [own('a'), ...(ours.Stop ?? []), own('c')],
      SessionStart: [own('b')],
      PostToolUse: [{ hooks: own('d').hooks }, ...(ours.PostToolUse ?? [])],
    });
    expect((await ada.runs(['setup', '--yes'])).stdout).toContain('Nothing was changed.');

    expect((await ada.runs(['uninstall', '--yes'])).code).toBe(0);
    expect(settingsOf(ada).hooks).toEqual({
      Stop: [own('a'), own('c')],
      SessionStart: [own('b')],
      PostToolUse: [{ hooks: own('d').hooks }],
    });
  });

  it('leaves no empty hooks behind, whatever else was changed', async () => {
    const ada = await withSettings({ model: 'opus' });
    expect((await ada.runs(['setup', '--yes'])).code).toBe(0);
    writeFileSync(join(ada.person, '.claude/settings.json'), JSON.stringify({ ...settingsOf(ada), model: 'haiku' }));
    expect((await ada.runs(['uninstall', '--yes'])).code).toBe(0);
    expect(settingsOf(ada)).toEqual({ model: 'haiku' });
  });

  it('changes nothing where hooks are not what Claude Code reads, and says so', async () => {
    const ada = await withSettings({ hooks: { Stop: 'mine' } });
    const { code, stderr } = await ada.runs(['setup', '--yes']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/hooks\.Stop in .*settings\.json is no list/)]);
    expect(settingsOf(ada)).toEqual({ hooks: { Stop: 'mine' } });
  });

  it('does not offer them when they are declined, and keeps the rest', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['setup']);
    await terminal.shows('The token (hidden');
    terminal.presses('enter');
    await says(terminal, 'Register it?');
    await says(terminal, OWN_PERMISSIONS, false);
    await terminal.shows('stay in the terminal');
    await says(terminal, 'settings.json like this?');
    await says(terminal, 'Ask you a real question now', false);
    expect(await terminal.ended()).toBe(0);
    expect(Object.keys(settingsOf(ada))).toEqual(['env']);
  });

  it('leaves both to the plugin where it is installed, and says when set-up has done it, too', async () => {
    const ada = await withSettings({ enabledPlugins: { [PLUGIN]: true } });
    const { code, stdout } = await ada.runs(['setup', '--yes']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`The plugin ${PLUGIN} brings the server and the hooks`),
    ]);
    expect(existsSync(join(ada.person, '.claude.json'))).toBe(false);
    expect(Object.keys(settingsOf(ada))).toEqual(['enabledPlugins', 'env']);

    const twice = await withSettings({});
    expect((await twice.runs(['setup', '--yes'])).code).toBe(0);
    writeFileSync(
      join(twice.person, '.claude/settings.json'),
      JSON.stringify({ ...settingsOf(twice), enabledPlugins: { [PLUGIN]: true } }),
    );
    const both = await twice.runs(['setup', '--yes']);
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('Everything would be asked twice')]);
  });
});

describe('switchboard uninstall', () => {
  it('makes every file what it was, byte for byte, ends the hub, and leaves the session files', async () => {
    const ada = await newcomer();
    const settings = '{"env":{"A":"b"}}';
    const own = '{ "TELEGRAM_INBOX" : "on" }';
    mkdirSync(join(ada.person, '.claude'));
    mkdirSync(ada.home, { mode: 0o700 });
    writeFileSync(join(ada.person, '.claude/settings.json'), settings);
    writeFileSync(join(ada.home, 'config.json'), own, { mode: 0o600 });
    const terminal = ada.opens(['setup']);
    await typesToken(terminal, ada.api.token);
    await says(terminal, 'config.json like this?');
    await says(terminal, 'Pair your phone now?');
    const [, code = ''] = await terminal.shows(CODE);
    ada.owner.says(`/start ${code}`);
    await says(terminal, 'Register it?');
    await says(terminal, OWN_PERMISSIONS);
    await says(terminal, 'settings.json like this?');
    await says(terminal, 'Ask you a real question now', false);
    expect(await terminal.ended()).toBe(0);
    await untilOneHub(ada.home);

    const undo = ada.opens(['uninstall']);
    await undo.shows(/-\s+"switchboard": \{/);
    await says(undo, 'Take the registration back?');
    await says(undo, 'End the hub that runs');
    await undo.shows(/-\s+"TELEGRAM_BOT_TOKEN": "\d+:\*\*\*"/);
    await says(undo, 'config.json back?');
    await says(undo, 'settings.json back?');
    await undo.shows('npm uninstall --global claude-switchboard');
    expect(await undo.ended()).toBe(0);
    expect(ada.file('.claude/settings.json')).toBe(settings);
    expect(ada.file('.switchboard/config.json')).toBe(own);
    expect(entries(ada)).toEqual({});
    expect(runningIn(ada.home, / hub /)).toEqual([]);
    expect(readdirSync(ada.home)).not.toContain('setup.json');
    expect([...backups(ada.home), ...backups(join(ada.person, '.claude'))]).toEqual([]);
    expect(undo.raw).not.toContain(ada.api.token.split(':')[1]);
  });

  it('removes files that were not there before, and leaves what somebody has changed since', async () => {
    const ada = await newcomer();
    const env = { TELEGRAM_BOT_TOKEN: ada.api.token, TELEGRAM_OWNER_ID: '7' };
    expect((await ada.runs(['setup', '--yes'], env)).code).toBe(0);
    writeFileSync(
      join(ada.home, 'config.json'),
      JSON.stringify({ ...config(ada), TELEGRAM_OWNER_ID: '7,8', TELEGRAM_INBOX: 'on' }),
    );
    const content = JSON.parse(ada.file('.claude.json'));
    content.mcpServers.switchboard.args.push('--debug');
    writeFileSync(join(ada.person, '.claude.json'), JSON.stringify(content));
    const { code, stdout } = await ada.runs(['uninstall', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('TELEGRAM_OWNER_ID in');
    expect(stdout).toContain('the registration was changed since, and stays');
    expect(config(ada)).toEqual({ TELEGRAM_OWNER_ID: '7,8', TELEGRAM_INBOX: 'on' });
    expect(entries(ada).switchboard.args).toContain('--debug');
    expect(existsSync(join(ada.person, '.claude/settings.json'))).toBe(false);
    const again = await ada.runs(['uninstall', '--yes']);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Set-up has changed nothing that is left.'),
    });
  });
});
