import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { claimHubStart, releaseHubStart } from './hub-start-claim.ts';

function setAge(home: string, ms: number): void {
  const at = new Date(Date.now() - ms);
  utimesSync(join(home, 'hub.starting'), at, at);
}

describe('the claim to start a hub', () => {
  it('is given to one of many until it is released', () => {
    const home = temporaryDirectory();
    expect([claimHubStart(home), claimHubStart(home), claimHubStart(home)]).toEqual([true, false, false]);
    releaseHubStart(home);
    expect(claimHubStart(home)).toBe(true);
  });

  it('of a session that was killed, or from before the clock was set back, ends by itself', () => {
    const home = temporaryDirectory();
    claimHubStart(home);
    setAge(home, 5_000);
    expect([claimHubStart(home), claimHubStart(home)]).toEqual([true, false]);
    setAge(home, -3_600_000);
    expect([claimHubStart(home), claimHubStart(home)]).toEqual([true, false]);
  });

  it('never keeps everybody from starting: where it cannot be noted it is given', () => {
    expect(claimHubStart(join(temporaryDirectory(), 'missing'))).toBe(true);
    const home = temporaryDirectory();
    mkdirSync(join(home, 'hub.starting'));
    setAge(home, 5_000);
    expect(() => claimHubStart(home)).not.toThrow();
  });
});
