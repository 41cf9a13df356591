import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { hostileJson, hostileText, nestedJson } from '../support/hostile-text.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { propertyTest } from '../support/property-test.ts';
import { runningIn, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const CONNECTIONS = 2_000;
// Only a failure takes that long; a machine that does much else may need most of it.
const ANSWER_MS_MAX = 30_000;

/** A hub of a home of its own, and ways to be rude to it. */
async function startHub(): Promise<{
  home: string;
  pid: number;
  dial: () => Promise<Socket>;
  expectAlive: () => Promise<void>;
}> {
  const home = temporaryDirectory();
  const hub = startSwitchboard(['hub', '--background'], { home });
  const address = hubAddress(home);
  await until(
    async () => (await probeHub(address, 1_000)).found === 'hub',
    () => `a hub in ${home}`,
  );
  const dial = async (): Promise<Socket> => {
    for (;;) {
      const socket = connect(address);
      onTestFinished(() => void socket.destroy());
      const failed = await once(socket, 'connect').then(
        () => null,
        (error: NodeJS.ErrnoException) => error,
      );
      socket.on('error', () => undefined);
      if (!failed) return socket;
      // Its queue of callers is full for the moment: that is how the system says it.
      if (failed.code !== 'EAGAIN') throw failed;
      await nextTurn();
    }
  };
  const expectAlive = async (): Promise<void> => {
    expect(await probeHub(address, ANSWER_MS_MAX)).toMatchObject({ found: 'hub', hub: { pid: hub.pid } });
    expect(hub.child.exitCode).toBeNull();
  };
  return { home, pid: hub.pid, dial, expectAlive };
}

/** Resolves once a connection is over, however it came about. */
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

const memoryMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** What a session might say, and never would. */
const message = fc
  .record(
    {
      type: fc.oneof(fc.constantFrom('session', 'look', 'presence', 'ping', 'leave', 'hub', '__proto__'), hostileText),
      session: fc.oneof(fc.constant('0b7e1c1e-0000-4000-8000-000000000001'), hostileText),
      sessions_directory: fc.oneof(
        fc.constantFrom('/', '/proc', '..', '/dev/zero', '/nowhere'),
        hostileText,
        hostileJson,
      ),
      version: fc.oneof(fc.constantFrom('', 'x', '1'), hostileText),
    },
    { requiredKeys: ['type'] },
  )
  .map((value) => `${JSON.stringify(value)}\n`);
const noise = fc.oneof(
  message,
  hostileText,
  hostileJson.map((value) => `${JSON.stringify(value)}\n`),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

describe('the socket of a hub', () => {
  propertyTest(
    'hears anything, and serves the next one',
    fc.array(noise, { minLength: 1, maxLength: 10 }),
    async () => {
      const { dial, expectAlive } = await startHub();
      const check = async (said: readonly (string | Buffer)[]): Promise<void> => {
        const socket = await dial();
        // A newer version may ask it to leave; nothing here is one.
        for (const each of said) if (!/"version":"\d/.test(String(each))) socket.write(each);
        socket.end();
        await expectAlive();
        socket.destroy();
      };
      return { check, after: expectAlive };
    },
    { runs: 200 },
  );

  it('cuts off who sends no end of a line, and who never reads', async () => {
    const { dial, expectAlive, pid } = await startHub();
    const before = memoryMb(pid);
    const endless = await dial();
    const cutOff = closed(endless);
    endless.write('{"type":"ping","x":"');
    const more = setInterval(() => endless.write('A'.repeat(16 * 1024)), 1);
    await cutOff;
    clearInterval(more);
    const deaf = await dial();
    deaf.pause();
    const gone = closed(deaf);
    const ping = '{"type":"ping"}\n'.repeat(4_000);
    const asking = setInterval(() => deaf.write(ping), 1);
    // A socket that reads nothing learns only by a failing write that it was cut off.
    await gone;
    clearInterval(asking);
    await expectAlive();
    expect(memoryMb(pid) - before).toBeLessThan(150);
  });

  it(`stands ${CONNECTIONS} callers who say nothing, half a word, or something deep`, async () => {
    const { dial, expectAlive } = await startHub();
    const callers: Socket[] = [];
    for (let count = 0; count < CONNECTIONS; count += 50) {
      callers.push(...(await Promise.all(Array.from({ length: 50 }, dial))));
    }
    for (const [index, socket] of callers.entries()) if (index % 3 === 0) socket.write('{"type":');
    callers[0]?.write(`${nestedJson(30_000)}\n`);
    await expectAlive();
    for (const socket of callers) socket.destroy();
    await expectAlive();
  });

  it('lets nobody else in, whatever the umask and however open the home is', async () => {
    const home = join(temporaryDirectory(), 'home');
    mkdirSync(home, { mode: 0o755 });
    const seen = new Set<string>();
    const hub = startSwitchboard(['hub', '--background'], { home });
    await until(
      async () => {
        for (const name of readdirSync(home)) {
          const facts = statSync(join(home, name), { throwIfNoEntry: false });
          if (facts?.isSocket()) seen.add((facts.mode & 0o777).toString(8));
        }
        return (await probeHub(hubAddress(home), 1_000)).found === 'hub';
      },
      () => 'a hub',
    );
    expect(hub.child.exitCode).toBeNull();
    expect((statSync(join(home, 'hub.sock')).mode & 0o777).toString(8)).toBe('600');
    for (const mode of seen) expect(['600', '700']).toContain(mode);
  });
});

describe('whoever passes for the hub', () => {
  const answers: Record<string, (socket: Socket) => void> = {
    'says nothing': () => undefined,
    'hangs up at once': (socket) => void socket.destroy(),
    'never ends its line': (socket) => {
      const timer = setInterval(() => socket.write('A'.repeat(50_000)), 5);
      socket.on('close', () => clearInterval(timer));
    },
    'sends floods of what nobody knows': (socket) =>
      void socket.write('{"type":"x","__proto__":{"a":1}}\n'.repeat(20_000)),
    'is deep': (socket) => void socket.write(`${nestedJson(20_000, 'object')}\n`),
    'says that everything is well, in control characters': (socket) =>
      void socket.write(
        `${JSON.stringify({ type: 'hub', pid: 1, version: '99.0.0\u001b[2J', channels: [{ name: '\u001b[2J', ok: true, detail: '\u009b', since: '', chats: 1e308 }] })}\n${'{"type":"look"}\n'.repeat(5_000)}`,
      ),
  };
  for (const [what, answer] of Object.entries(answers)) {
    it(`and ${what} keeps no session from its answer`, async () => {
      const place = mcpPlace();
      mkdirSync(place.home, { mode: 0o700 });
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        answer(socket);
      });
      server.listen(hubAddress(place.home));
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const session = await startMcp(place);
      const asked = session.call('ask_blocking_question', { question: 'Good?' });
      const id = await session.session();
      const { record } = await place.hub.question(id, 'Good?');
      await place.hub.answer(id, record.id, 'yes');
      expect((await asked).structuredContent).toMatchObject({ answer: 'yes' });
    });
  }

  it('gets nobody killed whose process it only names', async () => {
    const innocent = spawn('sleep', ['600'], { stdio: 'ignore' });
    onTestFinished(() => void innocent.kill('SIGKILL'));
    const place = mcpPlace();
    mkdirSync(place.home, { mode: 0o700 });
    const self = processIdentity();
    // The right machine, a living pid; what it cannot know of a process that is not its own is when it began.
    const named = { ...self, pid: innocent.pid, process_started_at: '1', version: '0.1.0', since: '' };
    writeFileSync(join(place.home, 'hub.json'), JSON.stringify(named));
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.write(`${JSON.stringify({ type: 'hub', ...named, channels: [] })}\n`);
    });
    server.listen(hubAddress(place.home));
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    await startMcp(place, { timings: { hubPing: 50, hubSilence: 100 } });
    // It gives the silent one up, and finds it there again.
    await until(
      () => connections > 2,
      () => 'the session to try again',
    );
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
    expect(runningIn(place.home, / mcp( |$)/)).toHaveLength(1);
  });
});
