import { existsSync } from 'node:fs';
import {
  CLAUDE_INSTALL,
  claudeFiles,
  isFromNpx,
  ownRegistration,
  programPath,
  type Registration,
  readRegistration,
  registerArguments,
  runClaude,
  SERVER_NAME,
  shellLine,
  startsTheSame,
  UNREGISTER_ARGUMENTS,
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
export async function registerServer(scene: Scene, version: string | null): Promise<void> {
  const { front, env, home } = scene;
  if (version === null) {
    problem(scene, `There is no \`claude\` command, so nothing was registered. To install it: ${CLAUDE_INSTALL}`);
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
    problem(scene, `${state} is not valid JSON, so nothing was registered. Mend it, and start again.`);
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
  const { home, done } = scene;
  const record = readSetupRecord(home);
  const backup = existsSync(state) ? backUp(state) : null;
  const asItWas = backup ? ` (as it was: ${backup})` : '';
  for (const words of commands) {
    const { code, stderr, stdout } = await runClaude(words);
    if (code !== 0) {
      const said = printable(withoutSecrets((stderr || stdout).trim()));
      problem(scene, `\`claude ${words.slice(0, 2).join(' ')}\` has failed: ${said || code}${asItWas}`);
      return;
    }
  }
  const now = readRegistration(state);
  if (now.found !== 'entry' || !startsTheSame(now.entry, wanted)) {
    problem(scene, `The \`claude\` command said that it worked, but ${state} has no such entry.${asItWas}`);
    return;
  }
  const secret = old !== null && withoutSecrets(JSON.stringify(old)) !== JSON.stringify(old);
  const first = record.registration ?? { file: state, backup, before: secret ? null : old && { ...old }, secret };
  keepSetupRecord(home, { ...record, registration: { ...first, after: { ...wanted } } });
  done.push(`Registered with Claude Code: ${state}${asItWas}`);
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
