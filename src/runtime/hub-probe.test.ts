import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { DirectoryError, makePrivateDirectory, makePrivateDirectoryAmongStrangers } from './home.ts';
import { killSilentHub, probeHub, readHubFile, writeHubFile } from './hub-probe.ts';
import type { HubInfo } from './hub-wire.ts';
import { processFacts, processIdentity } from './processes.ts';

async function sleeper(): Promise<{ child: ChildProcess; identity: HubInfo }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  const facts = processFacts(child.pid ?? 0);
  const process_started_at = typeof facts === 'object' ? facts.started_at : null;
  const identity = { ...processIdentity(), pid: child.pid ?? 0, process_started_at, version: '1.0.0', since: '' };
  return { child, identity };
}

async function listening(onConnection: Parameters<typeof createServer>[1]): Promise<string> {
  const address = join(temporaryDirectory(), 's');
  const server: Server = createServer(onConnection);
  server.listen(address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return address;
}

describe('a silent hub', () => {
  it('is ended when its process is known', async () => {
    const { child, identity } = await sleeper();
    expect(killSilentHub(identity)).toBe(true);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('is spared when its pid may belong to another process by now', async () => {
    const { child, identity } = await sleeper();
    for (const other of ['process_started_at', 'boot_id', 'pid_namespace']) {
      expect(killSilentHub({ ...identity, [other]: 'another' }, { connected: true }), other).toBe(false);
    }
    expect(killSilentHub({ ...identity, process_started_at: null })).toBe(false);
    expect(killSilentHub(null)).toBe(false);
    expect(killSilentHub({ ...identity, ...processIdentity() })).toBe(false);
    expect(child.exitCode ?? child.signalCode).toBe(null);
  });

  it('is recognised, and told from one that speaks and from nobody', async () => {
    const sockets = new Set<{ destroy(): void }>();
    onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
    const silent = await listening((socket) => void sockets.add(socket));
    expect(await probeHub(silent, 30)).toEqual({ found: 'silent' });
    const speaking = await listening((socket) =>
      socket.end('{"type":"news from the future"}\n{"type":"hub","pid":7,"version":"9.9.9","more":[1]}\n'),
    );
    expect(await probeHub(speaking, 1_000)).toMatchObject({
      found: 'hub',
      hub: { pid: 7, version: '9.9.9' },
      channels: [],
    });
    const leaving = await listening((socket) => socket.end());
    expect(await probeHub(leaving, 1_000)).toEqual({ found: 'nobody' });
    expect(await probeHub('/nowhere/s', 1_000)).toEqual({ found: 'nobody' });
  });

  it('has left word in the home, which a broken file does not imitate', async () => {
    const home = temporaryDirectory();
    expect(readHubFile(home)).toBe(null);
    const { identity } = await sleeper();
    writeHubFile(home, identity);
    expect(readHubFile(home)).toEqual(identity);
    writeHubFile(home, { ...identity, pid: -1 });
    expect(readHubFile(home)).toBe(null);
  });
});

describe('a directory of our own', () => {
  it('is made for its owner alone', () => {
    const path = join(temporaryDirectory(), 'a', 'b');
    makePrivateDirectory(path);
    expect(() => makePrivateDirectoryAmongStrangers(path)).not.toThrow();
  });

  it('is refused when others can write into it, or where a link leads elsewhere', () => {
    const parent = temporaryDirectory();
    const open = join(parent, 'open');
    mkdirSync(open);
    expect(() => makePrivateDirectory(open)).not.toThrow();
    expect(() => makePrivateDirectoryAmongStrangers(open)).toThrow(DirectoryError);
    symlinkSync(temporaryDirectory(), join(parent, 'link'));
    expect(() => makePrivateDirectoryAmongStrangers(join(parent, 'link'))).toThrow(DirectoryError);
    expect(() => makePrivateDirectory('/dev/null/x')).toThrow(DirectoryError);
  });
});
