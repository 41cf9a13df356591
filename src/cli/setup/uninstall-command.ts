import { existsSync, rmSync } from 'node:fs';
import { SwitchboardError } from '../../domain/errors.ts';
import { homeDirectory } from '../../runtime/config.ts';
import { registeredDirectories } from '../../runtime/projects.ts';
import { listenForEndSignals } from '../../runtime/signals.ts';
import {
  type Registration,
  readRegistration,
  restoreArguments,
  runClaude,
  SERVER_NAME,
  saidBy,
  shellLine,
  startsTheSame,
  UNREGISTER_ARGUMENTS,
} from '../claude-code.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { endHub, runningHub } from '../running-hub.ts';
import { installedService, uninstallService } from '../service/service-command.ts';
import { printable, printError } from '../terminal.ts';
import { applyChange, backUp, diffOf, FileChangeError } from './file-change.ts';
import { Cancelled, terminalFront, unattendedFront } from './front.ts';
import { problem, type Scene } from './scene.ts';
import { type FileRecord, keepSetupRecord, readSetupRecord } from './setup-record.ts';
import { planUndo } from './undo-file.ts';

/** Undoes exactly what `switchboard setup` did, and ends the hub. What people and sessions wrote stays where it is. */
export async function uninstall(flags: { readonly home?: string; readonly yes: boolean }): Promise<ExitCode> {
  if (!flags.yes && !(process.stdin.isTTY && process.stdout.isTTY)) {
    printError('switchboard: uninstall asks before each change and needs a terminal. Without one: uninstall --yes');
    return EXIT.usage;
  }
  const end = new AbortController();
  const stopListening = listenForEndSignals(() => end.abort());
  const front = flags.yes ? unattendedFront() : terminalFront(end.signal);
  const home = homeDirectory(process.env, flags.home);
  const scene: Scene = { front, env: process.env, flags, home, signal: end.signal, done: [], problems: [] };
  try {
    front.begin('Switchboard: undo what set-up did');
    const { files, registration } = readSetupRecord(home);
    if (files.length === 0 && !registration) front.say('Set-up has changed nothing that is left.');
    if (registration) await takeRegistrationBack(scene);
    await removeService(scene);
    // Before its settings go: a hub in the background would leave by itself, and sessions start the next one.
    await endRunningHub(scene);
    for (const record of files) await takeFileBack(scene, record);
    front.end(...farewell(scene));
    return scene.problems.length === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof Cancelled) && !(error instanceof SwitchboardError)) throw error;
    const why = error instanceof Cancelled ? 'Stopped.' : printable(error.message);
    front.stop(why, ...done(scene), '`switchboard uninstall` goes on from here.');
    return EXIT.failed;
  } finally {
    stopListening();
  }
}

async function takeRegistrationBack(scene: Scene): Promise<void> {
  const { front, home, signal } = scene;
  const { registration } = readSetupRecord(home);
  if (!registration) return;
  const { file, before, after, secret, backup: earlier } = registration;
  const now = readRegistration(file);
  const forget = (): void => keepSetupRecord(home, { ...readSetupRecord(home), registration: null });
  if (now.found === 'nothing') {
    front.say(`${file}: not registered any more.`);
    return forget();
  }
  if (now.found === 'unreadable') return problem(scene, `The registration stays: ${now.why}.`);
  if (!startsTheSame(now.entry, after as Registration)) {
    front.say(`${file}: the registration was changed since, and stays.`);
    return forget();
  }
  // An earlier registration goes through an argument list, which others can read: one with secrets is not put back.
  const restore = before === null ? [] : [restoreArguments(before)];
  const commands = [UNREGISTER_ARGUMENTS, ...restore];
  const entry = (value: unknown): string | null =>
    value === null ? null : `${JSON.stringify({ [SERVER_NAME]: value }, null, 2)}\n`;
  front.say(
    'Claude Code changes its own file:',
    ...commands.map((words) => `  ${printable(shellLine(['claude', ...words]))}`),
    diffOf({ path: file, before: entry(now.entry), after: entry(before) }),
  );
  if (!(await front.confirm(`Take the registration back? (changes ${file})`))) return;
  const backup = backUp(file);
  for (const words of commands) {
    const run = await runClaude(words, { signal });
    if (signal.aborted) throw new Cancelled();
    if (run.code === 0) continue;
    return problem(
      scene,
      `\`claude ${words.slice(0, 2).join(' ')}\` has failed: ${saidBy(run)} (as it was: ${backup})`,
    );
  }
  scene.done.push(`The registration is taken back: ${file} (as it was: ${backup})`);
  if (secret) problem(scene, `It was registered otherwise before, with secrets; ${earlier} has how.`);
  forget();
}

async function takeFileBack(scene: Scene, record: FileRecord): Promise<void> {
  const { front, home } = scene;
  const { file, backup } = record;
  const forget = (): void => {
    const now = readSetupRecord(home);
    keepSetupRecord(home, { ...now, files: now.files.filter((each) => each.file !== file) });
  };
  try {
    const { change, exact, left } = planUndo(record);
    if (left.length > 0) front.say(...left);
    if (!change) return forget();
    front.say(diffOf(change));
    if (!(await front.confirm(change.after === null ? `Remove ${file}?` : `Change ${file} back?`))) return;
    // Nothing of anybody's is lost when the file becomes what it was; and a copy would keep the token for ever.
    const applied = applyChange(change, { keep: !exact });
    if (exact && backup !== null) rmSync(backup, { force: true });
    const asItWas = applied.backup ? ` (as it was: ${applied.backup})` : '';
    scene.done.push(`${file} ${exact ? 'is as it was before set-up' : 'has lost what set-up put there'}${asItWas}`);
    forget();
  } catch (error) {
    if (!(error instanceof FileChangeError)) throw error;
    problem(scene, error.message);
  }
}

async function removeService({ front, home, done }: Scene): Promise<void> {
  const file = installedService({ home });
  if (!file || !(await front.confirm(`Remove the service? (${file})`))) return;
  if (uninstallService({ home }) === EXIT.ok) done.push('The service is removed');
}

/** A hub that goes on without its settings would serve nobody; sessions that still live start another. */
async function endRunningHub(scene: Scene): Promise<void> {
  const { front, home, done } = scene;
  const hub = await runningHub(home);
  if (!hub || !(await front.confirm(`End the hub that runs (pid ${hub.pid})?`))) return;
  if (!(await endHub(home, hub.pid)))
    return problem(scene, `The hub was asked to end and runs still; to end it: kill -9 ${hub.pid}`);
  done.push('The hub has ended; Claude Code sessions that still run start it again until they end');
}

function farewell(scene: Scene): string[] {
  const { home, problems } = scene;
  const directories = registeredDirectories(home);
  return [
    ...done(scene),
    ...(problems.length === 0 ? [] : ['Left to do:', ...problems.map((each) => `  - ${each}`)]),
    ...(directories.length === 0
      ? []
      : ['The session files stay, with all questions and answers:', ...directories.map((path) => `  ${path}`)]),
    ...(existsSync(home)
      ? [
          `${home} stays, with the hub's log and socket and the web inbox's token; remove it when nothing runs any more.`,
        ]
      : []),
    'The program itself: npm uninstall --global claude-switchboard',
  ];
}

function done({ done }: Scene): string[] {
  return done.length === 0 ? ['Nothing was changed.'] : ['Done:', ...done.map((sentence) => `  - ${sentence}`)];
}
