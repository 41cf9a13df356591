import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLinks } from '../support/hub-links.ts';
import { hubPid } from '../support/hub-pid.ts';
import { programOfVersion } from '../support/other-version.ts';
import { hubLog, hubLogged, kill, type RunningCommand, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function untilHub(home: string, hub: RunningCommand): Promise<void> {
  await until(
    async () => (await hubPid(home)) === hub.pid,
    () => `process ${hub.pid} to be the hub`,
  );
}

const startService = (home: string, timings = {}) =>
  startSwitchboard(['hub', '--service'], { home, timings: { slowLook: 50, hubIdle: 20, ...timings } });

describe('switchboard hub --service', () => {
  it('stays without any session, prints nothing, and ends in order on a signal', async () => {
    const home = temporaryDirectory();
    const hub = startService(home);
    await hubLogged(home, /hub started/);
    const startedAt = performance.now();
    await until(
      () => performance.now() - startedAt > 200,
      () => 'ten times the idle time',
    );
    expect(await hubPid(home)).toBe(hub.pid);
    kill(hub.pid, 'SIGTERM');
    expect(await hub.ended()).toBe(0);
    expect(hub.stdout + hub.stderr).toBe('');
    expect((await hubLogged(home, /hub ends/)).reason).toBe('SIGTERM');
  });

  it('waits while another hub runs, and takes over when that one is killed', async () => {
    const home = temporaryDirectory();
    const other = startSwitchboard(['hub', '--background'], { home });
    await hubLogged(home, /hub started/);
    // Only the closing connection can tell it in time.
    const service = startService(home, { slowLook: 60_000 });
    await hubLogged(home, /taking over when it is gone/);
    kill(other.pid, 'SIGKILL');
    await untilHub(home, service);
    const { links, allConnected, started } = openLinks(2, { home });
    await until(allConnected, () => 'sessions at the service');
    expect(started()).toBe(0);
    expect(hubLog(home).filter(({ msg }) => /taking over/.test(msg))).toHaveLength(1);
    for (const link of links) link.close();
    expect(service.child.exitCode).toBe(null);
  });

  it('waits without being in the way: the other hub still ends by itself, and a signal ends the waiting', async () => {
    const home = temporaryDirectory();
    const other = startSwitchboard(['hub'], { home });
    await other.printed(/Ctrl-C ends it/);
    const [first, second] = [startService(home), startService(home)];
    await until(
      () => hubLog(home).filter(({ msg }) => /taking over/.test(msg)).length === 2,
      () => 'two that wait',
    );
    kill(second.pid, 'SIGTERM');
    expect(await second.ended()).toBe('SIGTERM');
    kill(other.pid, 'SIGTERM');
    expect(await other.ended()).toBe(0);
    await untilHub(home, first);
  });

  it('leaves when its settings change, and reads them anew after waiting', async () => {
    const home = temporaryDirectory();
    const hub = startService(home);
    await hubLogged(home, /hub started/);
    const waiting = startService(home);
    await hubLogged(home, /taking over when it is gone/);
    writeFileSync(join(home, 'config.json'), '{"HTTPS_PROXY": "http://127.0.0.1:9"}', { mode: 0o644 });
    expect(await hub.ended()).toBe(0);
    expect((await hubLogged(home, /hub ends/)).reason).toBe('settings changed');
    await untilHub(home, waiting);
    // Said by the one that has read the file.
    const { pid } = await hubLogged(home, /can be read by others/);
    expect(pid).toBe(waiting.pid);
  });

  it('makes room for a newer version', async () => {
    const home = temporaryDirectory();
    const hub = startService(home);
    await hubLogged(home, /hub started/);
    const newer = startSwitchboard(['hub', '--service'], { home, program: programOfVersion('99.0.0') });
    expect(await hub.ended()).toBe(0);
    expect((await hubLogged(home, /hub ends/)).reason).toBe('newer_version');
    await untilHub(home, newer);
  });

  it('ends with status 2 and a word in the log when a setting is impossible', async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": "Ada"}', { mode: 0o600 });
    const hub = startService(home);
    expect(await hub.ended()).toBe(2);
    expect(hub.stderr).toContain('TELEGRAM_OWNER_ID');
    await hubLogged(home, /could not start/);
  });
});
