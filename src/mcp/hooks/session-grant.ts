import { GRANT_CHARS_MAX } from '../../domain/permission.ts';

/** What allowing a tool for the rest of the session means: in words, and as Claude Code takes it. */
export interface SessionGrant {
  readonly words: string;
  readonly updates: readonly object[];
}

// Above this the card says "this exact command": the whole of it stands there anyway.
const WORDS_CHARS_MAX = 200;

/**
 * What *Allow for this session* allows; null when that cannot be said, or nothing can be granted. Never more lasting than
 * the session: Claude Code's own suggestions would partly be written into the project's settings. `suggestions`: null
 * where the host has made none known; `dangerous`: no command but this one may pass unasked.
 */
export function sessionGrant(
  tool: string,
  input: Readonly<Record<string, unknown>>,
  suggestions: readonly unknown[] | null,
  dangerous = false,
): SessionGrant | null {
  const updates = (suggestions ?? []).map(asUpdate);
  const { command } = input;
  if (tool === 'Bash' && typeof command === 'string') {
    // Of a plain command Claude Code suggests to allow edits of any file, and working elsewhere: far more than was asked.
    const widens = updates.some((update) => update?.type !== 'addRules');
    if (suggestions === null || (updates.length > 0 && (widens || dangerous))) return exactCommand(command);
  }
  if (updates.length === 0) return null;
  const words: string[] = [];
  for (const update of updates) {
    if (update === null) return null;
    words.push(update.words);
  }
  const said = words.join('; ');
  if (said.length > GRANT_CHARS_MAX) return null;
  return { words: said, updates: updates.flatMap((update) => (update ? [update.update] : [])) };
}

// A rule holds for one plain command: `*` in it would stand for anything, and of a longer script Claude Code compares
// each command by itself, so it would ask again although the person was told that it does not.
const NO_PLAIN_COMMAND = /[*;&|<>()`$#\\\n\r]|^\s*$/;

function exactCommand(command: string): SessionGrant | null {
  if (NO_PLAIN_COMMAND.test(command)) return null;
  const words = command.length > WORDS_CHARS_MAX ? 'this exact command' : `Bash(${command})`;
  const rules = [{ toolName: 'Bash', ruleContent: command }];
  return { words, updates: [{ type: 'addRules', rules, behavior: 'allow', destination: 'session' }] };
}

interface Update {
  readonly type: string;
  readonly words: string;
  readonly update: object;
}

/** A suggestion for this session only; null when it is one that this program does not understand. */
function asUpdate(suggestion: unknown): Update | null {
  if (typeof suggestion !== 'object' || suggestion === null) return null;
  const { type, behavior, mode, rules, directories } = suggestion as Record<string, unknown>;
  const update = { ...suggestion, destination: 'session' };
  if (type === 'addRules' && behavior === 'allow') {
    const words = Array.isArray(rules) ? rules.map(ruleWords) : [];
    return words.length > 0 && words.every((word) => word !== null) ? { type, words: words.join(', '), update } : null;
  }
  if (type === 'setMode' && mode === 'acceptEdits') {
    return { type, words: 'every edit of a file in the project (accept-edits mode)', update };
  }
  if (
    type === 'addDirectories' &&
    Array.isArray(directories) &&
    directories.every((path) => typeof path === 'string')
  ) {
    return { type, words: `work in ${directories.join(', ')}`, update };
  }
  return null;
}

function ruleWords(rule: unknown): string | null {
  const { toolName, ruleContent } = (rule ?? {}) as { toolName?: unknown; ruleContent?: unknown };
  if (typeof toolName !== 'string') return null;
  return typeof ruleContent === 'string' ? `${toolName}(${ruleContent})` : toolName;
}
