import { homeDirectory } from '../../runtime/config.ts';
import { makePrivateDirectory } from '../../runtime/home.ts';
import type { Logger } from '../../runtime/log.ts';
import { listenForEndSignals } from '../../runtime/signals.ts';
import {
  type ClaudeFound,
  claudeFiles,
  enabledPlugin,
  findClaude,
  readRegistration,
  withoutClaude,
} from '../claude-code.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, printError } from '../terminal.ts';
import { setUpBot } from './bot-step.ts';
import { offerSettings, registerServer } from './claude-step.ts';
import { Cancelled, type Front, terminalFront, unattendedFront } from './front.ts';
import { pairPhone } from './pair-step.ts';
import { askFirstQuestion } from './question-step.ts';
import { type Scene, settingsOf } from './scene.ts';

export interface SetupFlags {
  readonly home?: string;
  /** Asks nothing: takes what the environment says, and yes to every change. */
  readonly yes: boolean;
  /** Ends with a real question also when nobody is asked anything else. */
  readonly ask: boolean;
}

const STEPS = [
  'a bot for your phone',
  'pairing',
  'the registration with Claude Code',
  'waiting and permissions',
  'a question',
] as const;

/**
 * Sets everything up, step by step: shows each change, asks, and keeps what was. Running it again changes only what is
 * not as it should be.
 */
export async function setUp(flags: SetupFlags, log: Logger): Promise<ExitCode> {
  if (!flags.yes && !(process.stdin.isTTY && process.stdout.isTTY)) {
    printError(
      'switchboard: setup asks questions and needs a terminal. Without one: `switchboard setup --yes`, with',
      'TELEGRAM_BOT_TOKEN and TELEGRAM_OWNER_ID in the environment (without a token: no Telegram).',
    );
    return EXIT.usage;
  }
  const end = new AbortController();
  const stopListening = listenForEndSignals(() => end.abort());
  const front = flags.yes ? unattendedFront() : terminalFront(end.signal);
  const scene: Scene = {
    front,
    env: process.env,
    flags,
    home: homeDirectory(process.env, flags.home),
    signal: end.signal,
    done: [],
    problems: [],
  };
  const progress = { step: 0 };
  try {
    settingsOf(scene); // What is wrong with config.json is said before anything is asked.
    makePrivateDirectory(scene.home);
    const claude = await walk(scene, progress, { ...flags, log });
    return finish(scene, claude);
  } catch (error) {
    return explainEnd(scene, progress.step, error);
  } finally {
    stopListening();
  }
}

async function walk(
  scene: Scene,
  progress: { step: number },
  { ask, log }: Pick<SetupFlags, 'ask'> & { log: Logger },
): Promise<ClaudeFound> {
  const { front, signal } = scene;
  const enter = (title: string): void => {
    if (signal.aborted) throw new Cancelled();
    progress.step += 1;
    front.step(`${progress.step} of ${STEPS.length}: ${title}`);
  };
  front.begin('Switchboard set-up');
  const claude = await findClaude(signal);
  front.say(`Node ${process.versions.node}: ok`, claudeLine(claude));
  enter('A bot for your phone');
  const bot = await setUpBot(scene);
  enter('Pairing');
  if (bot) await pairPhone(scene, bot);
  else front.say('No bot, nobody to pair.');
  enter('Claude Code');
  await registerServer(scene, claude);
  enter('Waiting and permissions');
  if (claude.found === 'version') await offerSettings(scene);
  else front.say('No Claude Code, nothing to set.');
  enter('A first question');
  if (front.attended ? await front.confirm('Ask you a real question now, to see that it works?') : ask) {
    await askFirstQuestion(scene, log);
  } else front.say(front.attended ? 'Not asked.' : 'Not asked: `switchboard setup --yes --ask` asks one.');
  progress.step += 1;
  return claude;
}

function claudeLine(claude: ClaudeFound): string {
  if (claude.found === 'version') return `Claude Code ${claude.version}: ok`;
  const { why, next } = withoutClaude(claude);
  return `Claude Code: ${why}. ${next}`;
}

function finish(scene: Scene, claude: ClaudeFound): ExitCode {
  const { front, done, problems } = scene;
  const lines = [
    ...(done.length === 0 ? ['Nothing was changed.'] : ['Done:', ...listed(done)]),
    ...(problems.length === 0 ? [] : ['Left to do:', ...listed(problems)]),
    'Next:',
    '  switchboard doctor           checks everything',
    '  switchboard service install  keeps the hub running after login',
    '  switchboard uninstall        undoes what was done',
  ];
  front.end(...lines, lastWords(scene, claude));
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

/** What is to be done next. Sessions ask here only where Claude Code knows the server. */
function lastWords({ env, done, problems }: Scene, claude: ClaudeFound): string {
  if (claude.found !== 'version') return 'Once Claude Code works: `switchboard setup` again.';
  const isRegistered = readRegistration(claudeFiles(env).state).found === 'entry' || enabledPlugin(env) !== null;
  if (!isRegistered) return 'No session of Claude Code asks here yet: `switchboard setup` again.';
  if (problems.length > 0) {
    const restart = done.length > 0 ? 'Restart Claude Code for what is done. ' : '';
    return `${restart}Once the rest is done: \`switchboard setup\` again.`;
  }
  return done.length > 0
    ? 'Restart Claude Code: its sessions ask here from then on.'
    : 'Every session of Claude Code that has started since it was set up asks here.';
}

/** Says what has been done and what has not, when the end came before the end. */
function explainEnd({ front, done, signal }: Scene, step: number, error: unknown): ExitCode {
  const cancelled = error instanceof Cancelled || signal.aborted;
  if (!cancelled && step === 0) throw error;
  const left = STEPS.slice(Math.max(0, step - 1));
  tell(front, cancelled ? 'Set-up was stopped.' : printable(String((error as Error).message)), done, left);
  return EXIT.failed;
}

function tell(front: Front, why: string, done: readonly string[], left: readonly string[]): void {
  front.stop(
    why,
    ...(done.length === 0 ? ['Nothing was changed.'] : ['Done, and kept:', ...listed(done)]),
    ...(left.length === 0 ? [] : [`Not done: ${left.join(', ')}.`]),
    '`switchboard setup` goes on from here, `switchboard uninstall` undoes what was done.',
  );
}

function listed(sentences: readonly string[]): string[] {
  return sentences.map((sentence) => `  - ${sentence}`);
}
