import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSession } from '../../test/support/records.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { until } from '../../test/support/switchboard.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { type HubLinkOptions, openHubLink } from './hub-link.ts';
import { electHub, type HubServer } from './hub-server.ts';
import { claimHubStart, HUB_START_MS_MAX, releaseHubStart } from './hub-start-claim.ts';
import { TIMINGS } from './timings.ts';

async function hubIn(home: string, looks: string[] = []): Promise<HubServer> {
  const election = await electHub({
    home,
    version: '1.0.0',
    log: silentLog,
    timings: TIMINGS,
    onLook: (session, directory) => looks.push(`${session} ${directory}`),
    onSessionsChanged: () => undefined,
    onLeave: () => undefined,
  });
  if (!election.elected) throw new Error('not elected');
  onTestFinished(() => election.server.close());
  return election.server;
}

function linkTo(home: string, options: Partial<HubLinkOptions> = {}) {
  const link = openHubLink({
    home,
    version: '1.0.0',
    session: newSession(),
    sessionsDirectory: '/sessions',
    startHub: () => undefined,
    onLook: () => undefined,
    log: silentLog,
    timings: TIMINGS,
    ...options,
  });
  onTestFinished(() => link.close());
  return link;
}

describe('the link of a session', () => {
  it('makes the hub look at its file as soon as it is there, and whenever it says so', async () => {
    const home = temporaryDirectory();
    const looks: string[] = [];
    const server = await hubIn(home, looks);
    const session = newSession();
    const link = linkTo(home, { session });
    await until(
      () => looks.length === 1,
      () => 'the first look',
    );
    expect([...server.connected]).toEqual([session]);
    link.look();
    await until(
      () => looks.length === 2,
      () => 'the second look',
    );
    expect(looks).toEqual([`${session} /sessions`, `${session} /sessions`]);
  });

  it('passes on the looks of the hub, to the session it is about alone', async () => {
    const home = temporaryDirectory();
    const server = await hubIn(home);
    const looks = { first: 0, second: 0 };
    const first = newSession();
    linkTo(home, { session: first, onLook: () => (looks.first += 1) });
    linkTo(home, { onLook: () => (looks.second += 1) });
    await until(
      () => server.connected.size === 2,
      () => 'two sessions',
    );
    server.look(first);
    await until(
      () => looks.first === 1,
      () => 'the look',
    );
    expect(looks.second).toBe(0);
  });

  it('says how the channels are, and null while there is no hub or it loads them', async () => {
    const home = temporaryDirectory();
    const link = linkTo(home);
    expect(link.channels).toBe(null);
    const server = await hubIn(home);
    await until(
      () => link.connected,
      () => 'the hub',
    );
    expect(link.channels).toBe(null);
    const telegram = { name: 'telegram', ok: true, detail: 'connected', since: '2026-11-20T10:00:00.000Z' };
    server.tellChannels([telegram]);
    await until(
      () => link.channels?.length === 1,
      () => 'a channel',
    );
    expect(link.channels).toEqual([telegram]);
    await server.close();
    await until(
      () => !link.connected,
      () => 'the end of the connection',
    );
    expect(link.channels).toBe(null);
  });

  it('becomes that of another session when its owner has a new id', async () => {
    const home = temporaryDirectory();
    const server = await hubIn(home);
    const link = linkTo(home);
    const successor = newSession();
    link.announce(successor);
    await until(
      () => server.connected.has(successor),
      () => 'the new id',
    );
    const next = newSession();
    link.announce(next);
    await until(
      () => server.connected.has(next),
      () => 'the next id',
    );
    expect(server.connected.size).toBe(1);
  });

  it('starts hubs ever more slowly while none comes up, and survives a start that fails', async () => {
    const home = temporaryDirectory();
    const starts: number[] = [];
    const link = linkTo(home, {
      startHub: () => {
        starts.push(performance.now());
        throw new Error('no such program');
      },
    });
    await until(
      () => starts.length === 2,
      () => 'the second start',
    );
    const [first = 0, second = 0] = starts;
    expect(second - first).toBeGreaterThan(1_000);
    await hubIn(home);
    await until(
      () => link.connected,
      () => 'a hub that somebody else has started',
    );
    expect(starts).toHaveLength(2);
  });

  it('of many that find no hub starts one at a time, also when the first takes longer than usual', async () => {
    const home = temporaryDirectory();
    let starts = 0;
    const began = performance.now();
    for (let link = 0; link < 20; link += 1) linkTo(home, { startHub: () => (starts += 1) });
    await until(
      () => starts >= 3,
      () => 'the third start',
    );
    // The times of files are coarser than the clock.
    expect(starts).toBeLessThanOrEqual(1 + Math.floor((performance.now() - began + 100) / HUB_START_MS_MAX));
  });

  it('brings a newer hub though somebody else was starting one when it found an older one', async () => {
    const home = temporaryDirectory();
    const server = await hubIn(home);
    expect(claimHubStart(home)).toBe(true);
    let starts = 0;
    // Only this clock: connections and pings are real.
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const link = linkTo(home, {
      version: '2.0.0',
      startHub: () => (starts += 1),
      timings: { ...TIMINGS, hubPing: 10 },
    });
    await until(
      () => link.connected && server.connected.size === 1,
      () => 'the older hub',
    );
    expect(starts).toBe(0);
    releaseHubStart(home);
    vi.advanceTimersByTime(5_000);
    await until(
      () => starts > 0,
      () => 'the start of the newer hub',
    );
    expect(starts).toBe(1);
  });
});
