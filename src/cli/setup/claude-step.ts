import { existsSync } from 'node:fs';
import {
  type ClaudeFound,
  claudeFiles,
  enabledPlugin,
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
import { hookChanges, hooksIn } from './claude-hooks.ts';
import { backUp, changeKeys, diffOf, FileChangeError, type KeyChange, readKey, withoutSecrets } from './file-change.ts';
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
  const { state } = claudeFiles(env);
  const now = readRegistration(state);
  const plugin = enabledPlugin(env);
  if (plugin !== null) {
    front.say(`The plugin ${plugin} brings the server and the hooks: nothing to change in ${state}.`);
    if (now.found === 'entry') problem(scene, `Switchboard is registered as well as ${plugin}. ${keepOne(plugin)}`);
    return;
  }
  if (isFromNpx(programPath())) {
    const install = 'npm install --global claude-switchboard && switchboard setup';
    problem(scene, `npx keeps this program for a while only, so it was not registered. To install it: ${install}`);
    return;
  }
  const wanted = ownRegistration(home);
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

/**
 * Offers what Claude Code's settings need: that it waits for an answer for longer than two minutes, and the hooks by
 * which its own permissions and questions come to the person.
 */
export async function offerSettings(scene: Scene): Promise<void> {
  const { front, env } = scene;
  const { settings } = claudeFiles(env);
  try {
    const waiting = waitingChange(settings);
    const hooks = await wantedHooks(scene);
    const keys = [...waiting, ...hooks];
    if (keys.length === 0) {
      front.say(`Set already: nothing to change in ${settings}.`);
      return;
    }
    if (waiting.length > 0) {
      front.say(
        'After two minutes Claude Code moves a call that waits for you to the',
        'background and goes on without your answer; this makes it wait:',
      );
    }
    const what = [...(waiting.length > 0 ? ['Waiting'] : []), ...(hooks.length > 0 ? ['Permissions'] : [])].join(', ');
    const outcome = await offerChange(scene, { change: changeKeys(settings, keys), keys, what });
    if (outcome !== 'declined') return;
    if (waiting.length > 0) front.warn('Left as it is: Claude Code goes on after two minutes without an answer.');
    if (hooks.length > 0) front.warn('Left as it is: its own permissions are asked for in the terminal only.');
  } catch (error) {
    if (!(error instanceof FileChangeError)) throw error;
    problem(scene, error.message);
  }
}

function waitingChange(settings: string): KeyChange[] {
  const key = [...WAITING_KEY];
  const isSet = String(readKey(settings, key) ?? '') === WAITING_VALUE;
  return isSet ? [] : [{ key, value: WAITING_VALUE }];
}

/** The hooks that the person wants and that are not there yet. They reach the registered server, so there must be one. */
async function wantedHooks(scene: Scene): Promise<KeyChange[]> {
  const { front, env } = scene;
  const { state, settings } = claudeFiles(env);
  const plugin = enabledPlugin(env);
  if (plugin !== null) {
    if (hooksIn(settings) !== 'none') problem(scene, `Hooks of set-up are there beside ${plugin}. ${keepOne(plugin)}`);
    return [];
  }
  if (readRegistration(state).found !== 'entry') return [];
  const hooks = hookChanges(settings);
  if (hooks.length === 0) return [];
  if (hooksIn(settings) === 'other') {
    front.say('The hooks of Switchboard are of another version, or incomplete: they are brought up to date.');
    return hooks;
  }
  front.say(
    'Claude Code itself asks for permissions and asks questions. With its hooks these come to your phone, too;',
    'the terminal stays usable, and the first answer wins.',
  );
  if (await front.confirm('Bring its own permissions and questions to your phone?')) return hooks;
  front.warn('No hooks: its own permissions and questions stay in the terminal.');
  return [];
}

/** What to do when the plugin and set-up both bring Switchboard. */
export function keepOne(plugin: string): string {
  return `Everything would be asked twice, so keep one: switchboard uninstall, or claude plugin uninstall ${plugin}`;
}
