// Stands in for the `claude` command: as strict, and with the same words and exit statuses, where set-up uses it.
// Every call's arguments go into $CLAUDE_STAND_IN_CALLS as a line of JSON. $CLAUDE_STAND_IN_FAILS: a word that makes
// `claude mcp <word>` fail, as a broken installation does.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const VERSION = process.env.CLAUDE_STAND_IN_VERSION ?? '2.1.329';
const args = process.argv.slice(2);
const state = join(process.env.CLAUDE_CONFIG_DIR || homedir(), '.claude.json');
const { CLAUDE_STAND_IN_CALLS: calls, CLAUDE_STAND_IN_FAILS: fails } = process.env;

if (calls) {
  const token = Object.hasOwn(process.env, 'TELEGRAM_BOT_TOKEN');
  appendFileSync(calls, `${JSON.stringify({ args, token })}\n`);
}

function end(code, text) {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}

function read() {
  if (!existsSync(state)) return {};
  try {
    return JSON.parse(readFileSync(state, 'utf8'));
  } catch {
    return {}; // The real one sets a damaged file aside and begins anew.
  }
}

/** The real one rewrites the whole file in its own way, and adds facts of its own. */
function write(content) {
  writeFileSync(state, JSON.stringify({ machineID: 'stand-in', ...content }, null, 2), { mode: 0o600 });
}

/** Options come anywhere before `--`; a variadic one ends there, too. */
function parse(words) {
  const parsed = { scope: 'local', env: {}, rest: [] };
  const dashes = words.indexOf('--');
  const own = dashes < 0 ? [...words] : words.slice(0, dashes);
  while (own.length > 0) {
    const word = own.shift();
    if (word === '--scope' || word === '-s') parsed.scope = own.shift();
    else if (word === '--env' || word === '-e') {
      while (own.length > 0 && !own[0].startsWith('-')) {
        const [name, ...value] = own.shift().split('=');
        parsed.env[name] = value.join('=');
      }
    } else if (word.startsWith('-')) end(1, `error: unknown option '${word}'`);
    else parsed.rest.push(word);
  }
  if (dashes >= 0) parsed.rest.push(...words.slice(dashes + 1));
  return parsed;
}

if (args.includes('--version') && args[0] !== 'mcp') end(0, `${VERSION} (Claude Code)`);
if (args[0] !== 'mcp') end(1, `the stand-in has no command '${args[0] ?? ''}'`);
const [, verb = '', ...words] = args;
if (verb === fails) end(1, `error: ${verb} is broken`);
const { scope, env, rest } = parse(words);
const [name, command, ...more] = rest;
if (!['local', 'user', 'project'].includes(scope)) {
  end(
    1,
    `Invalid scope: ${scope}. Must be one of: local, user, project, dynamic, enterprise, claudeai, managed, agent`,
  );
}
const content = read();
const servers = { ...content.mcpServers };
const there = scope === 'user' && Object.hasOwn(servers, name ?? '');

switch (verb) {
  case 'add':
  case 'add-json': {
    if (name === undefined) end(1, "error: missing required argument 'name'");
    if (command === undefined) end(1, "error: missing required argument 'commandOrUrl'");
    if (there) end(1, `MCP server ${name} already exists in user config`);
    if (scope !== 'user') end(1, `the stand-in knows no ${scope} config`);
    if (verb === 'add-json' && !JSON.parse(command).command) end(1, 'Invalid configuration: : Invalid input');
    servers[name] = verb === 'add' ? { type: 'stdio', command, args: more, env } : JSON.parse(command);
    write({ ...content, mcpServers: servers });
    end(
      0,
      verb === 'add'
        ? `Added stdio MCP server ${name} with command: ${[command, ...more].join(' ')} to user config\nFile modified: ${state}`
        : `Added stdio MCP server ${name} to user config`,
    );
    break;
  }
  case 'remove':
    if (name === undefined) end(1, "error: missing required argument 'name'");
    if (!there) end(1, `No MCP server named "${name}" in ${scope} scope`);
    delete servers[name];
    write({ ...content, mcpServers: servers });
    end(0, `Removed MCP server ${name} from user config\nFile modified: ${state}`);
    break;
  default:
    end(1, `error: unknown command '${verb}'`);
}
