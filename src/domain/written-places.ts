import { absolutePath, knownSensitivePlaces, type Places } from './places.ts';
import { programOf, type ShellCommand } from './shell-commands.ts';

/** The files that commands write by redirections, `tee`, `mv` and the like, as far as that can be told without running them. */
export function placesWrittenBy(commands: readonly ShellCommand[], places: Places): string[] {
  const written: string[] = [];
  // Where the script is by then; null once it goes to where only the shell knows.
  let at: string | null = places.cwd;
  for (const command of commands) {
    const [program = '', ...rest] = programOf(command);
    for (const target of [...command.outputs, ...argumentsWritten(program, rest)]) {
      const pattern = patternOf(target, at, places);
      if (pattern !== null) written.push(...placesMatching(pattern, places));
    }
    if (program === 'cd' || program === 'pushd') at = patternOf(rest.find((word) => word !== '--') ?? '~', at, places);
  }
  return written;
}

/** A word of the shell as an absolute path, maybe with wildcards; null when only the shell knows where it begins. */
function patternOf(word: string, at: string | null, { home, projects }: Places): string | null {
  const known = word
    .replace(/^(~|\$HOME|\$\{HOME\})(?=\/|$)/, () => home)
    .replace(/^(\$PWD|\$\{PWD\}|\$\(pwd\)|`pwd`)(?=\/|$)/, (found) => at ?? found)
    .replace(/^(\$CLAUDE_PROJECT_DIR|\$\{CLAUDE_PROJECT_DIR\})(?=\/|$)/, (found) => projects[0] ?? found);
  if (/^[~$`]/.test(known) || (at === null && !known.startsWith('/'))) return null;
  // A variable may be anything, a leading dot included, which `*` is not; of what is longer nobody knows where it ends.
  const pattern = known.replace(/\$(\w+|\{\w+\})/g, '{}').replace(/[$`].*$/s, '{}');
  return absolutePath(pattern, at ?? '/');
}

const WILD = /[*?]+|\[[^\]]*\]?|\{[^}]*\}?/;

/** What a path with wildcards may stand for: something in the directory before them, and any special place that fits. */
function placesMatching(pattern: string, places: Places): string[] {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => WILD.test(part));
  if (wild < 0) return [pattern];
  const fits = (place: string): boolean => {
    const names = place.split('/');
    return names.length <= parts.length && names.every((name, at) => mayBe(name, parts[at] ?? ''));
  };
  return [parts.slice(0, wild).join('/') || '/', ...knownSensitivePlaces(places).filter(fits)];
}

/** Can the shell make this name of a part with wildcards? Each of them is taken for `*`. */
function mayBe(name: string, part: string): boolean {
  // A file with a leading dot must be asked for by it.
  if (name.startsWith('.') && /^[*?[]/.test(part)) return false;
  const [first = '', ...rest] = part.split(WILD);
  const last = rest.pop();
  if (last === undefined) return name === part;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const between of rest) {
    const found = name.indexOf(between, from);
    if (found < 0) return false;
    from = found + between.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
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
      return [...valuesOf(words, 't', '--target-directory'), ...plain];
    case 'cp':
    case 'install':
    case 'ln': {
      const targets = valuesOf(words, 't', '--target-directory');
      return targets.length > 0 ? targets : plain.slice(1).slice(-1);
    }
    case 'rsync':
    case 'scp':
      return plain.slice(1).slice(-1).filter(isLocal);
    case 'chmod':
    case 'chown':
    case 'chgrp':
      return plain.slice(1);
    case 'dd':
      return words.filter((word) => word.startsWith('of=')).map((word) => word.slice(3));
    case 'sed':
      return filesEdited(words, /^(-[A-Za-z]*[ef]|--expression|--file)$/);
    case 'perl':
      return filesEdited(words, /^-[A-Za-z]*[eE]$/);
    case 'curl':
      return valuesOf(words, 'o', '--output', '--output-dir');
    case 'wget':
      return valuesOf(words, '[OP]', '--output-document', '--directory-prefix').filter((word) => word !== '-');
    default:
      return [];
  }
}

/** What `sed -i` and `perl -i` change; the script is the word after `scriptOption`, else the first one. */
function filesEdited(words: readonly string[], scriptOption: RegExp): string[] {
  if (!words.some((word) => /^(-[A-Za-z]*i|--in-place)/.test(word))) return [];
  const files = words.filter(
    (word, at) => word !== '' && !word.startsWith('-') && !scriptOption.test(words[at - 1] ?? ''),
  );
  const scripted = words.some((word) => scriptOption.test(word) || /^--(expression|file)=/.test(word));
  return scripted ? files : files.slice(1);
}

/** The values of an option: `-o a`, `-oa`, `-xo a`, `--output a`, `--output=a`. */
function valuesOf(words: readonly string[], letter: string, ...names: readonly string[]): string[] {
  const option = new RegExp(`^(?:-[A-Za-z]*?${letter}|(?:${names.join('|')})(?:=|$))`);
  return words.flatMap((word, at) => {
    const found = option.exec(word)?.[0];
    if (found === undefined) return [];
    return found.length < word.length ? [word.slice(found.length)] : words.slice(at + 1, at + 2);
  });
}

/** `host:path` is on another machine. */
function isLocal(word: string): boolean {
  return !/^[^/]+:/.test(word);
}
