import { type DangerRules, dangerRules } from '../domain/danger-list.ts';
import { Impossible } from './setting-values.ts';

/** How Claude Code's own questions and permissions are shown. */
export interface ClaudeConfig {
  /** Seconds that they wait for somebody at the desk before they go to the phone, unless the person is away. */
  readonly deskSeconds: number;
  /** When a card says that Claude has finished: never, always, or while the person is away. */
  readonly finishedCard: 'off' | 'on' | 'away';
  /** Are Claude Code's own notifications shown too? */
  readonly notifications: boolean;
  /** What must be approved twice. */
  readonly dangerRules: DangerRules;
}

/** What each key takes; a parser returns null for a value that is not possible. */
export const CLAUDE_SETTINGS = {
  DESK_SECONDS: {
    wanted: 'a number of seconds from 0 to 3600',
    parse: (value: string) => (/^\d{1,4}$/.test(value) && Number(value) <= 3_600 ? Number(value) : null),
  },
  FINISHED_CARD: {
    wanted: 'off, on or away (only while you are away)',
    parse: (value: string) => oneOf(value, ['off', 'on', 'away']),
  },
  CLAUDE_NOTIFICATIONS: { wanted: 'on or off', parse: (value: string) => oneOf(value, ['on', 'off']) },
  DANGEROUS_PATTERNS: {
    wanted:
      'a JSON list of regular expressions (up to 500 characters, no repetition of a repetition), or "!name" to turn a ' +
      'built-in rule off',
    parse: parsePatterns,
  },
  PERMISSION_PIN: {
    wanted: '4 to 12 digits',
    parse: (value: string) => (/^\d{4,12}$/.test(value) ? value : null),
  },
} as const;

function oneOf<const T extends string>(value: string, possible: readonly T[]): T | null {
  return possible.find((known) => known === value) ?? null;
}

function parsePatterns(value: string): DangerRules | Impossible | null {
  let list: unknown;
  try {
    list = JSON.parse(value);
  } catch {
    return null; // Said to the reader by the caller, without quoting.
  }
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) return null;
  const rules = dangerRules(list);
  if (!('bad' in rules)) return rules;
  const { bad, names } = rules;
  const why = names ? `turns off what is no built-in rule; there are ${names.join(', ')}` : 'is no such expression';
  return new Impossible(`entry ${bad + 1} of the list ${why}`);
}
