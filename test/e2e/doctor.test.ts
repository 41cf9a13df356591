import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub } from '../../src/runtime/hub-probe.ts';
import { PROGRAM } from '../support/build.ts';
import { untilOneHub } from '../support/hub-pid.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { type Newcomer, newcomer } from '../support/newcomer.ts';
import { programOfVersion } from '../support/other-version.ts';
import { processesOfRun } from '../support/processes-of-run.ts';
import { hubLogged, kill, runningIn, startSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Status = 'ok' | 'warn' | 'fail';

interface Report {
  readonly ok: boolean;
  readonly checks: { id: string; title: string; status: Status; detail: string; next?: string }[];
}

const ALL = [
  ...[
    'node',
    'claude',
    'registration',
    'waiting',
    'permissions',
    'config',
    'home',
    'lock',
    'sessions',
    'watches',
    'hub',
    'hub-log',
  ],
  ...['web', 'bot-api', 'clock', 'token', 'owner', 'chat', 'polling', 'round-trip'],
];

/** Somebody for whom everything is set up; a hub runs only when it is started. */
async function settled(): Promise<Newcomer> {
  const ada = await newcomer();
  mkdirSync(ada.home, { mode: 0o700 });
  mkdirSync(join(ada.person, '.claude'));
  const server = { type: 'stdio', command: process.execPath, args: [PROGRAM, 'mcp'], env: {} };
  const settings = { env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0' }, hooks: claudeHooks('switchboard') };
  const bot = { TELEGRAM_BOT_TOKEN: ada.api.token, TELEGRAM_OWNER_ID: '7' };
  writeFileSync(join(ada.person, '.claude.json'), JSON.stringify({ mcpServers: { switchboard: server } }));
  writeFileSync(join(ada.person, '.claude/settings.json'), JSON.stringify(settings));
  writeFileSync(join(ada.home, 'config.json'), JSON.stringify(bot), { mode: 0o600 });
  return ada;
}

async function examined(ada: Newcomer, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await ada.runs(['doctor', '--json'], env);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  expect(code).toBe(report.ok ? 0 : 1);
  expect(stdout).not.toContain(ada.api.token.split(':')[1]);
  return {
    ...report,
    check: (id: string) => report.checks.find((each) => each.id === id),
    bad: () => report.checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${status} ${id}`),
  };
}

/** A directory for temporary things that only one test uses, and what its owner is told of it. */
function temporaryPlace() {
  const TMPDIR = temporaryDirectory();
  const run = process.env.SWITCHBOARD_TEST_RUN ?? '';
  const running = () => processesOfRun(run, `TMPDIR=${TMPDIR}\0`);
  return {
    env: { TMPDIR },
    TMPDIR,
    /** Nothing runs there and nothing lies there. */
    isEmpty: async () => {
      // A second hub, started when the first took long, may take a moment to be gone.
      await until(
        () => running().length === 0,
        () => `the end of ${running()}`,
      );
      expect(readdirSync(TMPDIR)).toEqual([]);
    },
  };
}

/** Waits until the hub says that its channels are well: they come up one after the other. */
function untilChannelsAreWell(home: string): Promise<void> {
  return until(
    async () => {
      const probe = await probeHub(hubAddress(home), 10_000);
      return probe.found === 'hub' && probe.channels.length === 2 && probe.channels.every(({ ok }) => ok);
    },
    () => 'a hub whose channels are well',
  );
}

describe('switchboard doctor', () => {
  it('finds everything ok where it is, disturbs nobody and leaves nothing behind', async () => {
    const ada = await settled();
    const { env = {}, timings = {} } = ada.options;
    await startMcp({ ...mcpPlace(), home: ada.home }, { env, timings });
    await hubLogged(ada.home, /polling/);
    await untilChannelsAreWell(ada.home);
    await untilOneHub(ada.home);
    const hubs = runningIn(ada.home, / hub /);
    const temporary = temporaryPlace();
    const { ok, checks, bad, check } = await examined(ada, temporary.env);
    expect(bad()).toEqual([]);
    expect(ok).toBe(true);
    expect(checks.map(({ id }) => id.replace(/:.*/, ''))).toEqual(ALL);
    expect(check('web')?.detail).toMatch(/^http:\/\/127\.0\.0\.1:\d+; asks for its token$/);
    expect(check('round-trip')?.detail).toMatch(/answered and back in \d+ ms/);
    expect(runningIn(ada.home, / hub /)).toEqual(hubs);
    expect(ada.owner.messages()).toEqual([]);
    expect(ada.api.calls('getUpdates').every(({ status }) => status !== 409)).toBe(true);
    await temporary.isEmpty();
    expect(readdirSync(ada.home).filter((name) => name.startsWith('.doctor'))).toEqual([]);
    // Above all not `mcp get`, which would start a session.
    expect(ada.claude.calls()).toEqual([['--version']]);
    expect(ada.claude.sawToken()).toBe(false);
  });

  it('is readable on a narrow screen, and says what to do about what fails', async () => {
    const ada = await newcomer();
    const terminal = ada.opens(['doctor'], { PATH: '/usr/bin:/bin', WEB_PORT: 'off' }, { columns: 40 });
    await terminal.shows(/^warn {2}Claude Code: there is no `claude`$/m);
    await terminal.shows(/^ {6}command on the PATH$/m);
    await terminal.shows(/^fail {2}Registration: Claude Code does not$/m);
    await terminal.shows(/^ {6}→ Register it: switchboard setup$/m);
    await terminal.shows(/^ok {4}Web inbox: off: WEB_PORT says so$/m);
    await terminal.shows(/^warn {2}Telegram: no bot is set up:$/m);
    await terminal.shows(/\d+ fail, \d+ warn, \d+ ok\./);
    expect(await terminal.ended()).toBe(1);
    const long = terminal.text.split('\n').filter((line) => line.length > 40);
    // Only a single word, such as a path, may be longer than the line.
    expect(long.filter((line) => / .* /.test(line.trim().replace(/^→ /, '')))).toEqual([]);
  });

  it('tells a hub that does not answer, one that is older, and what it has written down', async () => {
    const ada = await settled();
    startSwitchboard(['hub', '--background'], { ...ada.options, program: programOfVersion('0.0.1') });
    const { pid } = await hubLogged(ada.home, /polling/);
    await untilChannelsAreWell(ada.home);
    const older = await examined(ada, { CLAUDE_STAND_IN_VERSION: '1.0.3' });
    expect(older.bad()).toEqual(['warn claude', 'warn hub']);
    expect(older.check('hub')?.next).toContain(`kill ${pid}`);
    kill(pid, 'SIGSTOP');
    const error = { level: 50, time: new Date().toISOString(), pid, msg: 'Telegram refuses the token' };
    writeFileSync(join(ada.home, 'hub.log'), `${JSON.stringify(error)}\n`, { flag: 'a' });
    const silent = await examined(ada);
    expect(silent.bad()).toEqual(['fail hub', 'warn hub-log', 'warn polling']);
    expect(silent.check('hub')?.next).toContain(`kill -9 ${pid}`);
    expect(silent.check('hub-log')?.detail).toContain('Telegram refuses the token');
  });

  it('tells settings that are not possible, judges nothing that hangs on them, and checks the rest', async () => {
    const ada = await settled();
    const bot = { TELEGRAM_BOT_TOKEN: ada.api.token, TELEGRAM_OWNER_ID: '7', FOO: 1 };
    writeFileSync(join(ada.home, 'config.json'), JSON.stringify(bot));
    const { bad, check } = await examined(ada);
    expect(bad()).toEqual(['fail config', 'warn hub', 'warn web', 'warn telegram', 'warn round-trip']);
    expect(check('hub')?.detail).toBe('none runs, and none starts until the settings are fixed');
    for (const id of ['web', 'telegram', 'round-trip']) {
      expect(check(id)?.detail).toBe('not checked: the settings cannot be read');
    }
    expect(check('registration')?.status).toBe('ok');
  });

  it.each([
    ['', 0],
    [' though its hub is slow to start', 2_500],
  ])('that is ended cleans up after itself%s', async (_, ms) => {
    const ada = await settled();
    const temporary = temporaryPlace();
    const program = join(temporaryDirectory(), 'slow.mjs');
    writeFileSync(
      program,
      `if (process.argv[2] === 'hub') await new Promise((resolve) => setTimeout(resolve, ${ms}));
      await import(${JSON.stringify(PROGRAM)});`,
    );
    const env = { ...ada.options.env, ...temporary.env };
    const doctor = startSwitchboard(['doctor'], { ...ada.options, env, program });
    const isStartingHub = (): boolean =>
      readdirSync(temporary.TMPDIR).some((name) => existsSync(join(temporary.TMPDIR, name, 'home/hub.starting')));
    await until(isStartingHub, () => 'a hub that is about to start');
    kill(doctor.pid, 'SIGINT');
    expect(await doctor.ended()).toBe(1);
    await temporary.isEmpty();
  });
});
