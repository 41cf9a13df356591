import { type CANCEL_SYMBOL, cancel, confirm, intro, isCancel, log, outro, password } from '@clack/prompts';
import { SwitchboardError } from '../../domain/errors.ts';
import { print, printError } from '../terminal.ts';
import { textWidth, wrapped } from '../wrapped.ts';

/** The person does not want to go on: Ctrl-C at a prompt. */
export class Cancelled extends Error {}

/** Something that only a person could give is missing, or was refused, and nobody is there to ask. */
export class UnattendedError extends SwitchboardError {
  override readonly name = 'UnattendedError';
  readonly code = 'UNATTENDED';
}

/** What a set-up says and asks. Texts hold no secret and nothing unprintable. */
export interface Front {
  /** False: there is nobody to ask, and every answer is yes. */
  readonly attended: boolean;
  begin(title: string): void;
  step(title: string): void;
  say(...lines: readonly string[]): void;
  warn(...lines: readonly string[]): void;
  /** @throws Cancelled */
  confirm(question: string, initial?: boolean): Promise<boolean>;
  /** Takes a text that is never shown; empty when nothing was typed. @throws Cancelled */
  secret(question: string, check: (typed: string) => string | undefined): Promise<string>;
  end(...lines: readonly string[]): void;
  /** The set-up did not come to its end: why, and how things are. */
  stop(why: string, ...lines: readonly string[]): void;
}

// What @clack/prompts puts before each line: a bar, or its beginning or end, and two spaces.
const BAR_CHARS = 3;

/** Lines that fit beside the bar: a terminal would break them within a word, and go on below the bar. */
function besideBar(lines: readonly string[]): string {
  const width = textWidth() - BAR_CHARS;
  const fitting = (line: string): string[] => {
    const [lead = ''] = /^(?: *(?:- )?)/.exec(line) ?? [];
    return line.length <= width ? [line] : wrapped(lead, line.slice(lead.length), width);
  };
  return lines.flatMap((line) => line.split('\n').flatMap(fitting)).join('\n');
}

/** A person in front of a terminal. `signal`: ends the prompt that is open. */
export function terminalFront(signal: AbortSignal): Front {
  const chosen = <T>(answer: T | typeof CANCEL_SYMBOL): T => {
    if (isCancel(answer)) throw new Cancelled();
    return answer;
  };
  return {
    attended: true,
    begin: (title) => intro(title),
    step: (title) => log.step(title),
    say: (...lines) => log.message(besideBar(lines)),
    warn: (...lines) => log.warn(besideBar(lines)),
    confirm: async (message, initialValue = true) => chosen<boolean>(await confirm({ message, initialValue, signal })),
    secret: async (message, check) =>
      // Nothing typed comes as undefined, whatever the type says.
      (
        chosen<string | undefined>(
          await password({ message, signal, validate: (typed) => check(typed?.trim() ?? '') }),
        ) ?? ''
      ).trim(),
    end: (...lines) => {
      if (lines.length > 1) log.message(besideBar(lines.slice(0, -1)));
      outro(lines.at(-1));
    },
    stop: (why, ...lines) => {
      if (lines.length > 0) log.message(besideBar(lines));
      cancel(why);
    },
  };
}

/** Nobody: plain lines, and yes to everything. */
export function unattendedFront(): Front {
  return {
    attended: false,
    begin: (title) => print(title),
    step: (title) => print('', title),
    say: (...lines) => print(...lines),
    warn: (...lines) => printError(...lines),
    confirm: async () => true,
    secret: async () => '',
    end: (...lines) => print('', ...lines),
    stop: (...lines) => printError(...lines),
  };
}
