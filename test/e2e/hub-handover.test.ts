import { describe, expect, it } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { openLinks } from '../support/hub-links.ts';
import { builtVersion, programOfVersion } from '../support/other-version.ts';
import { hubLog, hubLogged, runningIn, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function runningVersion(home: string): Promise<string | null> {
  const probe = await probeHub(hubAddress(home), 10_000);
  return probe.found === 'hub' ? probe.hub.version : null;
}

function hubsStarted(home: string): number {
  return hubLog(home).filter(({ msg }) => msg === 'hub started').length;
}

describe('the hand-over to a newer version', () => {
  it('lets a session of a newer version bring a newer hub, which all older sessions accept', async () => {
    const home = temporaryDirectory();
    const older = openLinks(8, { home, version: builtVersion() });
    await until(older.allConnected, () => 'connections to the older hub');
    const newer = openLinks(4, { home, version: '99.0.0', program: programOfVersion('99.0.0') });
    await until(
      async () => (await runningVersion(home)) === '99.0.0',
      () => 'the newer hub',
    );
    await until(
      () => newer.allConnected() && older.allConnected() && runningIn(home, /hub --background/).length === 1,
      () => 'all at one hub',
    );
    expect(await runningVersion(home)).toBe('99.0.0');
    await until(
      () => hubsStarted(home) === 2,
      () => 'two starts in all',
    );
    expect(newer.started()).toBe(1);
    expect(older.started()).toBeLessThanOrEqual(2);
  });

  it('keeps the older hub when the newer one cannot start', async () => {
    const home = temporaryDirectory();
    const older = openLinks(2, { home, version: builtVersion() });
    await until(older.allConnected, () => 'connections to the older hub');
    await hubLogged(home, /hub started/);
    const newer = openLinks(2, {
      home,
      version: '99.0.0',
      program: '/nowhere/switchboard.js',
      timings: { hubPing: 20 },
    });
    await until(
      () => newer.allConnected() && newer.started() > 0,
      () => 'the attempt',
    );
    expect(await runningVersion(home)).toBe(builtVersion());
    expect(hubsStarted(home)).toBe(1);
    expect(newer.started()).toBe(1);
  });

  it('does not let an older hub push out a newer one', async () => {
    const home = temporaryDirectory();
    const newer = startSwitchboard(['hub', '--background'], { home, program: programOfVersion('99.0.0') });
    await until(
      async () => (await runningVersion(home)) === '99.0.0',
      () => 'the newer hub',
    );
    const older = startSwitchboard(['hub'], { home });
    expect(await older.ended()).toBe(0);
    expect(older.stdout).toContain(`A hub runs already: pid ${newer.pid}, version 99.0.0`);
    const { allConnected, started } = openLinks(3, { home, version: builtVersion() });
    await until(allConnected, () => 'connections of older sessions');
    expect(started()).toBe(0);
    expect(await runningVersion(home)).toBe('99.0.0');
  });
});
