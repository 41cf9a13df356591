/** The built-in rules by name, in the order in which they are told; `!name` in DANGEROUS_PATTERNS turns one off. */
export const DANGER_NAMES = [
  'rm-recursive',
  'git-force-push',
  'git-discard',
  'run-download',
  'chmod-open',
  'raw-disk',
  'power',
  'drop-data',
  'tear-down',
  'publish',
  'root',
  'fork-bomb',
  'crontab',
  'switchboard',
  'no-sandbox',
  'sensitive',
  'outside',
  'long',
] as const;

export type DangerName = (typeof DANGER_NAMES)[number];

/** Which rules hold: all that are built in but those turned off, and patterns of the person's own. */
export interface DangerRules {
  readonly off: ReadonlySet<string>;
  readonly patterns: readonly RegExp[];
}

const PATTERN_CHARS_MAX = 500;
// A repetition of a repetition takes time that doubles with each character of what it is tried on.
const NESTED_REPETITION = /\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]/;

/** The first entry of a list that is not possible, by index; `names`: those that it could have turned off, of an unknown name. */
interface BadEntry {
  readonly bad: number;
  readonly names?: readonly string[];
}

/**
 * Reads the person's own list: regular expressions to add, and `!name` for a built-in rule that is to be off. Says which
 * entry is not possible: an expression that does not parse or repeats a repetition, an unknown name.
 */
export function dangerRules(list: readonly string[]): DangerRules | BadEntry {
  const off = new Set<string>();
  const patterns: RegExp[] = [];
  for (const [index, entry] of list.entries()) {
    const name = /^!([\w-]+)$/.exec(entry)?.[1];
    if (name !== undefined) {
      if (!(DANGER_NAMES as readonly string[]).includes(name)) return { bad: index, names: DANGER_NAMES };
      off.add(name);
    } else {
      const pattern = parsePattern(entry);
      if (pattern === null) return { bad: index };
      patterns.push(pattern);
    }
  }
  return { off, patterns };
}

function parsePattern(source: string): RegExp | null {
  if (source === '' || source.length > PATTERN_CHARS_MAX || NESTED_REPETITION.test(source)) return null;
  try {
    return new RegExp(source, 'iu');
  } catch {
    return null; // Said to the reader by the caller.
  }
}
