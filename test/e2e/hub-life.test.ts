import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { openLinks } from '../support/hub-links.ts';
import { hubPid } from '../support/hub-pid.ts';
import { mcpPlace } from '../support/mcp-client.ts';
import { openOwnSession } from '../support/own-session.ts';
import { hubLogged, kill, runningIn, runSwitchboard, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** What a Claude Code instance sends first. */
const HANDSHAKE = [
  {
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { method: 'notifications/initialized' },
  { id: 1, method: 'tools/list' },
].map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

describe('the life of the hub', () => {
  it('is started by a session and lives on when the process group of that session is killed', async () => {
    const home = temporaryDirectory();
    const session = startSwitchboard(['mcp'], {
      home,
      group: true,
      env: { ANTHROPIC_API_KEY: 'sk-not-for-the-hub', CLAUDE_CODE_MESSAGING_TOKEN: 'nor-this' },
    });
    session.child.stdin?.write(HANDSHAKE.join(''));
    const { pid } = await hubLogged(home, /hub started/);
    process.kill(-session.pid, 'SIGKILL');
    expect(await session.ended()).toBe('SIGKILL');
    expect(await hubPid(home)).toBe(pid);
    // A second one, started when the first took long, may take a moment to be gone.
    await until(
      () => runningIn(home, /hub/).length === 1,
      () => 'one hub and nothing else',
    );
    expect(runningIn(home, /hub --background/)).toEqual([pid]);
    const withSecrets = (secret: string): number[] =>
      runningIn(home).filter((each) => environmentOf(each).includes(secret));
    expect(withSecrets('sk-not-for-the-hub')).toEqual([]);
    expect(withSecrets('nor-this')).toEqual([]);
  });

  it('does not make its place again when that is gone by the time it starts', async () => {
    const cwd = temporaryDirectory();
    const home = join(cwd, 'gone');
    const { code, stderr } = await runSwitchboard(['hub', '--background'], { home, cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`There is no ${home} (any more)`)]);
    expect(existsSync(home)).toBe(false);
  });

  it('ends by itself when no session has lived for a while, and not before', async () => {
    const place = mcpPlace();
    const { home } = place;
    const timings = { hubIdle: 1_500 };
    // Keeps it there until the connection stands, however long that takes.
    const session = await openOwnSession(place, 'first');
    const hub = startSwitchboard(['hub', '--background'], { home, timings });
    await hubLogged(home, /hub started/);
    const { links, allConnected } = openLinks(1, { home, timings });
    await until(allConnected, () => 'a connection');
    await session.end();
    await hubLogged(home, /session archived/);
    const connectedAt = performance.now();
    await until(
      () => performance.now() - connectedAt > 3 * timings.hubIdle,
      () => 'three times the idle time',
    );
    expect(hub.child.exitCode).toBe(null);
    links[0]?.close();
    expect(await hub.ended()).toBe(0);
    expect((await hubLogged(home, /hub ends/)).reason).toBe('idle');
  });

  it('stays without any session when a person runs it in the foreground, and ends in order on a signal', async () => {
    const home = temporaryDirectory();
    const hub = startSwitchboard(['hub'], { home, timings: { hubIdle: 20 } });
    await hub.printed(/@BotFather/);
    expect(hub.stdout).toContain('switchboard answer');
    expect(hub.stdout).toContain('switchboard pair');
    const startedAt = performance.now();
    await until(
      () => performance.now() - startedAt > 200,
      () => 'ten times the idle time',
    );
    expect(await hubPid(home)).toBe(hub.pid);
    kill(hub.pid, 'SIGTERM');
    expect(await hub.ended()).toBe(0);
    expect((await hubLogged(home, /hub ends/)).reason).toBe('SIGTERM');
  });

  it('is not taken for silent by a session that was stopped itself', async () => {
    const home = temporaryDirectory();
    // The hub itself may be slow to answer on a machine that does much else.
    const timings = { hubPing: 200, hubSilence: 2_000 };
    const session = startSwitchboard(['mcp'], { home, timings });
    session.child.stdin?.write(HANDSHAKE.join(''));
    const { pid } = await hubLogged(home, /hub started/);
    await session.printed(/connected to the hub/);
    for (let round = 0; round < 2; round += 1) {
      kill(session.pid, 'SIGSTOP');
      await sleep(1.5 * timings.hubSilence);
      kill(session.pid, 'SIGCONT');
      await sleep(2 * timings.hubPing);
    }
    expect(session.stderr).not.toMatch(/does not answer|the hub is gone/);
    expect(await hubPid(home)).toBe(pid);
  });

  it('survives the one who read its output', async () => {
    const home = temporaryDirectory();
    const hub = startSwitchboard(['hub'], { home });
    await hub.printed(/@BotFather/);
    hub.child.stdout?.destroy();
    hub.child.stderr?.destroy();
    mkdirSync(join(home, 'sessions'));
    const { allConnected } = openLinks(1, { home }); // Makes it follow that directory, which it tells.
    await until(allConnected, () => 'a connection');
    await hubLogged(home, /following a sessions directory/);
    expect(await hubPid(home)).toBe(hub.pid);
    kill(hub.pid, 'SIGTERM');
    expect(await hub.ended()).toBe(0);
  });

  it('is not disturbed by peers that send rubbish, never end a line, or never read', async () => {
    const home = temporaryDirectory();
    const hub = startSwitchboard(['hub', '--background'], { home });
    await hubLogged(home, /hub started/);
    const cutOff = async (sent: string): Promise<void> => {
      const socket = connect(hubAddress(home));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => undefined); // Being cut off while writing is what is expected.
      socket.resume().write(sent);
      await closed;
    };
    await cutOff('GET / HTTP/1.1\r\n\r\n');
    await cutOff('"text"\n');
    await cutOff('[1]\nnull\n');
    await cutOff('x'.repeat(200_000));
    const deaf = connect(hubAddress(home));
    deaf.on('error', () => undefined);
    deaf.pause().write('{"type":"ping"}\n'.repeat(200_000));
    const kind = connect(hubAddress(home));
    kind.resume().write('{"type":"from the future"}\n{"type":"session","session":"no id"}\n{"type":"look"}\n');
    expect(await hubPid(home)).toBe(hub.pid);
    expect(kind.destroyed).toBe(false);
    kind.destroy();
    deaf.destroy();
    expect(hub.child.exitCode).toBe(null);
  });
});

function environmentOf(pid: number): string {
  return readFileSync(`/proc/${pid}/environ`, 'utf8');
}
