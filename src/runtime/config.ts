import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { CLAUDE_SETTINGS, type ClaudeConfig } from './claude-settings.ts';
import { ConfigError, readConfigFile } from './config-file.ts';
import { isExempt } from './no-proxy.ts';
import {
  Impossible,
  isInboxMode,
  parseAddress,
  parseCommand,
  parseProxy,
  parseTimings,
  parseUrl,
} from './setting-values.ts';
import { TIMINGS, type Timings } from './timings.ts';

/** What decides how this program behaves, checked. */
export interface Config {
  /** The directory of the hub, its log and its socket. Absolute. */
  readonly home: string;
  /** Where this project's session files lie, when it was said. Absolute or relative to the project. */
  readonly sessionsDirectory?: string;
  /** Null without a bot token: then nothing is sent to Telegram. */
  readonly telegram: TelegramConfig | null;
  /** Where the web inbox listens on loopback (0: any free port); null: nowhere. */
  readonly web: { readonly port: number } | null;
  /** URL of an HTTP proxy. May hold a password: never to be logged. */
  readonly proxy?: string;
  /** A program and its first arguments; the path of a voice message comes after them, its text is what it prints. */
  readonly transcribeCommand?: readonly string[];
  /** How Claude Code's own questions and permissions are shown. */
  readonly claude: ClaudeConfig;
  /** What must be typed to allow something dangerous. A secret: never to be logged. */
  readonly permissionPin?: string;
  readonly timings: Timings;
  /** Whole sentences about what works but should be mended. */
  readonly warnings: readonly string[];
}

/** How to reach Telegram, and who may answer there. */
interface TelegramConfig {
  readonly token: string;
  /** Numeric user ids as text. Empty: nobody can answer. */
  readonly ownerIds: readonly string[];
  readonly chatId?: string;
  /** Without a slash at its end. */
  readonly apiRoot: string;
  /** Where the number of open questions stands at the top of the chat; default `auto`: in groups only. */
  readonly inbox?: 'on' | 'off' | 'auto';
  /** When a question is reminded of for the first time; 0: never. */
  readonly remindMinutes?: number;
  /** Lets Telegram post updates to `url`, which leads to where the hub listens. Without it the hub polls. */
  readonly webhook?: { readonly url: string; readonly listen: { readonly host: string; readonly port: number } };
}

const PUBLIC_API_ROOT = 'https://api.telegram.org';
// Loopback: what Telegram posts comes through something that ends its TLS, e.g. a reverse proxy or a tunnel.
const WEBHOOK_LISTEN = { host: '127.0.0.1', port: 8787 };
const WEB_PORT = 4680;

// What each key takes. A parser returns null for a value that is not possible, or says why it is not; values are never
// quoted in messages, because they may be secrets or hold them.
const SETTINGS = {
  TELEGRAM_BOT_TOKEN: {
    wanted: 'a bot token as @BotFather gives it: digits, a colon, letters and digits',
    parse: (value: string) => (/^\d+:[\w-]+$/.test(value) ? value : null),
  },
  TELEGRAM_OWNER_ID: {
    wanted: 'one or more numeric Telegram user ids, separated by commas',
    parse: (value: string) => (/^\d+(\s*,\s*\d+)*$/.test(value) ? value.split(/\s*,\s*/) : null),
  },
  TELEGRAM_CHAT_ID: {
    wanted: 'the numeric id of a Telegram chat',
    parse: (value: string) => (/^-?\d+$/.test(value) ? value : null),
  },
  TELEGRAM_API_ROOT: { wanted: 'an http or https URL', parse: (value: string) => parseUrl(value) },
  TELEGRAM_WEBHOOK_URL: {
    wanted: 'the https URL at which Telegram reaches this hub',
    parse: (value: string) => parseUrl(value),
  },
  TELEGRAM_WEBHOOK_LISTEN: {
    wanted: 'an address and a port to listen at: 127.0.0.1:8787',
    parse: parseAddress,
  },
  TELEGRAM_INBOX: {
    wanted: 'on, off or auto (in groups only)',
    parse: (value: string) => (isInboxMode(value) ? value : null),
  },
  TELEGRAM_REMIND_MINUTES: {
    wanted: 'a number of minutes from 0 (never) to 1440',
    parse: (value: string) => (/^\d{1,4}$/.test(value) && Number(value) <= 1440 ? Number(value) : null),
  },
  WEB_PORT: {
    wanted: 'a port for the web inbox (default 4680), 0 for any that is free, or off',
    parse: (value: string) => (value === 'off' ? value : (parseAddress(`127.0.0.1:${value}`)?.port ?? null)),
  },
  HTTPS_PROXY: {
    wanted: 'the http or https URL of a proxy, or its host and port: http://proxy.example.org:3128',
    parse: parseProxy,
  },
  NO_PROXY: { wanted: 'hosts that need no proxy, separated by commas', parse: (value: string) => value },
  TRANSCRIBE_COMMAND: {
    wanted: 'a program and its arguments: ["whisper", "--quiet"], or separated by spaces',
    parse: (value: string) => parseCommand(value),
  },
  ...CLAUDE_SETTINGS,
  SWITCHBOARD_SESSIONS_DIR: { wanted: 'a directory', parse: (value: string) => value },
  SWITCHBOARD_TIMINGS: { wanted: 'a JSON object of known timings in milliseconds', parse: parseTimings },
} as const;

type Key = keyof typeof SETTINGS;

/** The names of all settings, as the environment and `config.json` have them. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS);

type Value<K extends Key> = Exclude<ReturnType<(typeof SETTINGS)[K]['parse']>, null | Impossible>;

/** Where settings may stand, strongest first; a place may be named to the reader. */
type Place = readonly [name: string, values: Readonly<Record<string, string | undefined>>];

/**
 * Collects the settings: flag over environment over `config.json` in the home. Empty counts as not given.
 *
 * @throws ConfigError for an unknown key in `config.json` or an impossible value anywhere.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, flags: { home?: string } = {}): Config {
  const home = homeDirectory(env, flags.home);
  const { values, warnings } = readConfigFile(join(home, 'config.json'), SETTING_NAMES);
  const places: Place[] = [
    [
      'the environment',
      { ...env, HTTPS_PROXY: env.HTTPS_PROXY || env.https_proxy, NO_PROXY: env.NO_PROXY || env.no_proxy },
    ],
    [join(home, 'config.json'), values],
  ];
  return configFrom(home, places, warnings);
}

function configFrom(home: string, places: readonly Place[], warnings: readonly string[]): Config {
  const telegram = telegramConfig(places);
  const proxy = proxyFor(telegram?.apiRoot ?? PUBLIC_API_ROOT, places);
  const sessionsDirectory = setting('SWITCHBOARD_SESSIONS_DIR', places);
  const transcribeCommand = setting('TRANSCRIBE_COMMAND', places);
  const permissionPin = setting('PERMISSION_PIN', places);
  const timings = setting('SWITCHBOARD_TIMINGS', places);
  const webPort = setting('WEB_PORT', places) ?? WEB_PORT;
  return {
    home,
    ...(sessionsDirectory === null ? {} : { sessionsDirectory }),
    telegram,
    web: webPort === 'off' ? null : { port: webPort },
    ...(proxy === null ? {} : { proxy }),
    ...(transcribeCommand === null ? {} : { transcribeCommand }),
    claude: {
      deskSeconds: setting('DESK_SECONDS', places) ?? 0,
      finishedCard: setting('FINISHED_CARD', places) ?? 'off',
      notifications: setting('CLAUDE_NOTIFICATIONS', places) === 'on',
      dangerRules: setting('DANGEROUS_PATTERNS', places) ?? { off: new Set(), patterns: [] },
    },
    ...(permissionPin === null ? {} : { permissionPin }),
    timings: { ...TIMINGS, ...timings },
    warnings,
  };
}

function telegramConfig(places: readonly Place[]): TelegramConfig | null {
  const token = setting('TELEGRAM_BOT_TOKEN', places);
  const ownerIds = setting('TELEGRAM_OWNER_ID', places) ?? [];
  const chatId = setting('TELEGRAM_CHAT_ID', places);
  const apiRoot = setting('TELEGRAM_API_ROOT', places) ?? PUBLIC_API_ROOT;
  const url = setting('TELEGRAM_WEBHOOK_URL', places);
  const listen = setting('TELEGRAM_WEBHOOK_LISTEN', places) ?? WEBHOOK_LISTEN;
  // A Bot API server of one's own posts to anywhere; Telegram's only by https.
  if (url?.startsWith('http:') && apiRoot === PUBLIC_API_ROOT) {
    throw new ConfigError('TELEGRAM_WEBHOOK_URL is not possible: Telegram posts to https URLs only.');
  }
  const inbox = setting('TELEGRAM_INBOX', places);
  const remindMinutes = setting('TELEGRAM_REMIND_MINUTES', places);
  if (token === null) return null;
  return {
    token,
    ownerIds,
    ...(chatId === null ? {} : { chatId }),
    apiRoot,
    ...(inbox === null ? {} : { inbox }),
    ...(remindMinutes === null ? {} : { remindMinutes }),
    ...(url === null ? {} : { webhook: { url, listen } }),
  };
}

function proxyFor(url: string, places: readonly Place[]): string | null {
  const proxy = setting('HTTPS_PROXY', places);
  return proxy !== null && isExempt(url, setting('NO_PROXY', places) ?? '') ? null : proxy;
}

/**
 * The directory of the hub, its log and its socket.
 *
 * @throws ConfigError when it is not an absolute path.
 */
export function homeDirectory(env: Readonly<Record<string, string | undefined>>, flag: string | undefined): string {
  if (flag) return resolve(flag);
  if (!env.SWITCHBOARD_HOME) return join(homedir(), '.switchboard');
  // Sessions of many projects must find the same hub, whatever their working directory is.
  if (!isAbsolute(env.SWITCHBOARD_HOME)) {
    throw new ConfigError('SWITCHBOARD_HOME in the environment is not possible: wanted is an absolute path.');
  }
  return resolve(env.SWITCHBOARD_HOME);
}

function setting<K extends Key>(key: K, places: readonly Place[]): Value<K> | null {
  for (const [name, values] of places) {
    const given = values[key]?.trim();
    if (!given) continue;
    const { parse, wanted } = SETTINGS[key];
    const value = parse(given);
    if (value === null || value instanceof Impossible) {
      const why = value === null ? '' : `${value.why}; `;
      throw new ConfigError(`${key} in ${name} is not possible: ${why}wanted is ${wanted}.`);
    }
    return value as Value<K>;
  }
  return null;
}
