import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import { keepWebPlace } from '../../src/runtime/web-place.ts';
import { PROGRAM } from '../support/build.ts';
import { type Newcomer, newcomer } from '../support/newcomer.ts';
import { openCard } from '../support/phone.ts';
import { runningIn, until } from '../support/switchboard.ts';

const OWN_ENTRY = { type: 'stdio', command: process.execPath, args: [PROGRAM, 'mcp'], env: {} };

const entries = ({ file }: Newcomer) => JSON.parse(file('.claude.json')).mcpServers;
const botOf = ({ api }: Newcomer) => ({ TELEGRAM_BOT_TOKEN: api.token, TELEGRAM_OWNER_ID: '7' });

/** Puts a shell script into the place of the `claude` command. */
function replaceClaude({ person }: Newcomer, script: string, mode = 0o755): void {
  const path = join(person, 'opt/bin/claude');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
}

describe('switchboard setup, where something is not as it should be,', () => {
  it('can be stopped while the claude command hangs, and leaves none of it running', async () => {
    const ada = await newcomer();
    replaceClaude(ada, "trap '' TERM INT HUP; sleep 611; sleep 612");
    const terminal = ada.opens(['setup']);
    await until(
      () => runningIn(ada.home, /sleep/).length > 0,
      () => 'a claude command that hangs',
    );
    terminal.presses('ctrl-c');
    await terminal.shows('Set-up was stopped.');
    expect(await terminal.ended()).toBe(1);
    expect(runningIn(ada.home)).toEqual([]);
  });

  it('puts the earlier registration back when the new one fails, or says where it is kept', async () => {
    const ada = await newcomer();
    const old = { type: 'stdio', command: 'npx', args: ['-y', 'claude-switchboard', 'mcp'], env: {} };
    const register = (entry: object) =>
      writeFileSync(join(ada.person, '.claude.json'), JSON.stringify({ mcpServers: { switchboard: entry } }));
    register(old);
    const back = await ada.runs(['setup', '--yes'], { CLAUDE_STAND_IN_FAILS: 'add' });
    expect(back).toMatchObject({ code: 1, stderr: expect.stringContaining('The earlier registration is back.') });
    expect(entries(ada)).toEqual({ switchboard: old });
    expect(JSON.parse(ada.file('.switchboard/setup.json')).registration).toBeNull();
    register({ ...old, env: { SOME_API_KEY: 'hush' } });
    const kept = await ada.runs(['setup', '--yes'], { CLAUDE_STAND_IN_FAILS: 'add' });
    expect(kept.stderr).toMatch(/The earlier registration is gone; \(as it was: .*\.claude\.json\.backup-/);
    expect(kept.stdout + kept.stderr).not.toContain('hush');
  });

  it('tells a claude command that fails from one that is missing, and quotes what it says', async () => {
    const ada = await newcomer();
    for (const [script, said] of [
      ['echo "no licence" >&2; exit 3', 'no licence'],
      ['exit 3', 'exit status 3'],
      ['echo hello', 'hello'],
      [null, 'it cannot be started (EACCES)'],
    ] as const) {
      replaceClaude(ada, script ?? '', script === null ? 0o644 : 0o755);
      const { code, stdout, stderr } = await ada.runs(['setup', '--yes'], {
        PATH: `${ada.person}/opt/bin:/usr/bin:/bin`,
      });
      expect(code).toBe(1);
      expect(stdout).toContain(`Claude Code: \`claude --version\` has failed: ${said}.`);
      expect(stderr).toContain(`Not registered: \`claude --version\` has failed: ${said}.`);
      expect(stdout).not.toContain('Restart Claude Code');
    }
    const missing = await ada.runs(['setup', '--yes'], { PATH: '/usr/bin:/bin' });
    expect(missing.stdout).toMatch(/: Claude Code\nNothing to register with\.\n[\s\S]*: A first question\nNot asked: /);
  });

  it('breaks its lines between words, beside the bar, however narrow the terminal is', async () => {
    const ada = await newcomer();
    const columns = 75;
    const terminal = ada.opens(['setup'], { PATH: '/usr/bin:/bin' }, { columns });
    await terminal.shows('The token');
    terminal.presses('ctrl-c');
    await terminal.shows('Set-up was stopped.');
    expect(await terminal.ended()).toBe(1);
    const lines = terminal.text.split('\n');
    // Longer than the terminal is wide, and whole.
    expect(terminal.text.replace(/\n│ +/g, ' ')).toContain(
      'its own installer; the npm package needs Node 22 or newer.',
    );
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    // What was broken goes on beside the bar.
    expect(lines.filter((line) => line !== '' && !/^(script|\^C)?[│┌└◇◆◒◐◓◑▲■]|^\W*$/.test(line))).toEqual([]);
  });

  it('says in words what it cannot change, and does the rest', async () => {
    const ada = await newcomer();
    mkdirSync(join(ada.person, '.claude'));
    const settings = join(ada.person, '.claude/settings.json');
    const refused = async (path: string, content: string, words: string) => {
      writeFileSync(path, content);
      const { code, stdout, stderr } = await ada.runs(['setup', '--yes']);
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
      expect(stdout).toContain('Left to do:');
      expect(stdout).toMatch(/(Once the rest is done|asks here yet): `switchboard setup` again\.\n$/);
      expect(readFileSync(path, 'utf8')).toBe(content);
    };
    await refused(settings, '{"env":null}', 'env in ');
    await refused(settings, '["x"]', 'holds no JSON object; it was left as it is');
    await refused(settings, '"str"', 'holds no JSON object; it was left as it is');
    for (const entry of [{ command: 5, args: 'x', env: null }, 'str', null]) {
      const content = JSON.stringify({ mcpServers: { switchboard: entry } });
      await refused(join(ada.person, '.claude.json'), content, 'the entry "switchboard" of mcpServers in ');
    }
    rmSync(settings);
    symlinkSync(join(ada.person, 'gone.json'), settings);
    const { stderr } = await ada.runs(['setup', '--yes']);
    expect(stderr).toContain('settings.json is a link to a file that is not there; it was left as it is.');
    expect(lstatSync(settings).isSymbolicLink()).toBe(true);
    const { code, stderr: why } = await ada.runs(['setup', '--yes', '--ask'], { TMPDIR: join(ada.person, 'gone') });
    expect([code, why]).toEqual([1, expect.stringContaining('set TMPDIR to a directory of yours')]);
    expect(why).toContain('Not done: a question.');
  });

  it('takes an empty state file, and settings that begin with a byte order mark, which stays', async () => {
    const ada = await newcomer();
    mkdirSync(join(ada.person, '.claude'));
    writeFileSync(join(ada.person, '.claude.json'), '');
    writeFileSync(join(ada.person, '.claude/settings.json'), '\ufeff{"model": "opus"}');
    expect((await ada.runs(['setup', '--yes'])).code).toBe(0);
    expect(entries(ada)).toEqual({ switchboard: OWN_ENTRY });
    const settings = ada.file('.claude/settings.json');
    expect(settings[0]).toBe('\ufeff');
    expect(JSON.parse(settings.slice(1))).toEqual({
      model: 'opus',
      env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0' },
      hooks: claudeHooks('switchboard'),
    });
  });

  it('gives the token of the web inbox to nobody who has taken its port', async () => {
    const ada = await newcomer();
    const squatter = createServer((_, response) => response.writeHead(401).end());
    squatter.listen(0, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    await once(squatter, 'listening');
    mkdirSync(ada.home, { mode: 0o700 });
    keepWebPlace(ada.home, { token: 'a-token-of-a-web-inbox', port: (squatter.address() as AddressInfo).port });
    const done = ada.runs(['setup', '--yes', '--ask'], { ...botOf(ada), WEB_PORT: 'off' });
    ada.owner.presses(await openCard(ada.api, ada.owner, 'Did it reach you?'), 'Yes');
    const { code, stdout } = await done;
    expect(code).toBe(0);
    expect(stdout).toContain('Answer it in Telegram');
    expect(stdout).not.toContain('a-token-of-a-web-inbox');
  });

  it('leaves no copy of a file that set-up has changed twice, and no block that set-up has made', async () => {
    const ada = await newcomer();
    const env = botOf(ada);
    mkdirSync(join(ada.person, '.claude'));
    const settings = join(ada.person, '.claude/settings.json');
    writeFileSync(settings, '{"model": "opus"}');
    expect((await ada.runs(['setup', '--yes'], env)).code).toBe(0);
    expect((await ada.runs(['setup', '--yes'], { ...env, TELEGRAM_OWNER_ID: '7,8' })).code).toBe(0);
    expect(JSON.parse(ada.file('.switchboard/config.json')).TELEGRAM_OWNER_ID).toBe('7,8');
    writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')), theme: 'dark' }));
    expect((await ada.runs(['uninstall', '--yes'])).code).toBe(0);
    expect(readdirSync(ada.home).filter((name) => name.startsWith('config.json'))).toEqual([]);
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ model: 'opus', theme: 'dark' });
  });
});
