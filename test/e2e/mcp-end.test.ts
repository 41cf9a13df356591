import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { END_MS_MAX } from '../../src/mcp/own-session.ts';
import { holdLock } from '../support/held-lock.ts';
import { mcpPlace, sessionOf } from '../support/mcp-client.ts';
import { linesOf } from '../support/store-places.ts';
import { kill, type RunningCommand, startSwitchboard } from '../support/switchboard.ts';

// Claude Code's own limit is 500 ms from the first signal to SIGKILL; the promise is 100 ms on a machine that is not
// busy with other tests, so the figure is printed and a multiple of it is enforced, of the best of some servers.
const END_MS = 100;
const NOISE = 4;
const SERVERS_MAX = 5;
// One that is held up, by a busy disk say, goes without its last record. That is rare.
const HELD_UP_MAX = 1;

const HANDSHAKE = [
  request(1, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'claude-code', version: '2.1.329' },
  }),
  { jsonrpc: '2.0', method: 'notifications/initialized' },
];

function request(id: number, method: string, params: object): object {
  return { jsonrpc: '2.0', id, method, params };
}

function say(mcp: RunningCommand, ...messages: readonly object[]): void {
  mcp.child.stdin?.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
}

function ask(id: number, question: string): object {
  return request(id, 'tools/call', { name: 'ask_blocking_question', arguments: { question } });
}

/** A server with a question that waits, spoken to by hand: the test sees every byte of its stdout. */
async function waitingServer(place = mcpPlace(), env: Record<string, string> = {}) {
  const { home, project } = place;
  const mcp = startSwitchboard(['mcp'], { home, env: { CLAUDE_PROJECT_DIR: project, ...env }, cwd: project });
  say(mcp, ...HANDSHAKE, ask(2, 'Waiting?'));
  const session = await sessionOf(place, mcp.pid);
  const { record } = await place.hub.question(session, 'Waiting?');
  return { mcp, place, session, question: record.id };
}

type WaitingServer = Awaited<ReturnType<typeof waitingServer>>;

/** The records that a server has left; a hub that it had started by then may have moved them to the archive already. */
function recordsLeft({ place, session }: Pick<WaitingServer, 'place' | 'session'>): Record<string, unknown>[] {
  const { sessionsDirectory } = place;
  const name = `${session}.jsonl`;
  const archive = join(sessionsDirectory, 'archive');
  const live = join(sessionsDirectory, name);
  const lines = (path: string) => linesOf(path).map((line) => JSON.parse(line));
  try {
    return lines(live);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const day = readdirSync(archive).find((each) => existsSync(join(archive, each, name))) ?? '';
    return lines(join(archive, day, name));
  }
}

/** Did a server that took so many milliseconds to end go without its last record? Told, so that many are seen. */
function isHeldUp(server: WaitingServer, ms: number): boolean {
  const heldUp = ms >= END_MS_MAX && recordsLeft(server).every(({ event }) => event !== 'session_end');
  if (heldUp) process.stdout.write(`switchboard mcp went without its last record after ${ms.toFixed(0)} ms\n`);
  return heldUp;
}

/** Ends servers with a question that waits until one was quick, and looks at what each has left behind. */
async function endsQuickly(
  what: string,
  end: (mcp: RunningCommand) => void,
  reason: string,
  before: (server: WaitingServer) => Promise<void> = async () => undefined,
): Promise<void> {
  let ms = Number.POSITIVE_INFINITY;
  let heldUp = 0;
  for (let servers = 0; servers < SERVERS_MAX && ms >= END_MS * NOISE; servers += 1) {
    const server = await waitingServer();
    await before(server);
    const started = performance.now();
    end(server.mcp);
    expect(await server.mcp.ended()).toBe(0);
    ms = performance.now() - started;
    process.stdout.write(`switchboard mcp ended ${ms.toFixed(0)} ms after ${what}\n`);
    const records = recordsLeft(server);
    // What was open is closed by whoever archives the session; a waiting call was not withdrawn by its user.
    expect(records).not.toContainEqual(expect.objectContaining({ type: 'question_closed', reason: 'withdrawn' }));
    const delivered = records.filter(({ type }) => type === 'answer_delivered');
    expect(delivered.filter(({ question_id }) => question_id === server.question)).toEqual([]);
    if (heldUp < HELD_UP_MAX && isHeldUp(server, ms)) {
      heldUp += 1;
      ms = Number.POSITIVE_INFINITY;
      continue;
    }
    expect(records).toContainEqual(expect.objectContaining({ type: 'system', event: 'session_end', reason }));
  }
  expect(ms).toBeLessThan(END_MS * NOISE);
}

describe('the end of switchboard mcp', () => {
  it.each([
    ['SIGINT', 'SIGINT', (mcp: RunningCommand) => kill(mcp.pid, 'SIGINT')],
    ['SIGTERM', 'SIGTERM', (mcp: RunningCommand) => kill(mcp.pid, 'SIGTERM')],
    ['SIGHUP', 'SIGHUP', (mcp: RunningCommand) => kill(mcp.pid, 'SIGHUP')],
    ['the end of stdin', 'stdin_closed', (mcp: RunningCommand) => void mcp.child.stdin?.end()],
    [
      'a closed stdout',
      'stdout_closed',
      (mcp: RunningCommand) => {
        mcp.child.stdout?.destroy();
        say(mcp, request(3, 'ping', {}));
      },
    ],
  ])('is clean and quick after %s, and says so in the file', async (what, reason, end) => {
    await endsQuickly(what, end, reason);
  });

  it('is as quick while somebody else holds the lock of its file', async () => {
    await endsQuickly(
      'SIGTERM, with its file locked',
      (mcp) => kill(mcp.pid, 'SIGTERM'),
      'SIGTERM',
      ({ place, session }) => holdLock(place.sessionsDirectory, session),
    );
  });

  it('says in file, log and exit status when a mistake in the program ended it', async () => {
    const mistake = 'process.on("SIGUSR2", () => { throw new Error("a mistake") })';
    const env = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(mistake)}"` };
    for (let servers = 1; ; servers += 1) {
      const server = await waitingServer(mcpPlace(), env);
      const started = performance.now();
      kill(server.mcp.pid, 'SIGUSR2');
      expect(await server.mcp.ended()).toBe(1);
      expect(server.mcp.stderr).toContain('Error: a mistake');
      if (servers <= HELD_UP_MAX && isHeldUp(server, performance.now() - started)) continue;
      expect(recordsLeft(server)).toContainEqual(expect.objectContaining({ event: 'session_end', reason: 'crashed' }));
      return;
    }
  });

  it('leaves no file behind when the client went before it said anything', async () => {
    const { home, project } = mcpPlace();
    const mcp = startSwitchboard(['mcp'], { home, env: { CLAUDE_PROJECT_DIR: project }, cwd: project });
    mcp.child.stdin?.end();
    expect(await mcp.ended()).toBe(0);
    expect(mcp.stdout).toBe('');
  });

  it('leaves a file whose every line can be read after kill -9', async () => {
    const { mcp, place, session } = await waitingServer();
    say(mcp, ...Array.from({ length: 30 }, (_, n) => ask(10 + n, `Question ${n}?`)));
    await place.hub.question(session, 'Question 3?');
    kill(mcp.pid, 'SIGKILL');
    expect(await mcp.ended()).toBe('SIGKILL');
    const records = recordsLeft({ place, session });
    expect(records.filter(({ event_id }) => !event_id)).toEqual([]);
    expect(records.filter(({ event }) => event === 'session_end')).toEqual([]);
  });
});

describe('what switchboard mcp says and hears', () => {
  it('carries nothing but MCP on stdout, and logs JSON lines on stderr', async () => {
    const { mcp, place, session, question } = await waitingServer();
    await place.hub.answer(session, question, 'Done');
    await mcp.printed(/"answer":"Done"/);
    mcp.child.stdin?.end();
    await mcp.ended();
    for (const line of mcp.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    for (const line of mcp.stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });

  it('survives garbage, an endless line and calls of tools that are not there', async () => {
    const { mcp, place, session, question } = await waitingServer();
    mcp.child.stdin?.write('no json\n\n{"jsonrpc":"1.0"}\n[]\nnull\n\xff\xfe\n');
    mcp.child.stdin?.write(`${'x'.repeat(12 * 1024 * 1024)}\n`);
    say(mcp, request(7, 'tools/call', { name: 'rm_rf' }), request(8, 'server/discover', {}));
    // In whatever order they are answered.
    await mcp.printed(/"id":7,"error":\{"code":-32602/);
    await mcp.printed(/"id":8,"error":\{"code":-32601/);
    await place.hub.answer(session, question, 'Still here');
    await mcp.printed(/"answer":"Still here"/);
  });
});
