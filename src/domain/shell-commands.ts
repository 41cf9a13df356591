/** One simple command of a shell script: its words without quotes, and the files that it redirects its output into. */
export interface ShellCommand {
  readonly words: readonly string[];
  readonly outputs: readonly string[];
  /** Reads the output of the command before it. */
  readonly piped: boolean;
  /** Scripts inside it, as in `$(…)`, backquotes and `<(…)`. */
  readonly inner: readonly string[];
}

// What may stand before the command that runs: `FOO=1 nohup time rm …`.
const PREFIXES = new Set(
  '! { ( if then elif else do while until time nohup exec command builtin stdbuf setsid env xargs nice ionice timeout sudo doas'.split(
    ' ',
  ),
);
// Their options that may take a word of their own: `sudo -u root rm`, `env -u NAME rm`, `xargs -n 1 rm`. The same letter
// takes none elsewhere, as in `sudo -n rm`: a word that is a well-known command is never taken for a value.
const PREFIX_OPTIONS_WITH_VALUE =
  /^(-[ugnILPsdCkSaEt]|--(user|group|max-args|max-procs|replace|chdir|unset|signal|kill-after))$/;
const WELL_KNOWN = new RegExp(
  '^(rm|git|(ba|z|da|k)?sh|eval|python[\\d.]*|node|perl|ruby|chmod|chown|dd|tee|mv|cp|ln|find|kubectl|terraform|helm|' +
    'npm|npx|pnpm|yarn|cargo|docker|psql|mysql|sqlite3|shutdown|reboot|systemctl|curl|wget|sed|touch|rsync|crontab|env)$',
);
const NESTING_MAX = 6;

/**
 * Splits a shell script into its simple commands, those in substitutions and in `sh -c '…'` included. Knows quotes,
 * escapes, comments and operators, and expands nothing: a command that is put together by variables is not recognised.
 */
export function shellCommands(script: string, depth = 0): ShellCommand[] {
  const { rest, bodies } = withoutHereDocuments(script);
  const commands = new Splitter(rest.replace(/\\\r?\n/g, '')).split();
  if (depth >= NESTING_MAX) return commands;
  const fed = bodies.flatMap((body) => shellCommands(body, depth + 1));
  return commands.concat(fed).flatMap((command) => {
    const scripts = [...command.inner, ...scriptArguments(programOf(command))];
    return [command, ...scripts.flatMap((inner) => shellCommands(inner, depth + 1))];
  });
}

const HERE_DOCUMENT = /(?<![<\d])<<-?[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([\w.-]+))/g;
const FEEDS_SHELL = /(^|[\s;&|(/])((ba|z|da|k)?sh|ssh|eval|source)([\s;&|)]|$)/;

/**
 * Takes out the texts that `<<EOF` feeds to commands: their quotes are none, and would hide what comes after them. What is
 * fed to a shell is a script of its own; of another text only its substitutions run.
 */
function withoutHereDocuments(script: string): { rest: string; bodies: string[] } {
  if (!script.includes('<<')) return { rest: script, bodies: [] };
  const lines = script.split('\n');
  const rest: string[] = [];
  const bodies: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    rest.push(line);
    for (const match of line.matchAll(HERE_DOCUMENT)) {
      if (isQuoted(line.slice(0, match.index))) continue;
      const [, single, double, bare] = match;
      const delimiter = single ?? double ?? bare ?? '';
      const end = lines.findIndex((other, index) => index > at && other.trim() === delimiter);
      if (end < 0) continue;
      const body = lines.slice(at + 1, end).join('\n');
      at = end;
      if (FEEDS_SHELL.test(line)) bodies.push(body);
      else if (bare !== undefined) bodies.push(...[...body.matchAll(/\$\([^)]*\)|`[^`]*`/g)].map(([found]) => found));
    }
  }
  return { rest: rest.join('\n'), bodies };
}

function isQuoted(before: string): boolean {
  return [/(?<!\\)"/g, /'/g].some((quote) => (before.match(quote)?.length ?? 0) % 2 === 1);
}

/** The program that a command runs in the end, without its path, and its arguments; what only starts it is left out. */
export function programOf({ words }: Pick<ShellCommand, 'words'>): string[] {
  let at = 0;
  let afterPrefix = false;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^\w+\+?=/.test(word)) continue;
    if (PREFIXES.has(baseName(word))) afterPrefix = true;
    else if (!afterPrefix) break;
    else if (PREFIX_OPTIONS_WITH_VALUE.test(word) && !WELL_KNOWN.test(baseName(words[at + 1] ?? ''))) at += 1;
    else if (!word.startsWith('-') && !/^\d+[smhd]?$/.test(word)) break;
  }
  const [program = '', ...rest] = words.slice(at);
  return program === '' ? [] : [baseName(program).toLowerCase(), ...rest];
}

/** The words of a command that stand before the program and only start it: `sudo`, `env` and their like. */
export function startersOf(command: Pick<ShellCommand, 'words'>): string[] {
  const count = command.words.length - programOf(command).length;
  return command.words.slice(0, count).map(baseName);
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

const SHELLS = /^(sh|bash|zsh|dash|ksh|ash|fish)$/;

/** Is this a shell, by the name of its program? */
export function isShell(program: string | undefined): boolean {
  return program !== undefined && SHELLS.test(program);
}

/** Scripts that stand in the arguments: `sh -c '…'`, `eval …`, `ssh host …`, `find -exec … ;`. */
function scriptArguments([program, ...rest]: readonly string[]): string[] {
  if (isShell(program)) {
    const at = rest.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
    return at < 0 ? [] : rest.slice(at + 1, at + 2);
  }
  if (program === 'eval') return [rest.join(' ')];
  if (program === 'su' && rest.includes('-c')) return rest.slice(rest.indexOf('-c') + 1).slice(0, 1);
  if (program === 'ssh') return rest.filter((word) => word.includes(' '));
  if (program === 'find' || program === 'fd') {
    const at = rest.findIndex((word) => /^-(exec|execdir|ok|x)$/.test(word));
    return at < 0
      ? []
      : [
          rest
            .slice(at + 1)
            .map(quoted)
            .join(' '),
        ];
  }
  return [];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Walks through a script once, from left to right. */
class Splitter {
  private readonly text: string;
  private at = 0;
  private readonly commands: ShellCommand[] = [];
  private words: string[] = [];
  private outputs: string[] = [];
  private inner: string[] = [];
  private word: string | null = null;
  private toOutput = false;
  private piped = false;

  constructor(text: string) {
    this.text = text;
  }

  split(): ShellCommand[] {
    while (this.at < this.text.length) this.step(this.text[this.at] ?? '');
    this.endCommand(false);
    return this.commands;
  }

  private step(char: string): void {
    const rest = this.text.slice(this.at, this.at + 3);
    if (char === '\\') this.take(this.text[this.at + 1] ?? '', 2);
    else if (char === "'") this.takeQuoted();
    else if (char === '"') this.takeDoubleQuoted();
    else if (rest.startsWith('$(') || char === '`' || /^[<>]\(/.test(rest)) this.takeSubstitution();
    else if (char === '#' && this.word === null) this.skipComment();
    else if (/\s/.test(char) && char !== '\n') this.endWord(1);
    else if (char === '>' || rest.startsWith('&>')) this.takeRedirection();
    else if (char === '<') this.endWord(/^<+/.exec(rest)?.[0].length ?? 1);
    else if (char === '|' && this.text[this.at + 1] !== '|') this.endCommand(true, rest.startsWith('|&') ? 2 : 1);
    else if (/[\n;&|()]/.test(char)) this.endCommand(false, /^(&&|\|\||;;)/.test(rest) ? 2 : 1);
    else if (/[{}]/.test(char) && this.word === null && /^.(\s|;|$)/.test(rest)) this.endCommand(false, 1);
    else this.take(char, 1);
  }

  private take(text: string, length: number): void {
    this.word = (this.word ?? '') + text;
    this.at += length;
  }

  private takeQuoted(): void {
    const end = this.text.indexOf("'", this.at + 1);
    const stop = end < 0 ? this.text.length : end;
    this.take(this.text.slice(this.at + 1, stop), stop + 1 - this.at);
  }

  private takeDoubleQuoted(): void {
    this.take('', 1);
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      const char = this.text[this.at] ?? '';
      if (char === '\\') this.take(this.text[this.at + 1] ?? '', 2);
      else if (char === '`' || this.text.startsWith('$(', this.at)) this.takeSubstitution();
      else this.take(char, 1);
    }
    this.at += 1;
  }

  /** Keeps the script inside for a look of its own; the word shows it as it stands. */
  private takeSubstitution(): void {
    const backquote = this.text[this.at] === '`';
    const from = this.at + (backquote ? 1 : 2);
    const end = backquote ? this.text.indexOf('`', from) : this.closingParenthesis(from);
    const stop = end < 0 ? this.text.length : end;
    this.inner.push(this.text.slice(from, stop));
    this.take(this.text.slice(this.at, stop + 1), stop + 1 - this.at);
  }

  private closingParenthesis(from: number): number {
    let open = 1;
    for (let at = from; at < this.text.length; at += 1) {
      const char = this.text[at];
      if (char === '\\') at += 1;
      else if (char === "'") at = Math.max(at, this.text.indexOf("'", at + 1));
      else if (char === '(') open += 1;
      else if (char === ')') open -= 1;
      if (open === 0) return at;
    }
    return -1;
  }

  private skipComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  /** `2>file`, `>>file`, `&>file`, `>|file`; `2>&1` goes into no file. */
  private takeRedirection(): void {
    if (this.word !== null && /^\d+$/.test(this.word)) this.word = null;
    this.endWord(0);
    const operator = /^&?>{1,2}[|&]?/.exec(this.text.slice(this.at, this.at + 4))?.[0] ?? '>';
    this.at += operator.length;
    const duplicates = operator.endsWith('&') && /^(\d|-)/.test(this.text.slice(this.at, this.at + 1));
    if (duplicates) this.at += 1;
    else this.toOutput = true;
  }

  private endWord(length: number): void {
    this.at += length;
    if (this.word === null) return;
    if (this.toOutput) this.outputs.push(this.word);
    else this.words.push(this.word);
    this.toOutput = false;
    this.word = null;
  }

  private endCommand(pipes: boolean, length = 0): void {
    this.endWord(length);
    const { words, outputs, inner, piped } = this;
    if (words.length > 0 || outputs.length > 0) this.commands.push({ words, outputs, inner, piped });
    // `curl … |` at the end of a line goes on in the next one.
    if (words.length > 0 || pipes) this.piped = pipes;
    this.words = [];
    this.outputs = [];
    this.inner = [];
    this.toOutput = false;
  }
}
