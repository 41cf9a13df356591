import { SwitchboardError } from '../../domain/errors.ts';
import type { ChannelReport } from '../../runtime/hub-wire.ts';
import type { Logger } from '../../runtime/log.ts';
import { forgetProject } from '../../runtime/projects.ts';
import { webLink } from '../../runtime/web-place.ts';
import { commandName } from '../command-name.ts';
import { HubInUse } from '../hub-in-use.ts';
import { type McpSession, startMcpSession } from '../mcp-session.ts';
import { servedInbox } from '../running-hub.ts';
import { makeScratchDirectory, removeScratchDirectory } from '../scratch-directory.ts';
import { printable } from '../terminal.ts';
import { problem, type Scene, settingsOf } from './scene.ts';

const QUESTION = {
  question: 'This is the first question of your Switchboard. Did it reach you?',
  options: ['Yes', 'Yes, and I like it'],
};
// The answer is shown on the card, and what was asked is archived, before the scratch project goes.
const SETTLE_MS_MAX = 5_000;

/** Asks a real question through a session of its own, and prints the answer that comes back. */
export async function askFirstQuestion(scene: Scene, log: Logger): Promise<void> {
  const { front, home, env, signal } = scene;
  const project = makeScratchDirectory('setup');
  const hub = new HubInUse(settingsOf(scene), log);
  let session: McpSession | null = null;
  try {
    session = await startMcpSession({ home, project, environment: env, label: 'Set-up' });
    const { channels } = await hub.untilReady(signal);
    front.say('A question is on its way.', ...whereToAnswer(scene, channels), '(Ctrl-C skips it.)');
    const { status, answer, answered_by: by } = await session.ask(QUESTION, { signal });
    if (status === 'answered') {
      front.say(`The answer came back: "${printable(answer ?? '')}" (${printable(by?.name ?? '')}).`);
      scene.done.push('Asked and answered: the line works');
    } else problem(scene, `The question ended without an answer (${status}).`);
  } catch (error) {
    if (signal.aborted) front.say('Skipped.');
    else if (!(error instanceof SwitchboardError)) throw error;
    else problem(scene, printable(error.message));
  } finally {
    await session?.close();
    if (session) {
      // Also when it was skipped: its card says that it is withdrawn.
      await hub.untilArchived([session.sessionsDirectory], SETTLE_MS_MAX, new AbortController().signal);
      forgetProject(home, session.sessionsDirectory);
    }
    removeScratchDirectory(project);
  }
}

function whereToAnswer(scene: Scene, channels: readonly ChannelReport[]): string[] {
  const { telegram } = settingsOf(scene);
  const program = commandName(scene.flags.home);
  const inbox = servedInbox(channels, scene.home);
  return [
    ...(telegram && telegram.ownerIds.length > 0 ? ['Answer it in Telegram, on your phone.'] : []),
    ...(inbox ? [`Answer it in your browser: ${webLink(inbox)}`] : []),
    `Or in another terminal: \`${program} status\` shows it,`,
    `\`${program} answer\` answers it.`,
  ];
}
