import { createHash } from 'node:crypto';
import { structuredPatch } from 'diff';
import { preview } from '../../domain/text.ts';

/** What a permission card says: a short question, and everything that will be approved. */
export interface PermissionText {
  readonly question: string;
  readonly context: string;
}

/** What a file holds now; `text` is null when it is there and cannot be shown. */
export type FileNow = { readonly text: string | null } | null;

/** What wants to run. */
export interface PermissionAsked {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly cwd: string;
  /** The kind of subagent that wants it; "" for the main conversation. */
  readonly agent: string;
}

const NAME_CHARS_MAX = 120;
// A diff of more than this would take longer than the person waits for the card. Its time grows with the square of the
// lines that differ, and nothing else goes on meanwhile: 5,000 take 12 s, 1,000 half a second.
const DIFF_CHARS_MAX = 400_000;
const DIFF_LINES_MAX = 1_000;

/** Words a permission for a person. `readFile`: null for a file that is not there. */
export function permissionText(asked: PermissionAsked, readFile: (path: string) => FileNow): PermissionText {
  const { question, body } = describe(asked, readFile);
  const { input, cwd, agent } = asked;
  const why = typeof input.description === 'string' ? input.description : '';
  const facts = [
    why && `Why, in Claude's words: ${preview(why, 500)}`,
    `Directory: ${onOneLine(cwd)}`,
    agent && `Asked by a subagent (${preview(agent, 80)})`,
  ].filter(Boolean);
  return { question: preview(visible(question), 300), context: visible(`${body}\n\n${facts.join('\n')}`) };
}

interface Description {
  readonly question: string;
  readonly body: string;
}

function describe({ tool, input, cwd }: PermissionAsked, readFile: (path: string) => FileNow): Description {
  const text = (field: string): string => (typeof input[field] === 'string' ? input[field] : '');
  const path = text('file_path') || text('notebook_path');
  const name = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  const shown = onOneLine(preview(name, NAME_CHARS_MAX));
  switch (tool) {
    case 'Bash':
    case 'PowerShell':
      return { question: 'May I run a command?', body: commandBody(input) };
    case 'Write':
      return writeBody(shown, onOneLine(name), text('content'), path === '' ? null : readFile(path));
    case 'Edit':
    case 'MultiEdit':
      return {
        question: `Edit ${shown}?`,
        body: [`File: ${onOneLine(path)}`, ...editsOf(input).map(diffOf)].join('\n'),
      };
    case 'NotebookEdit': {
      const { new_source, notebook_path, ...rest } = input;
      const source = fenced(typeof new_source === 'string' ? new_source : '', '');
      return { question: `Edit ${shown}?`, body: `File: ${onOneLine(path)}\n${jsonBody(rest)}\n${source}` };
    }
    case 'WebFetch':
      return { question: `May I fetch a page of ${preview(hostOf(text('url')), 80)}?`, body: jsonBody(input) };
    case 'ExitPlanMode':
      return { question: 'Shall I go on with this plan?', body: text('plan') };
    default:
      return { question: `May I use ${preview(toolName(tool), NAME_CHARS_MAX)}?`, body: jsonBody(input) };
  }
}

function commandBody(input: Readonly<Record<string, unknown>>): string {
  const { command, description, ...rest } = input;
  const options = Object.keys(rest).length > 0 ? `\n${jsonBody(rest)}` : '';
  return `${fenced(typeof command === 'string' ? command : JSON.stringify(command ?? null), 'sh')}${options}`;
}

function writeBody(shown: string, name: string, content: string, before: FileNow): Description {
  if (before === null) {
    return { question: `Write ${shown}?`, body: `A new file of ${lines(content)}: ${name}\n${fenced(content, '')}` };
  }
  const { text } = before;
  const change = text === null ? fenced(content, '') : diffOf({ before: text, after: content, all: false });
  const size = text === null ? lines(content) : `${lines(text)} by ${lines(content)}`;
  return { question: `Overwrite ${shown}?`, body: `Replaces the whole of ${name} (${size}):\n${change}` };
}

interface Edit {
  readonly before: string;
  readonly after: string;
  /** Every place that holds `before`, not only one. */
  readonly all: boolean;
}

function editsOf(input: Readonly<Record<string, unknown>>): Edit[] {
  const edits = Array.isArray(input.edits) ? input.edits : [input];
  return edits.map((edit: unknown) => {
    const { old_string, new_string, replace_all } = (edit ?? {}) as Record<string, unknown>;
    return { before: String(old_string ?? ''), after: String(new_string ?? ''), all: replace_all === true };
  });
}

/** A unified diff, without the two lines that name the file; both texts whole when they are too long to compare. */
function diffOf({ before, after, all }: Edit): string {
  const note = all ? '\nEverywhere in the file:\n' : '';
  const limits = { context: 3, maxEditLength: 2 * DIFF_LINES_MAX };
  const patch =
    before.length + after.length > DIFF_CHARS_MAX
      ? undefined
      : structuredPatch('', '', before, after, undefined, undefined, limits);
  // What is to be there comes first: of a long text a phone shows the beginning.
  if (!patch) return `${note}Too much to compare. This:\n${fenced(after, '')}\ninstead of:\n${fenced(before, '')}`;
  const text = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...changed,
  ]);
  return `${note}${fenced(text.join('\n'), 'diff')}`;
}

function jsonBody(value: unknown): string {
  return fenced(JSON.stringify(value, null, 2), 'json');
}

/** A code block that ends where it ends, whatever is in it. */
function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(2, longestRun(text)) + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

// Controls, and characters that turn the direction of text or take no place: with them a command could look like another.
// More than what a terminal must not get: joiners and fillers do nothing there, but they hide.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Shows what would not be seen, as `\u{202e}`. */
function visible(text: string): string {
  return text.replace(HIDDEN, (char) => (/[\n\t]/.test(char) ? char : escaped(char)));
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)?.toString(16)}}`;
}

/** A path that stays one line, and that no Markdown in it changes: what it is called is what is seen. */
function onOneLine(path: string): string {
  const line = path.replace(HIDDEN, escaped);
  if (!/[`*[\]<>~|\\]|__/.test(line)) return line;
  const fence = '`'.repeat(longestRun(line) + 1);
  return `${fence} ${line} ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function lines(text: string): string {
  const count = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
  return `${count} ${count === 1 ? 'line' : 'lines'}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** `mcp__server__tool` as people say it. */
function toolName(tool: string): string {
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return server && name ? `${name} of ${server.replace(/^plugin_/, '')}` : tool;
}

/** SHA-256, in hex, of an input: the same for equal inputs, in whatever order their fields stand. */
export function inputHash(input: unknown): string {
  return createHash('sha256').update(canonical(input)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
