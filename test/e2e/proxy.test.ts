import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { standInForClaude } from '../support/claude.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { hubLogged, kill, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { startTlsFront } from '../support/tls-front.ts';

const HOST = 'api.telegram.test';

/** A line whose Bot API can only be reached by https under a name that only the proxy knows. */
async function lineBehindProxy() {
  const line = await startLine();
  const front = await startTlsFront(HOST, Number(new URL(line.api.root).port));
  const proxy = await startConnectProxy(front.port);
  const certificate = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(certificate, front.cert);
  const env = {
    ...line.env,
    TELEGRAM_API_ROOT: `https://${HOST}`,
    HTTPS_PROXY: proxy.url,
    NODE_EXTRA_CA_CERTS: certificate,
  };
  return { ...line, proxy, env };
}

describe('a proxy', () => {
  it('carries everything between the hub and Telegram: cards out, answers in', async () => {
    const { api, owner, place, env, timings, proxy } = await lineBehindProxy();
    const session = await startMcp(place, { env, timings });
    const asked = session.call('ask_blocking_question', { question: 'Through?', options: ['Yes', 'No'] });
    owner.presses(await openCard(api, owner, 'Through?'), 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await settledCard(api, owner, 'Through?', 'delivered');
    expect(new Set(proxy.asked)).toEqual(new Set([`${HOST}:443`]));
  });

  it('carries what set-up and doctor ask Telegram', async () => {
    const { place, env: line, proxy } = await lineBehindProxy();
    const person = temporaryDirectory();
    const env = { ...line, ...standInForClaude(person).env, HOME: person };
    const options = { home: place.home, env, timings: { telegramPoll: 1_000 } };
    expect(await runSwitchboard(['setup', '--yes'], options)).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await runSwitchboard(['doctor', '--json'], options);
    const told = JSON.parse(stdout).checks.filter(({ status }: { status: string }) => status !== 'ok');
    expect([code, told]).toEqual([0, []]);
    expect(new Set(proxy.asked)).toEqual(new Set([`${HOST}:443`]));
  });

  it('is passed by when NO_PROXY names the host', async () => {
    const { place, env, proxy } = await lineBehindProxy();
    const hub = startSwitchboard(['hub'], { home: place.home, env: { ...env, NO_PROXY: '.telegram.test' } });
    await hubLogged(place.home, /unreachable/);
    kill(hub.pid, 'SIGTERM');
    await hub.ended();
    expect(proxy.asked).toEqual([]);
  });
});
