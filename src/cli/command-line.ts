import { Command, CommanderError } from 'commander';
import { type Config, loadConfig } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { addDeskCommands } from './desk-commands.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import type { HubFlags } from './hub-command.ts';
import { printable, printError, surviveClosedOutput } from './terminal.ts';
import { VERSION } from './version.ts';

/** Understands the arguments, runs the command they name, and sets the exit status. Errors become one line on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  surviveClosedOutput();
  const program = commandLine((code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else process.exitCode = reportFailure(error);
  }
}

function commandLine(done: (code: ExitCode) => void): Command {
  const program = new Command('switchboard')
    .description('One inbox for every question that your Claude Code instances ask.')
    .version(VERSION)
    .option('--home <directory>', 'where the hub keeps its things (default: $SWITCHBOARD_HOME, else ~/.switchboard)')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printable(text.replace(/^error: /, 'switchboard: '))) });
  const config = (): Config => loadConfig(process.env, program.opts<{ home?: string }>());

  program
    .command('mcp')
    .description('serve one Claude Code instance over stdio (started by Claude Code)')
    .action(async () => {
      const { startMcp } = await import('./start-mcp.ts');
      await startMcp(program.opts<{ home?: string }>());
    });

  addHubCommands(program, config, done);
  addSetupCommands(program, done);
  addPeopleCommands(program, config, done);
  addKeepingCommands(program, config, done);

  program
    .command('status')
    .description('show hub, channels, live sessions and open questions')
    .option('--json', 'as data')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { showStatus } = await import('./status-command.ts');
      done(await showStatus(config(), stderrLog, { ...program.opts<{ home?: string }>(), json }));
    });

  program
    .command('log')
    .description('print what happened in a session, live or archived')
    .argument('<session>', 'its id, or the first characters of it; of a live one also its title or project')
    .action(async (session: string) => {
      const { printSessionLog } = await import('./log-command.ts');
      done(await printSessionLog(config(), stderrLog, session));
    });

  addDeskCommands(program, config, stderrLog, done);
  return program;
}

/** The hub, and the inbox that it serves. */
function addHubCommands(program: Command, config: () => Config, done: (code: ExitCode) => void): void {
  program
    .command('hub')
    .description('run the hub in the foreground: shows questions in your channels, brings answers back')
    .option('--background', 'as a session starts it: silent, ends when no session has lived for 10 minutes')
    .option('--service', 'as the system starts it: silent, stays, waits when a hub runs already')
    .option('--open', 'open the web inbox in your browser')
    .action(async ({ background = false, service = false, open = false }: Partial<HubFlags>) => {
      const { runHub } = await import('./hub-command.ts');
      const flags = { background: background && !service, service, open };
      const running = runHub({ ...program.opts<{ home?: string }>(), ...flags });
      // Nothing that is still open may keep a hub that has ended, well or not.
      process.exit(await running.catch(reportFailure));
    });

  program
    .command('web')
    .description('print the link of your inbox in the browser; starts a hub if none runs')
    .option('--open', 'open it in your browser')
    .option('--new-token', 'make a new link; the old one, and every browser that it let in, are shut out')
    .action(async ({ open = false, newToken = false }: { open?: boolean; newToken?: boolean }) => {
      const { showWebInbox } = await import('./web-command.ts');
      done(await showWebInbox(config(), { open, newToken }));
    });
}

/** Setting it up, undoing that, and seeing whether all of it works. */
function addSetupCommands(program: Command, done: (code: ExitCode) => void): void {
  const flags = () => program.opts<{ home?: string }>();
  program
    .command('setup')
    .description('set everything up: your bot, your phone, Claude Code; shows each change and asks')
    .option('-y, --yes', 'asks nothing: takes TELEGRAM_BOT_TOKEN and TELEGRAM_OWNER_ID from the environment')
    .option('--ask', 'with --yes: ends with a real question, and waits for its answer')
    .action(async ({ yes = false, ask = false }: { yes?: boolean; ask?: boolean }) => {
      const { setUp } = await import('./setup/setup-command.ts');
      done(await setUp({ ...flags(), yes, ask }, stderrLog));
    });
  program
    .command('uninstall')
    .description('undo what setup did; your session files stay')
    .option('-y, --yes', 'asks nothing')
    .action(async ({ yes = false }: { yes?: boolean }) => {
      const { uninstall } = await import('./setup/uninstall-command.ts');
      done(await uninstall({ ...flags(), yes }));
    });
  program
    .command('doctor')
    .description('check everything, from Node to the phone, and say what to do; status 1 when something fails')
    .option('--json', 'as data')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { examine } = await import('./doctor/doctor-command.ts');
      done(await examine({ ...flags(), json }, stderrLog));
    });
}

/** Who may answer by Telegram: becoming one of them, listing and removing them. */
function addPeopleCommands(program: Command, config: () => Config, done: (code: ExitCode) => void): void {
  program
    .command('pair')
    .description('become an owner of the bot: prints a link and a QR code to open on your phone')
    .action(async () => {
      const { pair } = await import('./pair-command.ts');
      done(await pair(config()));
    });
  const owners = program.command('owners').description('who may answer by Telegram');
  owners
    .command('list', { isDefault: true })
    .description('their numeric user ids, one a line')
    .action(async () => {
      const { listOwners } = await import('./owners-command.ts');
      done(listOwners(config()));
    });
  owners
    .command('remove')
    .description('is not heard any more, without a restart')
    .argument('<id>', 'a numeric user id, as `owners list` prints it')
    .action(async (id: string) => {
      const { removeOwner } = await import('./owners-command.ts');
      done(removeOwner(config(), id));
    });
}

/** Trying it out, and what keeps it running and tidy. */
function addKeepingCommands(program: Command, config: () => Config, done: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description(
      'try it out: three pretend projects ask you something, you answer; no session and no project of it stays',
    )
    .option('--open', 'opens the web inbox in your browser')
    .action(async ({ open = false }: { open?: boolean }) => {
      const { runDemo } = await import('./demo-command.ts');
      done(await runDemo(config(), stderrLog, { ...program.opts<{ home?: string }>(), open }));
    });
  const archive = program
    .command('archive')
    .description('finished sessions: nothing of them is ever deleted by itself');
  archive
    .command('list', { isDefault: true })
    .description('how many there are of each day, and their sizes')
    .option('--json', 'as data, with the paths')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { listArchive } = await import('./archive-command.ts');
      done(await listArchive(config(), { json }));
    });
  archive
    .command('prune')
    .description('shows the archived sessions that are older than an age, asks, and deletes them')
    .requiredOption('--older-than <age>', 'days, weeks or years: 90d, 12w, 1y')
    .option('--dry-run', 'shows them and deletes nothing')
    .option('-y, --yes', 'does not ask')
    .action(async ({ olderThan, ...flags }: { olderThan: string; yes?: boolean; dryRun?: boolean }) => {
      const { pruneArchive } = await import('./archive-command.ts');
      done(await pruneArchive(config(), { olderThan, yes: false, dryRun: false, ...flags }));
    });
  addServiceCommands(program, config, done);
}

/** Keeping the hub running without a session. */
function addServiceCommands(program: Command, config: () => Config, done: (code: ExitCode) => void): void {
  const service = program.command('service').description('keeps the hub running after every login');
  service
    .command('install')
    .description('by a user unit of systemd, or an agent of launchd; shows the file that it writes')
    .action(async () => {
      const { installService } = await import('./service/service-command.ts');
      done(await installService(config()));
    });
  service
    .command('uninstall')
    .description('ends it and removes that file')
    .action(async () => {
      const { uninstallService } = await import('./service/service-command.ts');
      done(uninstallService(config()));
    });
  service
    .command('status')
    .description('installed, enabled, running, and whether the hub that runs is its own')
    .action(async () => {
      const { showService } = await import('./service/service-command.ts');
      done(await showService(config()));
    });
}

const nothing = (): void => undefined;

/** Commands that a person waits for say only what went wrong. */
const stderrLog: Logger = {
  debug: nothing,
  info: nothing,
  warn: (facts, message) => printError(printable(`switchboard: ${message} ${JSON.stringify(facts)}`)),
  error: (facts, message) => printError(printable(`switchboard: ${message} ${JSON.stringify(facts)}`)),
};
