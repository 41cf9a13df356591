import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isNewer } from '../../runtime/versions.ts';
import {
  claudeFiles,
  enabledPlugin,
  findClaude,
  isFromNpx,
  programPath,
  type Registration,
  readJsonObject,
  readRegistration,
  SERVER_NAME,
  withoutClaude,
} from '../claude-code.ts';
import { hooksIn } from '../setup/claude-hooks.ts';
import { keepOne, WAITING_KEY, WAITING_VALUE } from '../setup/claude-step.ts';
import { readKey } from '../setup/file-change.ts';
import type { Finding } from './finding.ts';

// The bundle says so, too; here it is said before something stranger happens.
const NODE_OLDEST = '20.19.0';
// The oldest one whose `claude mcp` commands were tried with set-up.
const CLAUDE_OLDEST = '2.1.197';

/** Is this Node new enough? */
export function checkNode(): Finding {
  const found = { id: 'node', title: 'Node', detail: process.versions.node };
  return isNewer(NODE_OLDEST, process.versions.node)
    ? { ...found, status: 'fail', next: `Install Node ${NODE_OLDEST} or newer: https://nodejs.org` }
    : { ...found, status: 'ok' };
}

/** Is Claude Code there, and new enough? */
export async function checkClaude(signal?: AbortSignal): Promise<Finding> {
  const claude = await findClaude(signal);
  const found = { id: 'claude', title: 'Claude Code' };
  if (claude.found !== 'version') {
    const { why, next } = withoutClaude(claude);
    return { ...found, status: 'warn', detail: why, next };
  }
  const { version } = claude;
  return isNewer(CLAUDE_OLDEST, version)
    ? { ...found, status: 'warn', detail: version, next: `Bring it up to ${CLAUDE_OLDEST} or newer: claude update` }
    : { ...found, status: 'ok', detail: version };
}

/**
 * Does Claude Code start this program, and does what it starts exist? Reads its file: `claude mcp get` would start a
 * server, and with it a session, to see whether that works.
 */
export function checkRegistration(env: NodeJS.ProcessEnv): Finding {
  const { state } = claudeFiles(env);
  const found = { id: 'registration', title: 'Registration' };
  const registered = readRegistration(state);
  if (registered.found === 'unreadable') {
    return { ...found, status: 'fail', detail: registered.why, next: 'Fix it, then: switchboard setup' };
  }
  const plugin = enabledPlugin(env);
  if (registered.found === 'entry') {
    if (plugin === null) return { ...found, ...judge(registered.entry) };
    return { ...found, status: 'warn', detail: `by set-up and by the plugin ${plugin}`, next: keepOne(plugin) };
  }
  if (plugin !== null) return { ...found, status: 'ok', detail: `by the plugin ${plugin}` };
  const elsewhere = registeredElsewhere(state);
  if (elsewhere) {
    return {
      ...found,
      status: 'warn',
      detail: `not for all projects, only ${elsewhere}`,
      next: 'For all projects: switchboard setup',
    };
  }
  return {
    ...found,
    status: 'fail',
    detail: 'Claude Code does not know Switchboard',
    next: 'Register it: switchboard setup',
  };
}

function judge({ command = '', args = [] }: Registration): Pick<Finding, 'status' | 'detail' | 'next'> {
  const line = [command, ...args].join(' ');
  const mend = 'Register it again: switchboard setup';
  if (/(^|\/)npx$/.test(command) || isFromNpx(args[0] ?? '')) {
    const detail = `by npx (${line}): it looks its package up anew, which costs seconds, for every session`;
    return { status: 'warn', detail, next: mend };
  }
  const program = args[0] ?? '';
  const missing = [command, program].find((path) => path.startsWith('/') && !existsSync(path));
  if (missing) return { status: 'fail', detail: `${missing} is not there any more`, next: mend };
  if (program !== programPath() && command !== programPath() && program !== process.argv[1]) {
    const detail = `it starts something else than this program: ${line}`;
    return { status: 'warn', detail, next: `This is ${programPath()}. ${mend}` };
  }
  return { status: 'ok', detail: line };
}

/** Projects that have it for themselves, in Claude Code's file or by a `.mcp.json` here. */
function registeredElsewhere(state: string): string | null {
  const content = readJsonObject(state);
  const projects = content !== null && content !== 'unreadable' ? Object.entries(content.projects ?? {}) : [];
  const names = projects
    .filter(([, project]) => SERVER_NAME in ((project as { mcpServers?: object }).mcpServers ?? {}))
    .map(([path]) => path);
  if (names.length > 0) return `in ${names.join(', ')}`;
  const here = readJsonObject(join(process.cwd(), '.mcp.json'));
  const servers = here !== null && here !== 'unreadable' ? here.mcpServers : undefined;
  return SERVER_NAME in Object(servers) ? 'by the .mcp.json here' : null;
}

/** Does a call wait for its answer for as long as it takes? */
export function checkWaiting(env: NodeJS.ProcessEnv): Finding {
  const { settings } = claudeFiles(env);
  const found = { id: 'waiting', title: 'Waiting' };
  const [, name] = WAITING_KEY;
  let value: unknown = env[name];
  try {
    value ??= readKey(settings, WAITING_KEY);
  } catch (error) {
    return { ...found, status: 'warn', detail: (error as Error).message };
  }
  if (String(value ?? '') === WAITING_VALUE) {
    return { ...found, status: 'ok', detail: 'Claude Code waits for answers for as long as it can' };
  }
  return {
    ...found,
    status: 'warn',
    detail: 'after two minutes Claude Code goes on without your answer',
    next: `Set ${name} to "0" in the env of ${settings}: switchboard setup`,
  };
}

/** Do Claude Code's own permissions and questions come to the person, and once only? */
export function checkHooks(env: NodeJS.ProcessEnv): Finding {
  const { settings } = claudeFiles(env);
  const found = { id: 'permissions', title: 'Permissions' };
  const plugin = enabledPlugin(env);
  try {
    const hooks = hooksIn(settings);
    if (plugin !== null) {
      return hooks === 'none'
        ? { ...found, status: 'ok', detail: `by the hooks of the plugin ${plugin}` }
        : { ...found, status: 'warn', detail: `two hooks each, set-up's and ${plugin}'s`, next: keepOne(plugin) };
    }
    if (hooks === 'current') return { ...found, status: 'ok', detail: `by the hooks in ${settings}` };
    const detail =
      hooks === 'none'
        ? 'Claude Code asks for them in its terminal only'
        : `the hooks in ${settings} are of another version, or incomplete`;
    const next = hooks === 'none' ? 'To have them on your phone: switchboard setup' : 'Renew them: switchboard setup';
    return { ...found, status: 'warn', detail, next };
  } catch (error) {
    return { ...found, status: 'warn', detail: (error as Error).message };
  }
}
