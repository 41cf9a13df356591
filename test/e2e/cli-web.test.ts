import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readWebPlace, webLink } from '../../src/runtime/web-place.ts';
import { browserOpener } from '../support/browser-opener.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { openOwnSession } from '../support/own-session.ts';
import { hubLogged, kill, runningIn, runSwitchboard, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ask, inboxPlace, WebClient } from '../support/web-client.ts';

/** Ends the hub, and any that is still being started: on a machine that does much else there may be one too many. */
async function endHubs(home: string, signal: NodeJS.Signals): Promise<void> {
  const told = new Set<number>();
  await until(
    () => {
      const hubs = runningIn(home);
      for (const pid of hubs.filter((each) => !told.has(each))) kill(pid, signal);
      for (const pid of hubs) told.add(pid);
      return hubs.length === 0;
    },
    () => 'the end of the hub',
  );
}

describe('switchboard web', () => {
  it('prints a link that opens the inbox, starting a hub if none runs, and the same one again', async () => {
    const home = join(temporaryDirectory(), 'home');
    const first = await runSwitchboard(['web'], { home });
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
    const { port, pathname, search } = new URL(first.stdout.trim());
    expect((await ask(Number(port), `${pathname}${search}`)).headers['set-cookie']).toBeDefined();
    expect((await runSwitchboard(['web'], { home })).stdout).toBe(first.stdout);
    await endHubs(home, 'SIGKILL');
    expect((await runSwitchboard(['web'], { home })).stdout).toBe(first.stdout);
  });

  it('makes a new link, with which the old one and its cookies are void: of the hub that runs, and of the next one', async () => {
    const home = join(temporaryDirectory(), 'home');
    const old = (await runSwitchboard(['web'], { home })).stdout.trim();
    const web = await WebClient.enter(home);
    expect((await web.ask('/api/inbox')).status).toBe(200);
    const { code, stdout, stderr } = await runSwitchboard(['web', '--new-token'], { home });
    expect([code, stderr]).toEqual([0, '']);
    const [link = '', words] = stdout.split('\n');
    expect(words).toMatch(/^The old link opens nothing any more/);
    expect(link).not.toBe(old);
    expect(new URL(link).port).toBe(new URL(old).port);
    expect((await web.ask('/api/inbox')).status).toBe(401);
    expect((await ask(web.port, `/${new URL(old).search}`)).status).toBe(401);
    expect((await ask(web.port, `/${new URL(link).search}`)).headers['set-cookie']).toBeDefined();
    expect((await runSwitchboard(['web'], { home })).stdout).toBe(`${link}\n`);

    await endHubs(home, 'SIGTERM');
    const off = await runSwitchboard(['web', '--new-token'], { home, env: { WEB_PORT: 'off' } });
    expect([off.code, off.stderr]).toEqual([1, 'The web inbox is off: WEB_PORT says so.\n']);
    const next = (await runSwitchboard(['web'], { home })).stdout;
    expect(next).toContain('?token=');
    expect(next).not.toBe(`${link}\n`);
  });

  it('opens it by a file that nobody else can read, so that no process has the token in its arguments', async () => {
    const home = join(temporaryDirectory(), 'home');
    const { env, opened } = browserOpener();
    const { code, stdout } = await runSwitchboard(['web', '--open'], { home, env });
    expect(code).toBe(0);
    expect(opened()).toBe(join(home, 'open-inbox.html'));
    expect(statSync(opened()).mode & 0o777).toBe(0o600);
    expect(readFileSync(opened(), 'utf8')).toContain(`content="0;url=${stdout.trim()}"`);
    // The browser reads it when it likes, so it stays; it tells no more than web.json, and the next one takes its place.
    await runSwitchboard(['web', '--open'], { home, env });
    expect(opened()).toBe(`${join(home, 'open-inbox.html')}\n${join(home, 'open-inbox.html')}`);
    expect(readdirSync(home).filter((name) => name.includes('open-inbox'))).toEqual(['open-inbox.html']);
  });

  it('says so when no browser can be opened, and prints the link all the same', async () => {
    const { env } = browserOpener(3);
    const { code, stdout, stderr } = await runSwitchboard(['web', '--open'], {
      home: join(temporaryDirectory(), 'h'),
      env,
    });
    expect([code, stderr]).toEqual([
      0,
      'No browser could be opened (xdg-open ended with status 3); open the link yourself.\n',
    ]);
    expect(stdout).toContain('?token=');
  });

  it('says plainly that the web channel is off', async () => {
    const home = join(temporaryDirectory(), 'home');
    const { code, stdout, stderr } = await runSwitchboard(['web'], { home, env: { WEB_PORT: 'off' } });
    expect([code, stdout, stderr]).toEqual([1, '', 'The web inbox is off: WEB_PORT says so.\n']);
    expect(runningIn(home)).toEqual([]);
    startSwitchboard(['hub'], { home, env: { WEB_PORT: 'off' } });
    await hubLogged(home, /hub started/);
    const other = await runSwitchboard(['web'], { home });
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(
      /^The hub that runs has no web inbox: it was started with other settings\. .* kill \d+\n$/,
    );
    expect((await runSwitchboard(['status'], { home })).stdout).toContain(', without any channel: let WEB_PORT be');
  });
});

describe('switchboard hub', () => {
  it('prints the link, also when a hub runs already, opens nothing by itself, and the browser when asked to', async () => {
    const home = join(temporaryDirectory(), 'home');
    const { env, opened } = browserOpener();
    const hub = startSwitchboard(['hub'], { home, env });
    await hub.printed(/The inbox: http/);
    const link = webLink(await inboxPlace(home));
    expect(hub.stdout).toContain(`The inbox: ${link}\n`);
    expect(opened()).toBe('');
    await until(
      async () => (await runSwitchboard(['hub'], { home, env })).stdout.includes(`The inbox: ${link}\n`),
      () => 'the link to the inbox of the hub that runs',
    );
    expect(opened()).toBe('');
    await runSwitchboard(['hub', '--open'], { home, env });
    expect(opened()).toBe(join(home, 'open-inbox.html'));
  });

  it('takes the next port when the wanted one is taken, and status says which, and how to get in', async () => {
    const other = createServer();
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    onTestFinished(() => void other.close());
    const home = join(temporaryDirectory(), 'home');
    startSwitchboard(['hub'], { home, env: { WEB_PORT: String(taken) } });
    const { port, token } = await inboxPlace(home);
    expect(port).not.toBe(taken);
    const status = async (...args: string[]): Promise<string> =>
      (await runSwitchboard(['status', ...args], { home })).stdout;
    // As the last line of what it prints calls it, too.
    const [, called = ''] =
      /; or: (node \S+) hub\)/.exec(
        (await runSwitchboard(['status'], { home: temporaryDirectory(), cwd: home })).stdout,
      ) ?? [];
    expect(called).not.toBe('');
    const line = `  web: ok, http://127.0.0.1:${port}, no page open (\`${called} web\` prints the link)`;
    await until(
      async () => (await status()).includes(line),
      () => line,
    );
    expect(JSON.parse(await status('--json')).web).toEqual({ address: `http://127.0.0.1:${port}` });
    expect(await status()).not.toContain(token);
  });

  it('stays while a page is open, though no session lives', async () => {
    const place = mcpPlace();
    const { home } = place;
    // Keeps the hub there until the page is open, however long that takes.
    const session = await openOwnSession(place, 'first');
    const hub = startSwitchboard(['hub', '--background'], { home, timings: { hubIdle: 700 } });
    const web = await WebClient.enter(home);
    const page = await web.open();
    await session.end();
    await hubLogged(home, /session archived/);
    const opened = performance.now();
    await until(
      () => performance.now() - opened > 1_500,
      () => 'twice the time of an idle hub',
    );
    expect((await web.ask('/api/inbox')).status).toBe(200);
    page.close();
    expect(await hub.ended()).toBe(0);
  });
});

it('the token of the inbox stands in its own files and on the screen, and nowhere else', async () => {
  const place = mcpPlace();
  mkdirSync(place.home, { recursive: true, mode: 0o700 });
  const hub = startSwitchboard(['hub'], { home: place.home });
  await hub.printed(/The inbox: http/);
  const asker = await startMcp(place);
  const web = await WebClient.enter(place.home);
  const { token } = readWebPlace(place.home) ?? { token: '' };
  const page = await web.open();
  const asked = asker.call('ask_blocking_question', { question: 'Go?' });
  const { question_id } = await page.has('card', ({ question }) => question === 'Go?');
  await web.answer(question_id, { text: 'yes' });
  await asked;
  await web.ask(`/?token=${token}x`);
  const log = join(place.sessionsDirectory, `${await asker.session()}.jsonl`);
  const texts = [log, join(place.home, 'hub.log'), join(place.home, 'hub.json')].map((path) =>
    readFileSync(path, 'utf8'),
  );
  const running = runningIn(place.home).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  expect(running.length).toBeGreaterThan(1);
  for (const text of [...texts, ...running, asker.stderr, JSON.stringify(page.events)]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(web.cookie.split('=')[1]);
  }
});
