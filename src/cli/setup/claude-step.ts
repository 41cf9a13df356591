import { existsSync } from 'node:fs';
import {
  type ClaudeFound,
  claudeFiles,
  isFromNpx,
  ownRegistration,
  programPath,
  type Registration,
  readRegistration,
  registerArguments,
  restoreArguments,
  runClaude,
  SERVER_NAME,
  saidBy,
  shellLine,
  startsTheSame,
  UNREGISTER_ARGUMENTS,
  withoutClaude,
} from '../claude-code.ts';
import { printable } from '../terminal.ts';
import { backUp, changeKeys, diffOf, FileChangeError, readKey, withoutSecrets } from './file-change.ts';
import { Cancelled } from './front.ts';
import { offerChange, problem, type Scene } from './scene.ts';
import { keepSetupRecord, readSetupRecord } from './setup-record.ts';

/** In the `env` block of Claude Code's settings: `0` keeps a call that waits for an answer in the foreground. */
export const WAITING_KEY = ['env', 'CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS'] as const;
export const WAITING_VALUE = '0';

/** Registers the MCP server with Claude Code for all projects, by the `claude` command itself. */
export async function registerServer(scene: Scene, claude: ClaudeFound): Promise<void> {
  const { front, env, home } = scene;
  if (claude.found !== 'version') {
    const { why, next } = withoutClaude(claude);
    front.say('Nothing to register with.');
    problem(scene, `Not registered: ${why}. ${next}`);
    return;
  }
  if (isFromNpx(programPath())) {
    const install = 'npm install --global claude-switchboard && switchboard setup';
    problem(scene, `npx keeps this program for a while only, so it was not registered. To install it: ${install}`);
    return;
  }
  const { state } = claudeFiles(env);
  const wanted = ownRegistration(home);
  const now = readRegistration(state);
  if (now.found === 'unreadable') {
    problem(scene, `Not registered: ${now.why}. Fix it, and start again.`);
    return;
  }
  const old = now.found === 'entry' ? now.entry : null;
  if (old && startsTheSame(old, wanted)) {
    front.say(`Registered already: nothing to change in ${state}.`);
    return;
  }
  const commands = [...(old ? [UNREGISTER_ARGUMENTS] : []), registerArguments(wanted)];
  const entry = (registration: Registration | null): string | null =>
    registration && `${JSON.stringify({ [SERVER_NAME]: registration }, null, 2)}\n`;
  front.say(
    ...(old ? ['Switchboard is registered already, but as something else.'] : []),
    'Claude Code changes its own file:',
    ...commands.map((words) => `  ${printable(withoutSecrets(shellLine(['claude', ...words])))}`),
    'This changes the entry among its mcpServers:',
    diffOf({ path: state, before: entry(old), after: entry(wanted) }),
  );
  if (!(await front.confirm(old ? 'Replace the registration?' : `Register it? (changes ${state})`))) {
    front.warn('Not registered: Claude Code will not start Switchboard.');
    return;
  }
  if (scene.signal.aborted) throw new Cancelled();
  await register(scene, { state, old, wanted, commands });
}

async function register(
  scene: Scene,
  parts: { state: string; old: Registration | null; wanted: Registration; commands: readonly string[][] },
): Promise<void> {
  const { state, old, wanted, commands } = parts;
  const { home, done, signal } = scene;
  const record = readSetupRecord(home);
  const backup = existsSync(state) ? backUp(state) : null;
  const asItWas = backup ? ` (as it was: ${backup})` : '';
  const secret = old !== null && withoutSecrets(JSON.stringify(old)) !== JSON.stringify(old);
  const first = record.registration ?? { file: state, backup, before: secret ? null : old && { ...old }, secret };
  // Before the first command: cut off in between, `uninstall` still knows what was there.
  keepSetupRecord(home, { ...record, registration: { ...first, after: { ...wanted } } });
  for (const words of commands) {
    const run = await runClaude(words, { signal });
    if (run.code === 0) continue;
    const said = withoutSecrets(saidBy(run));
    const lost = old && readRegistration(state).found === 'nothing';
    const restored = lost && !secret && (await putBack(old));
    // What was there is there again, or must be taken from the copy by hand: nothing is left to undo.
    if (!lost || restored) keepSetupRecord(home, record);
    const what = !lost ? '' : restored ? ' The earlier registration is back.' : ' The earlier registration is gone;';
    problem(scene, `\`claude ${words.slice(0, 2).join(' ')}\` has failed: ${said}.${what}${asItWas}`);
    if (signal.aborted) throw new Cancelled();
    return;
  }
  const now = readRegistration(state);
  if (now.found !== 'entry' || !startsTheSame(now.entry, wanted)) {
    problem(scene, `The \`claude\` command said that it worked, but ${state} has no such entry.${asItWas}`);
    return;
  }
  done.push(`Registered with Claude Code: ${state}${asItWas}`);
}

/** True: the registration from before stands there again. Its words are seen by who lists processes: not with secrets. */
async function putBack(old: Registration): Promise<boolean> {
  return (await runClaude(restoreArguments(old))).code === 0;
}

/** Offers the setting without which Claude Code does not wait for an answer for longer than two minutes. */
export async function offerWaiting(scene: Scene): Promise<void> {
  const { front, env } = scene;
  const { settings } = claudeFiles(env);
  const key = [...WAITING_KEY];
  try {
    if (String(readKey(settings, key) ?? '') === WAITING_VALUE) {
      front.say(`Set already: nothing to change in ${settings}.`);
      return;
    }
    front.say(
      'After two minutes Claude Code moves a call that waits for you to the',
      'background and goes on without your answer; this makes it wait:',
    );
    const keys = [{ key, value: WAITING_VALUE }];
    const outcome = await offerChange(scene, { change: changeKeys(settings, keys), keys, what: 'Waiting' });
    if (outcome === 'declined') front.warn('Left as it is: Claude Code goes on after two minutes without an answer.');
  } catch (error) {
    if (!(error instanceof FileChangeError)) throw error;
    problem(scene, error.message);
  }
}
