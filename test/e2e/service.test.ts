import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/build.ts';
import { hubPid } from '../support/hub-pid.ts';
import { standInServiceManagers } from '../support/service-managers.ts';
import { hubLogged, kill, runningIn, runSwitchboard, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const UNIT = '.config/systemd/user/switchboard-hub.service';
const PLIST = 'Library/LaunchAgents/claude-switchboard.hub.plist';
const TOKEN = '123456:not-for-anybodys-eyes';

/** Makes the command take this system for another one. */
function pretend(platform: string): Record<string, string> {
  const code = `Object.defineProperty(process,"platform",{value:"${platform}"})`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

/** A home whose path has everything that files of services treat in a way of their own. */
function servicePlace(env: Record<string, string> = {}) {
  const user = temporaryDirectory();
  const home = join(user, `a 50% $HOME "b" <&>`);
  // A service has no settings but those of its home: any free port there as here.
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, 'config.json'), '{"WEB_PORT": 0}', { mode: 0o600 });
  const managers = standInServiceManagers();
  const options = { home, env: { HOME: user, WEB_PORT: '0', ...managers.env, ...env } };
  return {
    user,
    home,
    options,
    calls: managers.calls,
    service: (verb: string, more: Record<string, string> = {}) =>
      runSwitchboard(['service', verb], { ...options, env: { ...options.env, ...more } }),
  };
}

describe('switchboard service with systemd', () => {
  it('installs a unit that runs a hub, says so, and takes exactly that away again', async () => {
    const { user, home, service, calls } = servicePlace();
    const unit = join(user, UNIT);
    const installed = await service('install');
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(unit, 'utf8');
    expect(text).toContain(`\nExecStart="${process.execPath}" "${PROGRAM}" hub --service\n`);
    const escaped = home.replaceAll('%', '%%').replaceAll('"', '\\"');
    expect(text).toContain(`\nEnvironment="SWITCHBOARD_HOME=${escaped}"\n`);
    expect(installed.stdout).toContain(text.trim());
    expect(installed.stdout).toContain('loginctl enable-linger');
    expect(calls()).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now switchboard-hub.service',
    ]);
    const pid = await hubPid(home);
    expect(runningIn(home, /hub --service/)).toEqual([pid]);
    expect(installed.stdout).toContain(`Hub: pid ${pid}, the service's own`);
    const status = await service('status');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toMatch(/starts at every login; running, pid \d+; active \(running\)/);
    expect(status.stdout).toContain(`Hub: pid ${pid}, the service's own`);

    // Once more: nothing starts anew.
    expect((await service('install')).stdout).toContain('says so already');
    expect(await hubPid(home)).toBe(pid);

    const removed = await service('uninstall');
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining(`Removed ${unit}`) });
    expect(calls().slice(-2)).toEqual([
      'systemctl --user disable --now switchboard-hub.service',
      'systemctl --user daemon-reload',
    ]);
    expect(existsSync(unit)).toBe(false);
    expect(existsSync(dirname(unit))).toBe(true);
    expect(runningIn(home)).toEqual([]);
    expect(await service('uninstall')).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to remove') });
    expect(await service('status')).toMatchObject({ code: 1, stdout: expect.stringContaining('not installed') });
  });

  it('writes a unit of other contents anew, and starts the hub again with it', async () => {
    const { user, home, service, calls } = servicePlace();
    await service('install');
    const before = await hubPid(home);
    const unit = join(user, UNIT);
    const text = readFileSync(unit, 'utf8');
    writeFileSync(unit, text.replace('RestartSec=2', 'RestartSec=9'));
    expect((await service('status')).stdout).toContain('The file is not what would be written now');
    expect((await service('install')).stdout).toContain(`Wrote ${unit}`);
    expect(readFileSync(unit, 'utf8')).toBe(text);
    expect(calls().at(-1)).toBe('systemctl --user restart switchboard-hub.service');
    expect(await hubPid(home)).not.toBe(before);
  });

  it('touches no unit that somebody else has written', async () => {
    const { user, service, calls } = servicePlace();
    mkdirSync(dirname(join(user, UNIT)), { recursive: true });
    writeFileSync(join(user, UNIT), '[Service]\nExecStart=/bin/true\n');
    for (const verb of ['install', 'uninstall']) {
      expect(await service(verb)).toMatchObject({ code: 1, stderr: expect.stringContaining('not written by this') });
    }
    expect(readFileSync(join(user, UNIT), 'utf8')).toBe('[Service]\nExecStart=/bin/true\n');
    expect(calls()).toEqual([]);
  });

  it("says when the hub that runs is not the service's own, until the service has taken over", async () => {
    const { home, options, service } = servicePlace();
    const other = startSwitchboard(['hub', '--background'], options);
    await hubLogged(home, /hub started/);
    const { code, stdout } = await service('install');
    expect(code).toBe(0);
    expect(stdout).toContain(`Hub: pid ${other.pid}, not the service's own`);
    expect(stdout).toContain(`kill ${other.pid}`);
    await hubLogged(home, /taking over when it is gone/);
    kill(other.pid, 'SIGTERM');
    expect(await other.ended()).toBe(0);
    await until(
      async () => (await service('status')).stdout.includes("the service's own") && (await hubPid(home)) !== null,
      () => 'the take-over',
    );
    expect(await hubPid(home)).not.toBe(other.pid);
  });

  it('warns of settings that stand in the terminal alone, and says none of them', async () => {
    const { home, service } = servicePlace();
    const alone = {
      TELEGRAM_BOT_TOKEN: TOKEN,
      https_proxy: 'http://ada:secret@127.0.0.1:9',
      SWITCHBOARD_SESSIONS_DIR: '/x',
    };
    for (const verb of ['install', 'status']) {
      const { stdout, stderr } = await service(verb, alone);
      expect(stderr).toContain('TELEGRAM_BOT_TOKEN, HTTPS_PROXY are set in this terminal alone');
      expect(stdout + stderr).not.toMatch(/not-for-anybodys-eyes|secret/);
    }
    const settings = { WEB_PORT: 0, TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: 'http://127.0.0.1:9' };
    writeFileSync(join(home, 'config.json'), JSON.stringify(settings), { mode: 0o600 });
    expect((await service('status', { TELEGRAM_BOT_TOKEN: TOKEN })).stderr).toBe('');
    const others = await service('status', { TELEGRAM_BOT_TOKEN: '654321:another' });
    expect(others.stderr).toContain('TELEGRAM_BOT_TOKEN is set in this terminal alone');
  });

  it.each([
    ['no systemd runs for the user', { SWITCHBOARD_STAND_IN_FAILS: '1' }, /no systemd runs for this user \(Failed to/],
    ['there is no systemctl', { PATH: '/nowhere' }, /there is no systemctl here/],
    ['the system is another one', pretend('freebsd'), /this is freebsd/],
  ])('explains what to do instead where %s', async (_, env, reason) => {
    const { user, home, service } = servicePlace(env);
    for (const verb of ['install', 'status']) {
      const { code, stderr } = await service(verb);
      expect(code).toBe(1);
      expect(stderr).toMatch(reason);
      expect(stderr).toContain(`"${process.execPath}" "${PROGRAM}" --home "${home}" hub --service`);
    }
    expect(existsSync(join(user, UNIT))).toBe(false);
  });
});

describe('switchboard service with launchd', () => {
  it('installs an agent that runs a hub, says so, and takes exactly that away again', async () => {
    const { user, home, service, calls } = servicePlace(pretend('darwin'));
    const agent = `gui/${process.getuid?.()}/claude-switchboard.hub`;
    const installed = await service('install');
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(join(user, PLIST), 'utf8');
    expect(text).toContain(
      `<string>${process.execPath}</string>\n    <string>${PROGRAM}</string>\n    <string>hub</string>`,
    );
    expect(text).toContain('$HOME "b" &lt;&amp;&gt;</string>');
    expect(calls()).toEqual([
      `launchctl enable ${agent}`,
      `launchctl bootstrap ${agent.replace(/\/[^/]*$/, '')} ${join(user, PLIST)}`,
    ]);
    const pid = await hubPid(home);
    expect(runningIn(home, /hub --service/)).toEqual([pid]);
    expect((await service('status')).stdout).toContain(`Hub: pid ${pid}, the service's own`);
    await service('install');
    expect(calls().at(-1)).toBe(`launchctl kickstart ${agent}`);
    expect(await hubPid(home)).toBe(pid);
    expect((await service('uninstall')).code).toBe(0);
    expect(calls().at(-1)).toBe(`launchctl bootout ${agent}`);
    expect(existsSync(join(user, PLIST))).toBe(false);
    expect(runningIn(home)).toEqual([]);
  });

  it('explains what to do instead where nobody is logged in at the screen', async () => {
    const { user, service } = servicePlace({ ...pretend('darwin'), SWITCHBOARD_STAND_IN_FAILS: '1' });
    expect(await service('install')).toMatchObject({ code: 1, stderr: expect.stringContaining('at the screen') });
    expect(existsSync(join(user, PLIST))).toBe(false);
  });
});
