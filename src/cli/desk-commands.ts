import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import type { ExitCode } from './exit-codes.ts';
import { SIGHT_CODE } from './permission-sight.ts';
import { printable } from './terminal.ts';

const AFTER_DASHES = 'A text that begins with a dash, or has words that do, goes after --.';
const CODE_BELOW = 'Without --confirm, `answer` shows all of it, and the code below it.';

/** What a person does: answering, saying something, going away, looking back. */
export function addDeskCommands(
  program: Command,
  config: () => Config,
  log: Logger,
  done: (code: ExitCode) => void,
): void {
  program
    .command('answer')
    .description('answer a question from here; the first answer wins')
    .argument('<question-id>', 'the id, or the first characters of it')
    .argument(
      '[text...]',
      'the answer, or the number of an option; - reads it from standard input; without one the question is shown',
    )
    .addOption(
      new Option('--confirm <code>', 'allows what is dangerous, by the code below it that `answer` prints').argParser(
        sightCodeOf,
      ),
    )
    .option('--text', 'takes a number that no option has as a text')
    .addHelpText(
      'after',
      '\nA permission is shown whole first. A dangerous one is then asked about once more, in a terminal, or wants\n' +
        '--confirm; and the PIN where one is set (typed, or in SWITCHBOARD_PIN).\n' +
        AFTER_DASHES,
    )
    .configureOutput({ outputError: sayWithWay })
    .action(async (id: string, words: string[], flags: { confirm?: string; text?: boolean }) => {
      const { answerQuestion, readAnswerText } = await import('./answer-command.ts');
      const text = await readAnswerText(words);
      const { text: asText = false, ...confirm } = flags;
      const typed = { ...program.opts<{ home?: string }>(), ...confirm, id, text, asText };
      done(await answerQuestion(config(), log, typed));
    });
  program
    .command('tell')
    .description('say something to a session that has not asked')
    .argument('<session>', 'its title, its project, or the first characters of its id')
    .argument('<text...>', 'what to say; - reads it from standard input')
    .addHelpText('after', `\n${AFTER_DASHES}`)
    .configureOutput({ outputError: sayWithWay })
    .action(async (session: string, words: string[]) => {
      const { readAnswerText } = await import('./answer-command.ts');
      const { tellSession } = await import('./tell-command.ts');
      done(await tellSession(config(), log, session, (await readAnswerText(words)) ?? ''));
    });
  program
    .command('away')
    .description('you are away from the desk: nothing waits for you there first')
    .addArgument(new Argument('[on|off]', 'on: away; off: back').choices(['on', 'off']).default('on'))
    .argument('[session]', 'of one session only: its title, its project, or the first characters of its id')
    .action(async (state: string, session?: string) => {
      const { setAway } = await import('./tell-command.ts');
      done(await setAway(config(), log, state === 'on', session));
    });
  program
    .command('audit')
    .description('print every permission that was asked for, and who decided what, live and archived')
    .option('--json', 'as data')
    .option('--since <age>', 'only what was decided since: 30d, 12w, 1y')
    .option('--session <session>', 'only of this one: its id or the first characters of it; a live one also by name')
    .action(async ({ json = false, ...flags }: { json?: boolean; since?: string; session?: string }) => {
      const { printAudit } = await import('./audit-command.ts');
      done(await printAudit(config(), log, { json, ...flags }));
    });
}

/** Says in one line what is wrong with the arguments, and what to do about it. Nothing was read or written by then. */
function sayWithWay(text: string, write: (text: string) => void): void {
  const [line = ''] = text.replace(/^error: /, '').split('\n');
  const unknown = line.startsWith('unknown option') ? `; nothing was sent. ${AFTER_DASHES}` : '';
  const missing = /^option '--confirm .* missing$/.test(line) ? `. ${CODE_BELOW}` : '';
  write(printable(`switchboard: ${line}${unknown}${missing}\n`));
}

/** The code of `--confirm`. An id or a number in its place is none. */
function sightCodeOf(value: string): string {
  const code = value.trim().toLowerCase();
  if (SIGHT_CODE.test(code)) return code;
  throw new InvalidArgumentError(`It is no code. ${CODE_BELOW}`);
}
