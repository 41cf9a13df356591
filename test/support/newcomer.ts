import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type BotApi, startBotApi } from './bot-api/bot-api.ts';
import type { Person } from './bot-api/person.ts';
import { type ClaudeStandIn, standInForClaude } from './claude.ts';
import { runSwitchboard, type StartOptions } from './switchboard.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { openTerminal, type Terminal, type TerminalSize } from './terminal.ts';

const TIMINGS = {
  slowLook: 50,
  telegramChat: 0,
  telegramGroup: 0,
  telegramOverall: 0,
  telegramRead: 0,
  telegramPoll: 1_000,
  retryMin: 20,
  retryMax: 200,
};

type Environment = Readonly<Record<string, string>>;

/** Somebody who has Claude Code and a phone with a bot, and has heard of Switchboard just now. */
export interface Newcomer {
  /** Their home directory, with nothing in it. */
  readonly person: string;
  /** Switchboard's home: the usual place in theirs. */
  readonly home: string;
  readonly api: BotApi;
  readonly owner: Person;
  readonly claude: ClaudeStandIn;
  /** The environment of whatever is started for them. */
  readonly options: StartOptions;
  /** Starts a command in a terminal. */
  opens(args: readonly string[], env?: Environment, size?: TerminalSize): Terminal;
  /** Runs a command without a terminal to its end. */
  runs(args: readonly string[], env?: Environment): ReturnType<typeof runSwitchboard>;
  /** A file of theirs, by its path in their home directory. */
  file(path: string): string;
}

/** A newcomer of a test's own. */
export async function newcomer({ timings = {} }: { timings?: Record<string, number> } = {}): Promise<Newcomer> {
  const person = temporaryDirectory();
  const home = join(person, '.switchboard');
  const api = await startBotApi();
  onTestFinished(() => api.close());
  const claude = standInForClaude(join(person, 'opt'));
  mkdirSync(join(person, 'work'));
  const options = {
    home,
    cwd: join(person, 'work'),
    timings: { ...TIMINGS, ...timings },
    env: { ...claude.env, HOME: person, TELEGRAM_API_ROOT: api.root },
  };
  const withMore = (env: Environment): StartOptions => ({ ...options, env: { ...options.env, ...env } });
  return {
    person,
    home,
    api,
    owner: api.user(7, 'Ada'),
    claude,
    options,
    opens: (args, env = {}, size = {}) => openTerminal(args, { ...withMore(env), ...size }),
    runs: (args, env = {}) => runSwitchboard(args, withMore(env)),
    file: (path) => readFileSync(join(person, path), 'utf8'),
  };
}
