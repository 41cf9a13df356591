/** Where a tool runs. Paths are absolute, in POSIX notation; a directory may have several names. */
export interface Places {
  readonly projects: readonly string[];
  readonly cwd: string;
  readonly home: string;
  /** Where Switchboard keeps its settings, and where this session's file lies. */
  readonly settings: readonly string[];
  readonly sessions: readonly string[];
  /** Where a path leads when links are followed, as far as it exists. */
  readonly follow: (path: string) => string;
}

/** The path without `.` and `..`, from `cwd` when it is relative. */
export function absolutePath(path: string, cwd: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
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

const SHELL_START = ['bashrc', 'bash_profile', 'bash_login', 'profile', 'zshrc', 'zshenv', 'zprofile', 'zlogin'];
const OWN_FILES = "Changes Switchboard's session files: what is written there counts as somebody's answer.";

/** Why a file at this place is special, also inside the project: a sentence; null when it is not. */
export function sensitivePlace(path: string, places: Places): string | null {
  const { home } = places;
  if (isBelow(path, `${home}/.ssh`)) return 'Changes ~/.ssh: who may log in, and with which key.';
  if (path === `${home}/.claude.json` || /\/\.claude\/(settings[\w.-]*\.json|hooks(\/|$))/.test(path)) {
    return "Changes Claude Code's own settings: what runs or is allowed without asking.";
  }
  if (isBelow(path, `${home}/.claude`)) return 'Changes ~/.claude, where Claude Code keeps its settings.';
  // The sessions may lie in the home, and then they are the worse of the two.
  if (apart(places.sessions, places).some((directory) => isBelow(path, directory))) return OWN_FILES;
  if (/\/\.planning\/telegram-sessions(\/|$)/.test(path)) return OWN_FILES;
  if ([`${home}/.switchboard`, ...apart(places.settings, places)].some((directory) => isBelow(path, directory)))
    return "Changes Switchboard's own settings: who may answer, and its tokens.";
  if (/\/\.git\/(hooks(\/|$)|config$)/.test(path)) return 'Changes what git runs by itself: .git/hooks or .git/config.';
  if (SHELL_START.some((name) => path === `${home}/.${name}`)) return 'Changes what every new shell runs.';
  // In a container the project itself may lie there.
  const ofSystem = ['/etc', '/usr', '/boot'].some((directory) => isBelow(path, directory));
  return ofSystem && isOutside(path, places) ? 'Changes the system itself.' : null;
}

const OF_PROJECT = [
  ...['.claude/settings.json', '.claude/settings.local.json', '.claude/hooks'],
  ...['.git/hooks', '.git/config', '.planning/telegram-sessions'],
];
const OF_HOME = ['.ssh', '.claude', '.claude.json', '.switchboard', ...SHELL_START.map((name) => `.${name}`)];

/** The special places that can be named without a look at the disk: what a wildcard must not hide. */
export function knownSensitivePlaces(places: Places): string[] {
  const inside = places.projects.flatMap((project) => OF_PROJECT.map((name) => `${project}/${name}`));
  const own = apart([...places.settings, ...places.sessions], places);
  return [...inside, ...OF_HOME.map((name) => `${places.home}/${name}`), ...own];
}

/** Somebody's whole home may be Switchboard's: a directory that holds the project says nothing of a file in it. */
function apart(directories: readonly string[], { projects }: Places): string[] {
  return directories.filter((directory) => !projects.some((project) => isBelow(project, directory)));
}
