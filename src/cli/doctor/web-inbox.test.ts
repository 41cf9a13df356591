import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { Probe } from '../../runtime/hub-probe.ts';
import { keepWebPlace } from '../../runtime/web-place.ts';
import { checkWeb } from './hub-checks.ts';
import { findWebInbox } from './web-inbox.ts';

const TOKEN = 'a-token-of-a-web-inbox';

/** A home whose web inbox is said to be where something answers with this status. */
async function homeServed(status: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.cookie ?? ''}`);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const home = temporaryDirectory();
  const { port } = server.address() as AddressInfo;
  keepWebPlace(home, { token: TOKEN, port });
  return { home, server, port, asked };
}

function hub(web?: { ok: boolean; detail: string }): Probe {
  const where = { host: '', boot_id: null, pid_namespace: null, process_started_at: null };
  const channels = web ? [{ name: 'web', since: '', ...web }] : [];
  return { found: 'hub', hub: { pid: 99, version: '0.1.0', since: '', ...where }, channels };
}

describe('the web inbox', () => {
  it('is there when it refuses whoever has no token, which is never sent', async () => {
    const { home, asked, port } = await homeServed(401);
    expect(await findWebInbox(home)).toEqual({ found: 'inbox', place: { token: TOKEN, port } });
    expect(asked).toEqual(['/ ']);
  });

  it('is not there when nobody, or something else, answers', async () => {
    const { home, server } = await homeServed(200);
    expect(await findWebInbox(home)).toMatchObject({ found: 'something else', status: 200 });
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await findWebInbox(home)).toMatchObject({ found: 'nobody' });
    expect(await findWebInbox(temporaryDirectory())).toEqual({ found: 'never served' });
  });

  it('is checked by doctor against what the hub says of it, without a word of its token', async () => {
    const { home } = await homeServed(401);
    const { home: other } = await homeServed(200);
    const web = { port: 4680 };
    const up = { ok: true, detail: 'http://127.0.0.1:4680' };
    const checked = await Promise.all([
      checkWeb({ home, web }, hub(up)),
      checkWeb({ home, web }, { found: 'nobody' }),
      checkWeb({ home: other, web }, hub(up)),
      checkWeb({ home: temporaryDirectory(), web: null }, hub()),
      // Somebody else has taken the port where it was served last, and answers as it would.
      checkWeb({ home, web }, hub({ ok: false, detail: 'no port is free' })),
    ]);
    expect(checked.map(({ status }) => status)).toEqual(['ok', 'ok', 'fail', 'ok', 'fail']);
    expect(checked[3]?.detail).toBe('off: WEB_PORT says so');
    expect(checked[4]?.detail).toBe('no port is free');
    expect(JSON.stringify(checked)).not.toContain(TOKEN);
  });
});
