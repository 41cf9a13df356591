import { programOf, type ShellCommand } from './shell-commands.ts';

/** Where a tool runs. Paths are absolute, in POSIX notation. */
export interface Places {
  /** The project, by every name that it has. */
  readonly projects: readonly string[];
  readonly cwd: string;
  readonly home: string;
  /** Where a path leads when links are followed, as far as it exists. */
  readonly follow: (path: string) => string;
}

/** An absolute path without `.` and `..`; null when it holds what only the shell knows, such as a variable. */
export function resolvePath(path: string, cwd: string | null, home: string): string | null {
  const known = path.replace(/^~(?=\/|$)/, home).replace(/^\$(HOME|\{HOME\})(?=\/|$)/, home);
  if (/[$`*?]/.test(known) || known.startsWith('~')) return null;
  if (!known.startsWith('/') && cwd === null) return null;
  const parts: string[] = [];
  for (const part of (known.startsWith('/') ? known : `${cwd}/${known}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Is this path in none of the project's directories? Devices that keep nothing count as inside. */
export function isOutside(path: string, { projects }: Places): boolean {
  if (/^\/dev\/(null|zero|stdout|stderr|tty|fd\/\d+)$/.test(path)) return false;
  return !projects.some((project) => isBelow(path, project));
}

function isBelow(path: string, directory: string): boolean {
  const base = directory.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`);
}

const SHELL_START = /^\.(bashrc|bash_profile|bash_login|profile|zshrc|zshenv|zprofile|zlogin)$/;

/** Why a file at this place is special, also inside the project: a sentence; null when it is not. */
export function sensitivePlace(path: string, places: Places): string | null {
  const { home } = places;
  if (isBelow(path, `${home}/.ssh`)) return 'Changes ~/.ssh: who may log in, and with which key.';
  if (path === `${home}/.claude.json` || /\/\.claude\/(settings[\w.-]*\.json|hooks(\/|$))/.test(path)) {
    return "Changes Claude Code's own settings: what runs or is allowed without asking.";
  }
  if (isBelow(path, `${home}/.claude`)) return 'Changes ~/.claude, where Claude Code keeps its settings.';
  if (isBelow(path, `${home}/.switchboard`))
    return "Changes Switchboard's own settings: who may answer, and its tokens.";
  if (/\/\.planning\/telegram-sessions(\/|$)/.test(path)) {
    return "Changes Switchboard's session files: what is written there counts as somebody's answer.";
  }
  if (/\/\.git\/(hooks(\/|$)|config$)/.test(path)) return 'Changes what git runs by itself: .git/hooks or .git/config.';
  if (isBelow(path, home) && SHELL_START.test(path.slice(home.length + 1))) return 'Changes what every new shell runs.';
  // In a container the project itself may lie there.
  const ofSystem = ['/etc', '/usr', '/boot'].some((directory) => isBelow(path, directory));
  return ofSystem && isOutside(path, places) ? 'Changes the system itself.' : null;
}

/** The files that commands write by redirections, `tee`, `mv` and the like, as far as that can be told without running them. */
export function placesWrittenBy(commands: readonly ShellCommand[], { cwd, home }: Places): string[] {
  const written: string[] = [];
  // Where the script is by then; null once it goes to where only the shell knows.
  let at: string | null = cwd;
  for (const command of commands) {
    const [program = '', ...rest] = programOf(command);
    for (const target of [...command.outputs, ...argumentsWritten(program, rest)]) {
      const path = resolvePath(target, at, home);
      if (path !== null) written.push(path);
    }
    if (program === 'cd' || program === 'pushd') at = resolvePath(rest.find((word) => word !== '--') ?? '~', at, home);
  }
  return written;
}

/** The arguments of a command that name what it writes, moves or removes. */
function argumentsWritten(program: string, words: readonly string[]): string[] {
  const plain = words.filter((word) => !word.startsWith('-'));
  switch (program) {
    case 'tee':
    case 'touch':
    case 'mkdir':
    case 'rmdir':
    case 'rm':
    case 'unlink':
    case 'shred':
    case 'truncate':
      return plain;
    case 'mv':
      return plain;
    case 'cp':
    case 'install':
    case 'ln':
    case 'rsync':
    case 'scp':
      return [...valuesOf(words, /^(-t|--target-directory)$/), ...plain.slice(1).slice(-1)].filter(isLocal);
    case 'chmod':
    case 'chown':
    case 'chgrp':
      return plain.slice(1);
    case 'dd':
      return words.filter((word) => word.startsWith('of=')).map((word) => word.slice(3));
    case 'sed':
    case 'perl':
      return words.some((word) => /^(-[a-z]*i|--in-place)/.test(word)) ? plain.slice(1) : [];
    case 'curl':
      return valuesOf(words, /^(-o|--output|--output-dir)$/);
    case 'wget':
      return valuesOf(words, /^(-O|--output-document|-P|--directory-prefix)$/).filter((word) => word !== '-');
    default:
      return [];
  }
}

function valuesOf(words: readonly string[], option: RegExp): string[] {
  return words.flatMap((word, at) => (option.test(word) ? words.slice(at + 1, at + 2) : []));
}

/** `host:path` is on another machine. */
function isLocal(word: string): boolean {
  return !/^[^/]+:/.test(word);
}
