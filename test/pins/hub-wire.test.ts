import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { electHub } from '../../src/runtime/hub-server.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { silentLog } from '../support/silent-log.ts';
import { until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SESSION = '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11';

/** A hub of version 1.2.3 that notes what it is told, and a bare connection to it. */
async function hubAndPeer() {
  const home = temporaryDirectory();
  const told: string[] = [];
  const election = await electHub({
    home,
    version: '1.2.3',
    log: silentLog,
    timings: TIMINGS,
    onLook: (session, directory) => told.push(`look ${session} ${directory}`),
    onSessionsChanged: () => told.push('sessions changed'),
    onPresence: () => told.push('presence'),
    onLeave: (reason) => told.push(`leave ${reason}`),
  });
  if (!election.elected) throw new Error('a hub in a directory of its own was not elected');
  const { server } = election;
  onTestFinished(() => server.close());
  const socket: Socket = connect(hubAddress(home));
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket });
  const nextLine = async (): Promise<string> => String((await once(lines, 'line'))[0]);
  const hello = await nextLine();
  return { server, told, socket, nextLine, hello };
}

// Hubs and sessions of different versions meet on this socket: these lines mean the same for ever.
describe('the lines between session and hub', () => {
  it('begin with who the hub is', async () => {
    const { hello, server } = await hubAndPeer();
    expect(JSON.parse(hello)).toEqual({
      type: 'hub',
      pid: process.pid,
      process_started_at: server.info.process_started_at,
      host: server.info.host,
      boot_id: server.info.boot_id,
      pid_namespace: server.info.pid_namespace,
      version: '1.2.3',
      since: server.info.since,
    });
  });

  it('from a session are these', async () => {
    const { socket, told, nextLine } = await hubAndPeer();
    socket.write(`{"type":"session","session":"${SESSION}","sessions_directory":"/a"}\n`);
    socket.write(`{"type":"look","session":"${SESSION}","sessions_directory":"/b"}\n`);
    socket.write('{"type":"leave","version":"1.2.3"}\n');
    socket.write('{"type":"presence"}\n');
    socket.write('{"type":"something new","session":7}\n');
    socket.write('{"type":"leave","version":"1.3.0","why":"a field of the future"}\n');
    socket.write('{"type":"ping"}\n');
    expect(await nextLine()).toBe('{"type":"pong"}');
    expect(told).toEqual([
      'sessions changed',
      `look ${SESSION} /a`,
      `look ${SESSION} /b`,
      'presence',
      'leave newer_version',
    ]);
  });

  it('may be none: a session that was killed as soon as it was connected is looked for, too', async () => {
    const { socket, told } = await hubAndPeer();
    socket.destroy();
    await until(
      () => told.length > 0,
      () => 'news of who has gone',
    );
    expect(told).toEqual(['sessions changed']);
  });

  it('from the hub are these', async () => {
    const { server, socket, nextLine } = await hubAndPeer();
    socket.write(`{"type":"session","session":"${SESSION}","sessions_directory":"/a"}\n{"type":"ping"}\n`);
    expect(await nextLine()).toBe('{"type":"pong"}');
    const [session] = server.connected;
    expect(session).toBe(SESSION);
    if (session) server.look(session);
    expect(await nextLine()).toBe('{"type":"look"}');
    server.tellChannels([
      {
        name: 'telegram',
        ok: false,
        detail: 'Connecting to Telegram',
        since: '2026-11-20T10:00:00.000Z',
        connecting: true,
      },
      { name: 'web', ok: true, detail: 'no page is open', since: '2026-11-20T10:00:00.000Z', chats: 0 },
    ]);
    expect(await nextLine()).toBe(
      '{"type":"channels","channels":[{"name":"telegram","ok":false,"detail":"Connecting to Telegram","since":"2026-11-20T10:00:00.000Z","connecting":true},' +
        '{"name":"web","ok":true,"detail":"no page is open","since":"2026-11-20T10:00:00.000Z","chats":0}]}',
    );
    socket.write('{"type":"leave","version":"2.0.0"}\n{"type":"ping"}\n');
    expect(await nextLine()).toBe('{"type":"pong"}');
    void server.close();
    expect(await nextLine()).toBe('{"type":"leaving"}');
  });
});
