import type { DangerName } from './danger-list.ts';
import { isShell, programOf, type ShellCommand, startersOf } from './shell-commands.ts';

/** A rule about shell commands: what the person is told, and when it holds. `script`: the whole of it, as it stands. */
export interface CommandRule {
  readonly sentence: string;
  applies(commands: readonly ShellCommand[], script: string): boolean;
}

type Test = (words: readonly string[], command: ShellCommand) => boolean;

/** Holds when the test does for any of the commands; it gets the program, without its path, and its arguments. */
function anyCommand(sentence: string, test: Test): CommandRule {
  return {
    sentence,
    applies: (commands) => commands.some((command) => test(programOf(command), command)),
  };
}

/** Is there a short option with this letter, alone or among others, or the long one? */
function hasFlag(words: readonly string[], letter: string, long?: string): boolean {
  const end = words.indexOf('--');
  return words
    .slice(0, end < 0 ? words.length : end)
    .some((word) => new RegExp(`^-[a-zA-Z]*${letter}`).test(word) || (long !== undefined && word === long));
}

/** The subcommand of git and what follows it; `git -C dir push` is a push. */
function gitWords(words: readonly string[]): string[] {
  if (words[0] !== 'git') return [];
  let at = 1;
  while (words[at]?.startsWith('-')) at += /^(-C|-c|--git-dir|--work-tree|--namespace)$/.test(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
}

function isForcePush(words: readonly string[]): boolean {
  const [command, ...rest] = gitWords(words);
  if (command !== 'push') return false;
  if (rest.some((word) => /^--(force(-with-lease(=.*)?)?|mirror|delete|prune)$/.test(word))) return true;
  return hasFlag(rest, 'f') || hasFlag(rest, 'd') || rest.some((word) => /^[+:]./.test(word));
}

function discardsWork(words: readonly string[]): boolean {
  const [command, ...rest] = gitWords(words);
  if (command === 'reset') return rest.includes('--hard');
  if (command === 'clean') return hasFlag(rest, 'f', '--force') && !hasFlag(rest, 'n', '--dry-run');
  if (command === 'checkout' || command === 'restore') return rest.some((word) => word === '.' || word === ':/');
  return command === 'stash' && (rest[0] === 'drop' || rest[0] === 'clear');
}

const INTERPRETER = /^(python[\d.]*|node|perl|ruby|php)$/;
const DOWNLOADS = /(^|[\s;|&(/])(curl|wget|fetch)\s/;

/** Does this program run what comes on its standard input? `python -m json.tool` and `bash script.sh` do not. */
function runsItsInput([program, ...rest]: readonly string[]): boolean {
  if (!isShell(program) && !INTERPRETER.test(program ?? '')) return false;
  const plain = rest.filter((word) => !word.startsWith('-') || word === '-');
  if (isShell(program) && rest.includes('-s')) return true;
  return (plain.length === 0 && !rest.some((word) => /^-[cme]|^--eval/.test(word))) || plain[0] === '-';
}

function runsWhatItFetches(words: readonly string[], { piped, inner }: ShellCommand): boolean {
  if (piped && runsItsInput(words)) return true;
  const runs = isShell(words[0]) || INTERPRETER.test(words[0] ?? '') || /^(eval|source|\.)$/.test(words[0] ?? '');
  return runs && inner.some((script) => DOWNLOADS.test(` ${script} `));
}

const DATABASE_CLIENT =
  /^(psql|mysql|mariadb|sqlite3?|sqlcmd|mongo(sh)?|redis-cli|duckdb|cockroach|clickhouse(-client)?|bq|snowsql|cqlsh)$/;
const DROPS =
  /\b(drop\s+(table|database|schema|keyspace)|truncate\s+table|delete\s+from|dropDatabase|flushall|flushdb)\b/i;

const dropsData: CommandRule = {
  sentence: 'Deletes data of a database.',
  applies: (commands, script) =>
    commands.some((command) => /^dropdb$/.test(programOf(command)[0] ?? '')) ||
    (DROPS.test(script) && commands.some((command) => DATABASE_CLIENT.test(programOf(command)[0] ?? ''))),
};

function tearsDown([program = '', ...rest]: readonly string[]): boolean {
  const has = (...words: string[]): boolean => words.some((word) => rest.includes(word));
  if (program === 'kubectl' || program === 'oc') return has('delete', 'drain');
  if (/^(terraform|tofu|terragrunt|pulumi|cdk)$/.test(program)) return has('destroy', '-destroy', '--destroy');
  if (program === 'helm') return has('uninstall', 'delete');
  if (program === 'aws')
    return has('rb') || (has('rm') && has('--recursive')) || rest.some((w) => /^(delete|terminate)-/.test(w));
  if (program === 'docker' || program === 'podman') return has('prune') || (has('volume') && has('rm'));
  return (
    (program === 'gcloud' || program === 'az' || program === 'heroku') && rest.some((w) => /delete|destroy/.test(w))
  );
}

function publishes([program = '', ...rest]: readonly string[]): boolean {
  if (rest.includes('--dry-run') || rest.includes('-n')) return false;
  const [command, next] = rest.filter((word) => !word.startsWith('-'));
  if (/^(npm|pnpm|bun|cargo|poetry|uv|flit|vsce)$/.test(program)) return /^(un)?publish$/.test(command ?? '');
  if (program === 'yarn') return command === 'publish' || (command === 'npm' && next === 'publish');
  return (program === 'twine' && command === 'upload') || (program === 'gem' && command === 'push');
}

function overwritesDisk(words: readonly string[], { outputs }: ShellCommand): boolean {
  const [program = '', ...rest] = words;
  const devices = [...outputs, ...(program === 'dd' ? rest.map((word) => word.replace(/^of=/, '')) : [])].filter(
    (path) => path.startsWith('/dev/'),
  );
  if (devices.some((path) => !/^\/dev\/(null|zero|u?random|stdout|stderr|stdin|tty\w*|fd\/.*|shm\/.*)$/.test(path))) {
    return true;
  }
  return /^(mkfs(\..*)?|mkswap|wipefs|fdisk|sfdisk|parted|blkdiscard)$/.test(program);
}

function endsMachine([program = '', ...rest]: readonly string[]): boolean {
  if (/^(shutdown|reboot|halt|poweroff)$/.test(program)) return true;
  if (program === 'systemctl') return rest.some((word) => /^(poweroff|reboot|halt|kexec|suspend)$/.test(word));
  return /^(init|telinit)$/.test(program) && /^[06]$/.test(rest[0] ?? '');
}

function deletesDirectories([program = '', ...rest]: readonly string[]): boolean {
  if (program === 'rm') return hasFlag(rest, '[rR]', '--recursive');
  if (program === 'find') return rest.includes('-delete');
  return program === 'rimraf' || (program === 'npx' && rest.includes('rimraf'));
}

function opensToEverybody([program = '', ...rest]: readonly string[]): boolean {
  if (program !== 'chmod') return false;
  return rest.some(
    (word) => /^0?[0-7]?[0-7][0-7][2367]$/.test(word) || /^[ugo]*[oa][ugo]*[+=][rx]*w|^\+w.*,o/.test(word),
  );
}

const STARTS_PACKAGES = /^(npx|npm|pnpm|pnpx|yarn|bunx?|node|deno|tsx)$/;
const SWITCHBOARD = /(^|\/)((claude-)?switchboard(@[\w.-]+)?|switchboard\.js)$/;
const IN_YOUR_NAME = /^(answer|tell|owners|pair|setup|uninstall|web|hub|archive|service)$/;

/** Is it a command of Switchboard's own that a person gives, started by its name, as a package or as a file? */
function actsForPerson(words: readonly string[]): boolean {
  const at = words.findIndex((word) => SWITCHBOARD.test(word));
  if (at < 0 || (at > 0 && !STARTS_PACKAGES.test(words[0] ?? ''))) return false;
  const rest = words.slice(at + 1);
  const command = rest.find((word, index) => !word.startsWith('-') && rest[index - 1] !== '--home');
  return IN_YOUR_NAME.test(command ?? '');
}

/** The built-in rules about commands by name. */
export const COMMAND_RULES: Readonly<
  Record<Exclude<DangerName, 'no-sandbox' | 'sensitive' | 'outside' | 'long'>, CommandRule>
> = {
  'rm-recursive': anyCommand('Deletes directories with all that is in them.', deletesDirectories),
  'git-force-push': anyCommand('Overwrites or deletes what is on a git remote.', isForcePush),
  'git-discard': anyCommand('Throws away work that is not committed.', discardsWork),
  'run-download': anyCommand('Runs a program that comes from elsewhere, unread.', runsWhatItFetches),
  'chmod-open': anyCommand('Lets everybody on this machine write.', opensToEverybody),
  'raw-disk': anyCommand('Writes to a disk itself, past its files.', overwritesDisk),
  power: anyCommand('Ends or restarts this machine.', endsMachine),
  'drop-data': dropsData,
  'tear-down': anyCommand('Deletes running systems or their data.', tearsDown),
  publish: anyCommand('Publishes to the world.', publishes),
  root: anyCommand('Runs as another user, most likely root.', (words, command) =>
    [...startersOf(command), words[0] ?? ''].some((word) => /^(sudo|doas|su|pkexec|runas)$/.test(word)),
  ),
  'fork-bomb': {
    sentence: 'Starts processes without end.',
    applies: (_commands, script) => /([\w:.]+)\s*\(\s*\)\s*\{[^}]*\1\s*\|\s*\1\s*&/.test(script),
  },
  crontab: anyCommand('Changes what runs by itself at set times.', ([program, ...rest]) =>
    program === 'crontab' ? !rest.includes('-l') : program === 'at' || program === 'batch',
  ),
  switchboard: anyCommand('Acts as you in Switchboard: answers, or changes who may.', actsForPerson),
};
