import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { registerProject } from '../../src/runtime/projects.ts';
import { cardOf, describeInBrowser, openPage } from '../support/browser.ts';
import { browserOpener } from '../support/browser-opener.ts';
import { PROGRAM } from '../support/build.ts';
import { startLine } from '../support/line.ts';
import { openCard, settledCard } from '../support/phone.ts';
import {
  environment,
  hubLog,
  hubLogged,
  kill,
  runningIn,
  runSwitchboard,
  startSwitchboard,
  until,
} from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { openTerminal } from '../support/terminal.ts';

const TIMINGS = { hubIdle: 3_000 };

/** A home, and a directory for temporary things that is empty again when nothing was left behind. */
function demoPlace(env: Record<string, string> = {}) {
  const home = temporaryDirectory();
  const temporary = mkdtempSync(join(home, 'tmp-'));
  return { home, temporary, options: { home, env: { TMPDIR: temporary, ...env }, timings: TIMINGS, columns: 120 } };
}

/**
 * Waits until nothing runs there: the demo has ended the hub that its sessions had started. On a machine that does much
 * else they may have started one too many, which ends by itself.
 */
async function untilNothingRuns(home: string): Promise<void> {
  await until(
    () => runningIn(home).length === 0,
    () => `the end of ${runningIn(home)}`,
  );
  expect(hubLog(home).find(({ msg }) => msg === 'hub ends')).toMatchObject({ reason: 'SIGTERM' });
}

/** The commands that a screen offers for answering, in the order of the questions. */
function answerCommands(text: string): string[] {
  return text.match(/^ {4}node .* answer .*$/gm)?.map((line) => line.trim()) ?? [];
}

/** Types a command into another terminal of the same person. */
async function types(command: string, options: Parameters<typeof environment>[0]): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', command], { cwd: options.home, env: environment(options) });
}

function registeredIn(home: string): string[] {
  return readdirSync(join(home, 'projects'));
}

function expectNothingLeft({ home, temporary }: { home: string; temporary: string }): void {
  expect(readdirSync(temporary)).toEqual([]);
  expect(registeredIn(home)).toEqual([]);
}

const THREE_COMMANDS = /answer .* 1\n.*answer .* 1,3\n.*answer .* Any words\n/;

describe('switchboard demo', () => {
  it('asks three questions, takes the answers that are typed as it says, and leaves nothing behind', async () => {
    const place = demoPlace();
    const demo = openTerminal(['demo'], place.options);
    await demo.shows('shop · checkout asks (choose one, or write)');
    await demo.shows('1. Mock it: The tests use recorded answers');
    await demo.shows('api · rate-limits asks (choose any)');
    await demo.shows('docs: release notes asks (write)');
    await demo.shows(THREE_COMMANDS);
    await Promise.all(answerCommands(demo.text).map((command) => types(command, place.options)));
    await demo.shows(/All three answers are back[\s\S]*setup`/);
    expect(await demo.ended()).toBe(0);
    expect(demo.text).toMatch(/^shop · checkout got: Mock it {2}\(.*, from a terminal, \d+ s\)$/m);
    expect(demo.text).toMatch(/^api · rate-limits got: login, export {2}\(/m);
    expect(demo.text).toMatch(/^docs: release notes got: Any words {2}\(/m);
    expectNothingLeft(place);
    // It had started the hub, and nobody else used it.
    await untilNothingRuns(place.home);
  });

  it('takes answers by Telegram, settles their cards, and leaves a hub and a project alone that were there', async () => {
    const { api, owner, env, timings } = await startLine();
    const place = demoPlace(env);
    const options = { ...place.options, timings };
    mkdirSync(join(place.home, 'mine'));
    registerProject(place.home, join(place.home, 'mine'));
    const mine = registeredIn(place.home);
    const hub = startSwitchboard(['hub', '--background'], options);
    await hubLogged(place.home, /hub started/);
    const demo = openTerminal(['demo'], options);
    await demo.shows('in Telegram        a card for each is in your chat with the bot');
    owner.presses(await openCard(api, owner, 'sandbox of the payment provider'), 'Wait');
    await demo.shows(/shop · checkout got: Wait {2}\(Ada, by Telegram, \d+ s\)/);
    const choices = await openCard(api, owner, 'Which endpoints');
    owner.presses(choices, 'search');
    owner.presses(choices, 'Done');
    await demo.shows(/api · rate-limits got: search {2}\(Ada, by Telegram/);
    owner.says('Three inboxes become one', { replyTo: await openCard(api, owner, 'headline of the release notes') });
    await demo.shows(/docs: release notes got: Three inboxes become one {2}\(Ada, by Telegram/);
    expect(await demo.ended()).toBe(0);
    await settledCard(api, owner, 'sandbox of the payment provider', 'Wait');
    await settledCard(api, owner, 'headline of the release notes', 'Three inboxes become one');
    expect(readdirSync(place.temporary)).toEqual([]);
    expect(registeredIn(place.home)).toEqual(mine);
    expect(runningIn(place.home)).toEqual([hub.pid]);
  });

  it('cleans up after a Ctrl-C: the cards say that it is over, and its hub ends', async () => {
    const { api, owner, env, timings } = await startLine();
    const place = demoPlace(env);
    const demo = openTerminal(['demo'], { ...place.options, timings: { ...timings, ...TIMINGS } });
    await demo.shows('Ctrl-C ends the demo');
    await openCard(api, owner, 'Which endpoints');
    demo.presses('ctrl-c');
    await demo.shows('cleaning up');
    expect(await demo.ended()).toBe(1);
    await settledCard(api, owner, 'Which endpoints', /ended|over/);
    expectNothingLeft(place);
    await untilNothingRuns(place.home);
  });

  it('cleans up after a Ctrl-C while it is still starting', async () => {
    const place = demoPlace();
    const demo = openTerminal(['demo'], place.options);
    await demo.shows('Starting three sessions');
    demo.presses('ctrl-c');
    expect(await demo.ended()).toBe(1);
    expect(readdirSync(place.temporary)).toEqual([]);
    // A hub that a session has just begun to start is met and ended; one that takes too long for that ends by itself.
    await until(
      () => runningIn(place.home).length === 0,
      () => 'the end of all that it has started',
    );
  });

  it('cleans up when a session dies while hands are shaken with it', async () => {
    const place = demoPlace();
    // Answers the handshake when its standard input is closed already: what is written there then is never settled.
    const dying = join(place.home, 'dying.mjs');
    const answer = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'dying', version: '1' } };
    const line = JSON.stringify({ jsonrpc: '2.0', id: 0, result: answer });
    writeFileSync(
      dying,
      `import { spawn } from 'node:child_process';
      if (process.argv[2] !== 'mcp') await import(${JSON.stringify(PROGRAM)});
      else process.stdin.once('data', () => {
        spawn('sh', ['-c', 'sleep 0.2; echo "$1"', 'sh', ${JSON.stringify(line)}], { stdio: ['ignore', 1, 'ignore'] });
        process.exit();
      });`,
    );
    const { code, stderr } = await runSwitchboard(['demo'], { ...place.options, program: dying });
    expect([code, stderr]).toEqual([1, expect.stringContaining('could not be started: its server has ended')]);
    expect(readdirSync(place.temporary)).toEqual([]);
  });

  it('does not wait for sessions that are still starting when it is to end', async () => {
    const place = demoPlace();
    const mute = join(place.home, 'mute.mjs');
    writeFileSync(
      mute,
      `if (process.argv[2] !== 'mcp') await import(${JSON.stringify(PROGRAM)});
      else process.stdin.resume();`,
    );
    const demo = startSwitchboard(['demo'], { ...place.options, program: mute });
    await until(
      () => runningIn(place.home, / mcp/).length === 3,
      () => 'three servers that say nothing',
    );
    const toldAt = performance.now();
    kill(demo.pid, 'SIGTERM');
    expect(await demo.ended()).toBe(1);
    // Half of what a start may take.
    expect(performance.now() - toldAt).toBeLessThan(15_000);
    expect(demo.stdout).toContain('The demo ends; cleaning up.');
    expect(readdirSync(place.temporary)).toEqual([]);
    expect(runningIn(place.home)).toEqual([]);
  });

  it('cleans up after a signal, also without a terminal', async () => {
    const endBy = async (signal: NodeJS.Signals): Promise<void> => {
      const place = demoPlace({ WEB_PORT: 'off' });
      const demo = startSwitchboard(['demo', '--open'], place.options);
      await demo.printed(/Ctrl-C ends the demo[\s\S]*There is no web inbox to open/);
      expect(registeredIn(place.home)).toHaveLength(3);
      kill(demo.pid, signal);
      expect(await demo.ended()).toBe(1);
      expectNothingLeft(place);
      await untilNothingRuns(place.home);
    };
    await Promise.all([endBy('SIGTERM'), endBy('SIGHUP')]);
  });

  it('runs twice at once: each prints the answers of its own sessions', async () => {
    const place = demoPlace();
    const demos = [openTerminal(['demo'], place.options), openTerminal(['demo'], place.options)] as const;
    for (const demo of demos) await demo.shows(THREE_COMMANDS);
    for (const [index, demo] of demos.entries()) {
      const [choice = '', choices = '', text = ''] = answerCommands(demo.text);
      const commands = [choice.replace(/1$/, index === 0 ? '2' : '3'), choices, text];
      await Promise.all(commands.map((command) => types(command, place.options)));
    }
    expect(await Promise.all(demos.map((demo) => demo.ended()))).toEqual([0, 0]);
    expect(demos[0].text).toContain('shop · checkout got: Wait');
    expect(demos[1].text).toContain('shop · checkout got: Do the basket first');
    expectNothingLeft(place);
    expect(runningIn(place.home, / mcp/)).toEqual([]);
  });

  it('says why no hub can be started, and leaves nothing behind', async () => {
    const place = demoPlace();
    // Something stands where the hub listens.
    mkdirSync(join(place.home, 'hub.sock', 'in-the-way'), { recursive: true });
    const demo = openTerminal(['demo'], place.options);
    await demo.shows(/No hub could be started[\s\S]*No hub can listen at[\s\S]*hub\.log/);
    expect(await demo.ended()).toBe(1);
    expect(demo.text).not.toContain('settled');
    expectNothingLeft(place);
  });
});

describeInBrowser('switchboard demo', () => {
  it('opens the web inbox when asked to, takes what is answered there, and leaves nothing behind', async () => {
    const { env, opened } = browserOpener();
    const place = demoPlace(env);
    const demo = openTerminal(['demo', '--open'], place.options);
    const [, link = ''] = await demo.shows(/in your browser {4}(http:\S+)/);
    await until(
      () => opened() !== '',
      () => 'a browser that is opened',
    );
    expect(opened()).toBe(join(place.home, 'open-inbox.html'));
    const page = await openPage(pathToFileURL(opened()).href);
    await page.waitForURL(`${new URL(link).origin}/`);
    const choice = cardOf(page, 'sandbox of the payment provider');
    await choice.getByRole('button', { name: 'Mock it' }).click();
    await demo.shows(/shop · checkout got: Mock it {2}\(.*, in the web inbox, \d+ s\)/);
    const choices = cardOf(page, 'Which endpoints');
    for (const name of ['login', 'export']) await choices.getByRole('checkbox', { name }).click();
    await choices.getByRole('button', { name: 'Send 2 marked' }).click();
    await demo.shows(/api · rate-limits got: login, export {2}\(.*, in the web inbox/);
    const text = cardOf(page, 'headline of the release notes').getByRole('textbox');
    await text.fill('One inbox for all');
    await text.press('Enter');
    await demo.shows(/docs: release notes got: One inbox for all {2}\(.*, in the web inbox/);
    expect(await demo.ended()).toBe(0);
    expectNothingLeft(place);
    await page.getByText('Connection to the hub lost').waitFor();
    await page.close();
    await untilNothingRuns(place.home);
  });
});
