import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { untilOneHub } from '../support/hub-pid.ts';
import { type Line, startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { openCard } from '../support/phone.ts';
import {
  hubLog,
  hubLogged,
  kill,
  type RunningCommand,
  runningIn,
  runSwitchboard,
  startSwitchboard,
  until,
} from '../support/switchboard.ts';

const QUICK = { slowLook: 50, telegramChat: 0, telegramOverall: 0, retryMin: 20, retryMax: 200 };
const CODE = /https:\/\/t\.me\/switchboard_test_bot\?start=(p_[\w-]{22})\n/;

/** A line with a bot, and nobody who is its owner. */
async function nobodysLine() {
  const line = await startLine(QUICK);
  const env = { TELEGRAM_BOT_TOKEN: line.api.token, TELEGRAM_API_ROOT: line.api.root };
  const { home } = line.place;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const run = (...args: string[]) => runSwitchboard(args, { home, env, timings: QUICK });
  const start = (...args: string[]) => startSwitchboard(args, { home, env, timings: QUICK });
  return { ...line, home, env, run, launch: start };
}

async function codeOf(command: RunningCommand): Promise<string> {
  await command.printed(CODE);
  return CODE.exec(command.stdout)?.[1] ?? '';
}

const settings = (home: string) => JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));
const said = ({ api, owner }: Pick<Line, 'api' | 'owner'>, text: string) =>
  api.waitFor(() => owner.messages().find((message) => message.text?.includes(text)));

describe('switchboard pair', () => {
  it('starts a hub where none runs, prints code, link and QR code, and both sides confirm who opened it', async () => {
    const line = await nobodysLine();
    const { home, owner, launch } = line;
    const pairing = launch('pair');
    const code = await codeOf(pairing);
    expect(pairing.stdout).toContain(`/start ${code}`);
    expect(pairing.stdout).toMatch(/[█▀▄ ]{30,}\n[█▀▄ ]{30,}/);
    owner.says(`/start ${code}`);
    expect(await pairing.ended()).toBe(0);
    expect(pairing.stdout).toContain('Ada (id 7) is an owner now.');
    await said(line, 'Welcome, Ada. You are an owner of this bot now');
    expect(settings(home)).toEqual({ TELEGRAM_OWNER_ID: '7' });
    expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(home, 'pairing.json'))).toBe(false);
    expect(readFileSync(join(home, 'hub.log'), 'utf8')).not.toContain(code.slice(2));
  });

  it('hands the code to the hub that runs: no second poller, no restart, and what is open is shown at once', async () => {
    const line = await nobodysLine();
    const { api, home, owner, place, env, launch } = line;
    const session = await startMcp(place, { env, timings: QUICK });
    const asked = session.call('ask_blocking_question', { question: 'Early?', options: ['Yes', 'No'] });
    const { pid } = await hubLogged(home, /hub started/);
    await api.waitFor(() => api.polled);
    const pairing = launch('pair');
    owner.says(`/start ${await codeOf(pairing)}`);
    expect(await pairing.ended()).toBe(0);
    owner.presses(await openCard(api, owner, 'Early?'), 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await untilOneHub(home);
    expect(runningIn(home, / hub /)).toEqual([pid]);
    expect(api.calls('getUpdates').every(({ status }) => status !== 409)).toBe(true);
    expect(owner.messages()[0]?.text).toContain('Welcome');
  });

  it('keeps every other setting, adds a second owner to the first, and each code is good once', async () => {
    const line = await nobodysLine();
    const { api, home, owner, launch, run } = line;
    const kept = { SWITCHBOARD_TIMINGS: { hubIdle: 600_000 } };
    writeFileSync(join(home, 'config.json'), JSON.stringify(kept), { mode: 0o600 });
    const first = launch('pair');
    const code = await codeOf(first);
    owner.says(`/start ${code}`);
    await first.ended();
    const second = launch('pair');
    const bob = api.user(8, 'Bob');
    bob.says(`/start ${code}`);
    await api.waitFor(() => bob.messages().some(({ text }) => text?.includes('not good any more')));
    bob.says(`/start ${await codeOf(second)}`);
    expect(await second.ended()).toBe(0);
    expect(settings(home)).toEqual({ ...kept, TELEGRAM_OWNER_ID: '7,8' });
    expect((await run('owners')).stdout).toBe('7\n8\n');
  });

  it('that is ended makes its code void', async () => {
    const line = await nobodysLine();
    const { owner, launch, home } = line;
    const pairing = launch('pair');
    const code = await codeOf(pairing);
    kill(pairing.pid, 'SIGINT');
    expect(await pairing.ended()).toBe(1);
    expect(pairing.stderr).toContain('The code is void now.');
    owner.says(`/start ${code}`);
    await said(line, 'not good any more');
    expect(existsSync(join(home, 'config.json'))).toBe(false);
  });

  it('replaces the code of another one that still waits, which says so', async () => {
    const { owner, launch } = await nobodysLine();
    const first = launch('pair');
    await codeOf(first);
    const second = launch('pair');
    const code = await codeOf(second);
    expect(await first.ended()).toBe(1);
    expect(first.stderr).toContain('Another code was made meanwhile; this one is void.');
    owner.says(`/start ${code}`);
    expect(await second.ended()).toBe(0);
  });

  it('says what is missing: a token, Telegram, or a place in config.json that counts', async () => {
    const { home, env, run } = await nobodysLine();
    const bare = await runSwitchboard(['pair'], { home });
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain('@BotFather');
    const fixed = await runSwitchboard(['pair'], { home, env: { ...env, TELEGRAM_OWNER_ID: '7' } });
    expect(fixed.code).toBe(2);
    expect(fixed.stderr).toContain('wins over config.json');
    const dead = { ...env, TELEGRAM_API_ROOT: 'http://127.0.0.1:9' };
    const unreached = await runSwitchboard(['pair'], { home, env: dead, timings: QUICK });
    expect(unreached.code).toBe(1);
    expect(unreached.stderr).toMatch(/^switchboard: Telegram cannot be reached \(ECONNREFUSED\)/);
    const wrong = { ...env, TELEGRAM_BOT_TOKEN: '4242:wrong_wrong' };
    const refused = await runSwitchboard(['pair'], { home, env: wrong, timings: QUICK });
    expect(refused.stderr).toBe('switchboard: Telegram refuses the bot token; get the right one from @BotFather.\n');
    expect((await run('status')).stdout).toContain('Hub: none runs');
  });

  it('never shows the token: not on screen, in a log or file, or in a process list', async () => {
    const { api, owner, home, launch } = await nobodysLine();
    const pairing = launch('pair');
    const code = await codeOf(pairing);
    await hubLogged(home, /polling/);
    await untilOneHub(home);
    const commandLines = runningIn(home).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    expect(commandLines.length).toBeGreaterThan(1);
    owner.says(`/start ${code}`);
    await pairing.ended();
    const files = ['config.json', 'hub.log', 'hub.json'].map((name) => readFileSync(join(home, name), 'utf8'));
    for (const text of [pairing.stdout, pairing.stderr, ...commandLines, ...files]) {
      expect(text).not.toContain(api.token.split(':')[1]);
    }
  });
});

describe('the hub in the foreground', () => {
  it('invites whoever is in front of it when nobody is an owner, and says who came', async () => {
    const line = await nobodysLine();
    const { home, owner, launch } = line;
    const hub = launch('hub');
    owner.says('/pending');
    await said(line, 'answers to its owner only');
    owner.says(`/start ${await codeOf(hub)}`);
    await said(line, 'Welcome, Ada');
    await hub.printed(/paired: somebody is an owner now {2}\(.*id=7, name=Ada/);
    expect(settings(home)).toEqual({ TELEGRAM_OWNER_ID: '7' });
    owner.says('/pending');
    await said(line, 'No question is waiting');
    expect(hubLog(home).filter(({ msg }) => /config.json has changed/.test(msg))).toEqual([]);
  });

  it('invites nobody when there is an owner', async () => {
    const { api, launch, home } = await nobodysLine();
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": "7"}', { mode: 0o600 });
    const hub = launch('hub');
    await api.waitFor(() => api.polled);
    await hubLogged(home, /polling/);
    expect(hub.stdout).not.toMatch(CODE);
  });
});

describe('switchboard owners', () => {
  it('removes an owner, who is not heard any more, without a restart of the hub', async () => {
    const line = await nobodysLine();
    const { home, owner, launch, run } = line;
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": "7,8"}', { mode: 0o600 });
    launch('hub', '--background');
    owner.says('/pending');
    await said(line, 'No question is waiting');
    const before = await probeHub(hubAddress(home), 10_000);
    const removed = await run('owners', 'remove', '7');
    expect([removed.code, removed.stdout]).toEqual([0, '7 is no owner any more.\n']);
    await hubLogged(home, /owners changed/);
    owner.says('/status');
    await said(line, 'answers to its owner only');
    const after = await probeHub(hubAddress(home), 10_000);
    expect(after).toMatchObject({ hub: { pid: before.found === 'hub' ? before.hub.pid : 0 } });
    expect((await run('owners', 'list')).stdout).toBe('8\n');
  });

  it('says so when there is nobody, when the id is nobody, and when the environment decides', async () => {
    const { home, env, run } = await nobodysLine();
    const none = await run('owners');
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', expect.stringContaining('Nobody yet.')]);
    expect(await run('owners', 'remove', '9')).toMatchObject({ code: 1, stderr: expect.stringContaining('no owner') });
    const fixed = { home, env: { ...env, TELEGRAM_OWNER_ID: '5' } };
    const listed = await runSwitchboard(['owners'], fixed);
    expect([listed.stdout, listed.stderr]).toEqual(['5\n', expect.stringContaining('of the environment')]);
    expect(await runSwitchboard(['owners', 'remove', '5'], fixed)).toMatchObject({ code: 2 });
  });
});

describe('switchboard status', () => {
  it('says since when Telegram is out of reach, and that it is back', async () => {
    const { api, home, launch, run } = await nobodysLine();
    const { port } = new URL(api.root);
    launch('hub', '--background');
    await hubLogged(home, /polling/);
    await api.close();
    await hubLogged(home, /^Telegram unreachable$/);
    await until(
      async () =>
        /telegram: NOT OK, Telegram unreachable: \w+ \(since \d.*, \d+ s\)/.test((await run('status')).stdout),
      () => 'NOT OK in status',
    );
    const { channels } = JSON.parse((await run('status', '--json')).stdout);
    expect(channels[0]).toMatchObject({ name: 'telegram', ok: false, since: expect.stringMatching(/^\d{4}-.*Z$/) });
    await api.listen(Number(port));
    await until(
      async () => /telegram: .*Connected as @/.test((await run('status')).stdout),
      () => 'the connection in status',
    );
  });
});
