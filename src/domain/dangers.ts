import type { DangerName, DangerRules } from './danger-list.ts';
import { COMMAND_RULES, type CommandRule } from './danger-rules.ts';
import { absolutePath, isOutside, type Places, sensitivePlace } from './places.ts';
import { shellCommands } from './shell-commands.ts';
import { placesWrittenBy } from './written-places.ts';

/** What wants to run, and where. Paths are absolute, in POSIX notation. */
export interface ToolUse {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly places: Places;
}

type Found = Map<DangerName | `pattern ${string}`, string>;

// A script is read in time that grows with its length; nobody approves one that is longer from a card.
const CHECKED_CHARS_MAX = 20_000;

/**
 * Why this use of a tool should be approved twice: a plain sentence each, none for most uses. It is a net with holes
 * and no sandbox: it catches what is dangerous at first sight, so that nobody allows it in passing. A command that is
 * put together by variables, or hidden in a script that it starts, is not seen.
 */
export function dangersOf({ tool, input, places }: ToolUse, rules: DangerRules): string[] {
  const command = typeof input.command === 'string' ? input.command : null;
  const found: Found = new Map();
  const written: string[] = [];
  if (command !== null && command.length > CHECKED_CHARS_MAX) {
    found.set('long', `It is too long to be checked: ${command.length} characters.`);
  } else if (command !== null) {
    const commands = shellCommands(command);
    for (const [name, rule] of Object.entries(COMMAND_RULES) as [keyof typeof COMMAND_RULES, CommandRule][]) {
      if (rule.applies(commands, command)) found.set(name, rule.sentence);
    }
    written.push(...placesWrittenBy(commands, places));
  }
  if (input.dangerouslyDisableSandbox === true) found.set('no-sandbox', 'Runs outside of the sandbox.');
  const path = writtenFile(tool, input);
  if (path !== null)
    written.push(
      absolutePath(
        path.replace(/^~(?=\/|$)/, () => places.home),
        places.cwd,
      ),
    );
  addPlaces(written, places, found);
  addPatterns(command ?? JSON.stringify(input), rules.patterns, found);
  return [...found].filter(([name]) => !rules.off.has(name)).map(([, sentence]) => sentence);
}

function addPlaces(written: readonly string[], places: Places, found: Found): void {
  // Where a link inside the project leads is what counts.
  const real = [...new Set(written.flatMap((path) => [path, places.follow(path)]))];
  const sensitive = real.map((path) => sensitivePlace(path, places)).find((sentence) => sentence !== null);
  if (sensitive) found.set('sensitive', sensitive);
  const outside = real.find((path) => isOutside(path, places));
  if (outside !== undefined) found.set('outside', `Writes outside of the project: ${outside}`);
}

function addPatterns(text: string, patterns: readonly RegExp[], found: Found): void {
  if (text.length > CHECKED_CHARS_MAX && patterns.length > 0) {
    found.set('long', `It is too long to be checked: ${text.length} characters.`);
    return;
  }
  for (const pattern of patterns) {
    if (pattern.test(text)) found.set(`pattern ${pattern.source}`, `Matches your own pattern ${pattern.source}`);
  }
}

function writtenFile(tool: string, input: Readonly<Record<string, unknown>>): string | null {
  if (!/^(Write|Edit|MultiEdit|NotebookEdit)$/.test(tool)) return null;
  const path = input.file_path ?? input.notebook_path;
  return typeof path === 'string' ? path : null;
}
