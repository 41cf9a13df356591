import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { openLinks } from '../support/hub-links.ts';
import { hubPid, newHub } from '../support/hub-pid.ts';
import { hubLogged, kill, runningIn, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('the election of the hub', () => {
  it('takes over what a killed hub left behind, and whatever else lies in the place of its socket', async () => {
    const home = temporaryDirectory();
    const first = startSwitchboard(['hub', '--background'], { home });
    await newHub(home, null);
    first.child.kill('SIGKILL');
    await first.ended();
    expect(existsSync(join(home, 'hub.sock'))).toBe(true);
    const second = startSwitchboard(['hub', '--background'], { home });
    expect(await newHub(home, first.pid)).toBe(second.pid);
    second.child.kill('SIGKILL');
    await second.ended();
    rmSync(join(home, 'hub.sock'));
    writeFileSync(join(home, 'hub.sock'), 'not a socket');
    const third = startSwitchboard(['hub', '--background'], { home });
    expect(await newHub(home, second.pid)).toBe(third.pid);
  });

  it('has one hub in the end even where no lock can be had', async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'hub.lock'), 'a plain file in the place of the lock');
    const hubs = Array.from({ length: 8 }, () => startSwitchboard(['hub', '--background'], { home }));
    await until(
      () => hubs.filter(({ child }) => child.exitCode === 0).length === 7,
      () => `7 ends, exit codes are ${hubs.map(({ child }) => child.exitCode)}`,
    );
    expect(await hubPid(home)).toBe(hubs.find(({ child }) => child.exitCode === null)?.pid);
  });

  it('replaces a hub that is stopped and answers no more', async () => {
    const home = temporaryDirectory();
    const timings = { hubPing: 100, hubSilence: 300 };
    const { allConnected } = openLinks(3, { home, timings });
    await until(allConnected, () => 'three connections');
    const before = await newHub(home, null);
    kill(before, 'SIGSTOP');
    await until(
      () => !runningIn(home).includes(before),
      () => 'the end of the stopped hub',
    );
    await newHub(home, before);
    await until(allConnected, () => 'three connections to the next hub');
  });

  it('replaces a hub that was stopped before anybody connected', async () => {
    const home = temporaryDirectory();
    const stopped = startSwitchboard(['hub', '--background'], { home });
    await newHub(home, null);
    stopped.child.kill('SIGSTOP');
    const timings = { hubPing: 100, hubSilence: 300 };
    const { allConnected } = openLinks(3, { home, timings });
    await until(allConnected, () => 'three connections');
    expect(await stopped.ended()).toBe('SIGKILL');
  });

  it('listens again when its socket file is removed', async () => {
    const home = temporaryDirectory();
    const hub = startSwitchboard(['hub', '--background'], { home, timings: { slowLook: 50 } });
    await newHub(home, null);
    rmSync(join(home, 'hub.sock'));
    expect(await newHub(home, null)).toBe(hub.pid);
  });

  it('leaves when it finds another hub at its address', async () => {
    const home = temporaryDirectory();
    const first = startSwitchboard(['hub', '--background'], { home, timings: { slowLook: 50 } });
    await newHub(home, null);
    first.child.kill('SIGSTOP');
    rmSync(join(home, 'hub.sock'));
    const second = startSwitchboard(['hub', '--background'], { home });
    expect(await newHub(home, null)).toBe(second.pid);
    first.child.kill('SIGCONT');
    expect(await first.ended()).toBe(0);
    expect(await hubPid(home)).toBe(second.pid);
  });

  it('serves a home whose path is too long for a socket, in a directory that only the user can enter', async () => {
    const home = join(temporaryDirectory(), 'a'.repeat(60), 'b'.repeat(60));
    mkdirSync(home, { recursive: true });
    const { allConnected } = openLinks(1, { home });
    await until(allConnected, () => 'a connection');
    const address = hubAddress(home);
    expect(Buffer.byteLength(address)).toBeLessThan(100);
    expect(statSync(dirname(address)).mode & 0o777).toBe(0o700);
    expect(statSync(address).mode & 0o777).toBe(0o600);
    rmSync(address);
  });

  it('leaves word of who it is, readable for its user alone', async () => {
    const home = temporaryDirectory();
    const hub = startSwitchboard(['hub', '--background'], { home });
    await hubLogged(home, /hub started/);
    expect(JSON.parse(readFileSync(join(home, 'hub.json'), 'utf8'))).toMatchObject({ pid: hub.pid });
    for (const file of ['hub.json', 'hub.sock', 'hub.log']) {
      expect(statSync(join(home, file)).mode & 0o777, file).toBe(0o600);
    }
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });
});
