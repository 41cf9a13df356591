import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BotApi } from '../support/bot-api/bot-api.ts';
import { hubLog, hubLogged, kill, runSwitchboard, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SECRET = '987654321:AAtoken_that_nobody_must_ever_see_12345';

describe('settings', () => {
  it('that are impossible end every command with status 2 and one line, before anything starts', async () => {
    const home = temporaryDirectory();
    const env = { TELEGRAM_BOT_TOKEN: `${SECRET} and more` };
    for (const command of [
      ['mcp'],
      ['hub'],
      ['hub', '--background'],
      ['status'],
      ['answer', 'abcd', 'x'],
      ['log', 'abcd'],
    ]) {
      const { code, stdout, stderr } = await runSwitchboard(command, { home, env });
      expect(code, command[0]).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        /^switchboard: TELEGRAM_BOT_TOKEN in the environment is not possible: wanted is [^\n]+\n$/,
      );
      expect(stderr).not.toContain(SECRET);
    }
    const [entry, ...others] = hubLog(home);
    expect(entry?.msg).toBe('the hub could not start');
    expect(others).toEqual([]);
  });

  it('that are unknown are named', async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'config.json'), `{"TELEGRAM_BOT_TOKN": "${SECRET}"}`);
    const { code, stderr } = await runSwitchboard(['status'], { home });
    expect(code).toBe(2);
    expect(stderr).toContain('"TELEGRAM_BOT_TOKN"');
    expect(stderr).not.toContain(SECRET);
  });
});

describe('a bot token', () => {
  it('that Telegram refuses is said plainly on screen, in log and status, and the hub lives on', async () => {
    const api = new BotApi();
    await api.listen();
    onTestFinished(() => api.close());
    const home = temporaryDirectory();
    const env = { TELEGRAM_BOT_TOKEN: SECRET, TELEGRAM_OWNER_ID: '7', TELEGRAM_API_ROOT: api.root };
    const hub = startSwitchboard(['hub'], { home, env });
    await hubLogged(home, /token/i);
    await hub.printed(/warning: .*token/i);
    const status = await runSwitchboard(['status'], { home, env });
    expect(status.stdout).toMatch(/telegram: NOT OK, .*token/i);
    expect(hub.child.exitCode).toBe(null);
    kill(hub.pid, 'SIGINT');
    expect(await hub.ended()).toBe(0);
    expectNowhere(home, hub.stdout, hub.stderr, status.stdout, status.stderr);
  });

  it('is seen nowhere when Telegram cannot be reached: not on screen, in log, status or process list', async () => {
    const home = temporaryDirectory();
    const env = { TELEGRAM_BOT_TOKEN: SECRET, TELEGRAM_API_ROOT: 'http://127.0.0.1:9' };
    const hub = startSwitchboard(['hub'], { home, env });
    await hub.printed(/TELEGRAM_OWNER_ID is not set/);
    await hubLogged(home, /unreachable/i);
    const status = await runSwitchboard(['status', '--json'], { home, env });
    expect(JSON.parse(status.stdout).channels[0]).toMatchObject({ name: 'telegram', ok: false });
    const commandLine = readFileSync(`/proc/${hub.pid}/cmdline`, 'utf8');
    kill(hub.pid, 'SIGTERM');
    await until(
      () => hub.child.exitCode !== null,
      () => 'the end of the hub',
    );
    expectNowhere(home, hub.stdout, hub.stderr, status.stdout, status.stderr, commandLine);
  });
});

function expectNowhere(home: string, ...texts: string[]): void {
  for (const text of [...texts, readFileSync(join(home, 'hub.log'), 'utf8')]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(SECRET.slice(12));
  }
}
