import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../runtime/config.ts';
import { replaceFile } from '../../runtime/home.ts';
import type { Probe } from '../../runtime/hub-probe.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findHub } from '../running-hub.ts';
import { print, printable, printError } from '../terminal.ts';
import { launchd } from './launchd.ts';
import { type HubProgram, ServiceError, type ServiceManager, type ServiceState } from './manager.ts';
import { systemd } from './systemd.ts';
import { unseenSettings } from './unseen-settings.ts';

const MARK = 'Written by `switchboard service install`';
// Until a service that was just started has a hub that answers.
const START_MS_MAX = 5_000;
const LOOK_MS = 100;

/** Keeps the hub of this home running from now on and after every login. Harmless to repeat. */
export async function installService({ home }: Pick<Config, 'home'>): Promise<ExitCode> {
  const manager = managerHere(home);
  const reason = whyNot(manager);
  if (!manager || reason) return explainAbsence(reason ?? '', home);
  const { file, text } = manager;
  const before = readText(file);
  if (before !== null && !before.includes(MARK)) throw foreignFile(file);
  if (before !== text) {
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, text);
  }
  print(before === text ? `${file} says so already:` : `Wrote ${file}:`, '', printable(text.trimEnd()), '');
  await manager.load(before !== null && before !== text);
  const state = await untilHubAnswers(home, manager);
  print(...stateLines(state), hubLine(await findHub(home), state), '', ...manager.advice);
  warnOfUnseenSettings(home);
  if (state.pid !== null) return EXIT.ok;
  printError(`The service does not run; ${home}/hub.log says why.`);
  return EXIT.failed;
}

/** Ends the service and removes its file; a hub that sessions need is started by them. */
export function uninstallService({ home }: Pick<Config, 'home'>): ExitCode {
  const manager = managerHere(home);
  if (!manager) return explainAbsence(whyNot(manager) ?? '', home);
  const { file } = manager;
  const text = readText(file);
  if (text === null) {
    print(`Nothing to remove: ${file} is not there.`);
    return EXIT.ok;
  }
  if (!text.includes(MARK)) throw foreignFile(file);
  const reason = manager.whyNot();
  if (reason === null) manager.unload();
  rmSync(file, { force: true });
  if (reason === null) manager.forget();
  print(`Removed ${file}.`, 'The hub is not kept running any more; Claude Code sessions start one when they need it.');
  return EXIT.ok;
}

/** Says whether the service is installed, enabled and running, and whether the hub that runs is its own. */
export async function showService({ home }: Pick<Config, 'home'>): Promise<ExitCode> {
  const manager = managerHere(home);
  const reason = whyNot(manager);
  if (!manager || reason) return explainAbsence(reason ?? '', home);
  const { file, text } = manager;
  const there = readText(file);
  if (there === null) {
    print('Service: not installed; `switchboard service install` does that.', hubLine(await findHub(home), null));
    return EXIT.failed;
  }
  const state = manager.state();
  print(`Service: ${printable(file)}`, ...stateLines(state), hubLine(await findHub(home), state));
  if (there !== text) {
    print('The file is not what would be written now (another node, program or home): `switchboard service install`.');
  }
  warnOfUnseenSettings(home);
  return state.pid === null ? EXIT.failed : EXIT.ok;
}

/** The file of the service, when this program has written one; null when there is none. */
export function installedService({ home }: Pick<Config, 'home'>): string | null {
  const manager = managerHere(home);
  return manager && readText(manager.file)?.includes(MARK) ? manager.file : null;
}

function managerHere(home: string): ServiceManager | null {
  if (process.platform === 'linux') return systemd(programHere(home), process.env);
  if (process.platform === 'darwin') return launchd(programHere(home));
  return null;
}

/** @throws ServiceError when what runs now will not be there for long. */
function programHere(home: string): HubProgram {
  const [, program = ''] = process.argv;
  if (program.includes('/_npx/')) {
    throw new ServiceError(
      'This program runs from the cache of npx. Install it: npm install --global claude-switchboard',
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no such file can hold
  if (/[\u0000-\u001f\u007f]/.test(process.execPath + program + home)) {
    throw new ServiceError('A path with control characters cannot be made a service; install it elsewhere.');
  }
  const isDefault = home === join(homedir(), '.switchboard');
  return { node: process.execPath, program, home: isDefault ? null : home };
}

/** Why no service can be had here; null when one can. */
function whyNot(manager: ServiceManager | null): string | null {
  if (!manager) return `this is ${process.platform}, where Switchboard knows no way to keep a program running`;
  return manager.whyNot();
}

function explainAbsence(reason: string, home: string): ExitCode {
  const { node, program, home: otherHome } = programHere(home);
  const place = otherHome === null ? '' : ` --home "${otherHome}"`;
  printError(
    printable(`switchboard: no service can be had here: ${reason}.`),
    'Nothing was changed, and nothing is amiss: every Claude Code session starts a hub when none runs. To keep one',
    'running without sessions, let whatever starts programs here (a container, a process manager, at log-in) run:',
    printable(`  "${node}" "${program}"${place} hub --service`),
  );
  return EXIT.failed;
}

function foreignFile(file: string): ServiceError {
  return new ServiceError(`${file} is there and was not written by this program; nothing was changed. Move it away.`);
}

/** Gives what was just started a moment to become the hub. */
async function untilHubAnswers(home: string, manager: ServiceManager): Promise<ServiceState> {
  const deadline = performance.now() + START_MS_MAX;
  for (;;) {
    const state = manager.state();
    const answers = (await findHub(home)).found === 'hub';
    if (state.pid === null || answers || performance.now() > deadline) return state;
    await sleep(LOOK_MS);
  }
}

function stateLines({ enabled, pid, words }: ServiceState): string[] {
  const running = pid === null ? 'not running' : `running, pid ${pid}`;
  return [`  ${enabled ? 'starts at every login' : 'NOT started at login'}; ${running}; ${printable(words)}`];
}

/** Which hub runs, and whether that is the service's own. */
function hubLine(found: Probe, state: ServiceState | null): string {
  if (found.found === 'silent') return 'Hub: one listens but does not answer; sessions replace it by themselves';
  if (found.found === 'nobody') return 'Hub: none runs';
  const { pid } = found.hub;
  if (pid === state?.pid) return `Hub: pid ${pid}, the service's own`;
  const takeOver = state?.pid ? ` The service takes over when it is gone; at once with: kill ${pid}` : '';
  return `Hub: pid ${pid}, not the service's own: a session or a person has started it.${takeOver}`;
}

function warnOfUnseenSettings(home: string): void {
  const names = unseenSettings(home, process.env);
  if (names.length === 0) return;
  printError(
    `warning: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set in this terminal alone, which a service does not see;`,
    `put ${names.length === 1 ? 'it' : 'them'} into ${home}/config.json (chmod 600).`,
  );
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ServiceError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}); nothing was changed.`);
  }
}
