import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWebPlace } from '../../src/runtime/web-place.ts';
import { startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { offers, openCard } from '../support/phone.ts';
import { hubLogged, kill, runningIn, runSwitchboard, until } from '../support/switchboard.ts';
import { ask } from '../support/waiting-line.ts';
import { WebClient } from '../support/web-client.ts';

const PIN = '73519264';

interface Seen {
  readonly path: string;
  readonly mode: string;
  readonly kind: 'file' | 'directory' | 'socket' | 'other';
}

/** Once more when a directory of a moment, a lock, was gone before it could be looked into. */
function namesBelow(directory: string): string[] {
  for (;;) {
    try {
      return readdirSync(directory, { recursive: true, encoding: 'utf8' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(directory)) throw error;
    }
  }
}

/** All that lies in some directories, and they themselves. */
function everythingIn(directories: readonly string[]): Seen[] {
  const paths = directories.flatMap((directory) => [
    directory,
    ...namesBelow(directory).map((name) => join(directory, name)),
  ]);
  return paths.flatMap((path) => {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    // A lock of this moment: an empty directory where nobody else can enter anyway.
    if (!facts || path.endsWith('.lock')) return [];
    const kind = facts.isFile() ? 'file' : facts.isDirectory() ? 'directory' : facts.isSocket() ? 'socket' : 'other';
    return [{ path, mode: (facts.mode & 0o777).toString(8), kind }];
  });
}

/** What a file holds; nothing when it, or the process that it tells of, has gone since it was found. */
function contentOf(path: string, encoding: 'latin1' | 'utf8' = 'utf8'): string {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** What everybody on the machine may see of a process, and what its children get. */
const commandLineOf = (pid: number): string => contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
const titleOf = (pid: number): string => contentOf(`/proc/${pid}/comm`);

/** Uses all of it once, a session under a umask of its own starting the hub. */
async function fullUse(umask: string) {
  const line = await startLine();
  const { place, owner, api } = line;
  const { home, project } = place;
  const witness = join(project, 'witness.txt');
  // Somebody else's program: it tells what it was started with.
  const script = `#!/bin/sh\n{ env; tr '\\0' ' ' < /proc/$$/cmdline; } > '${witness}'\necho hello\n`;
  writeFileSync(join(project, 'transcribe'), script, { mode: 0o755 });
  mkdirSync(home, { mode: 0o700 });
  // The token from the file and from the environment, the PIN from the environment alone: the hub that the session starts
  // must have it all the same.
  writeFileSync(join(home, 'config.json'), JSON.stringify(line.env), { mode: 0o600 });
  const env = { ...line.env, PERMISSION_PIN: PIN, TRANSCRIBE_COMMAND: join(project, 'transcribe') };
  const through = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
  const session = await startMcp(place, { env, timings: line.timings, through });
  const long = ask(session, 'Good?', { context: 'c'.repeat(20_000) });
  owner.presses(await openCard(api, owner, 'Good?'), 'Yes');
  await long;
  const voice = session.call('ask_blocking_question', { question: 'Say something?' });
  const card = await openCard(api, owner, 'Say something?');
  owner.sends({ voice: { ...api.file('OggS'), duration: 1, mime_type: 'audio/ogg' } }, { replyTo: card });
  expect((await voice).structuredContent).toMatchObject({ answer: 'hello' });
  const file = session.call('ask_blocking_question', { question: 'A file?' });
  const fileCard = await openCard(api, owner, 'A file?');
  owner.sends({ document: { ...api.file('a plan'), file_name: 'plan.txt' } }, { replyTo: fileCard });
  await file;
  const dangerous = { tool_name: 'Bash', tool_input: JSON.stringify({ command: 'rm -rf build' }) };
  const permission = session.call('claude_code_hook', { event: 'PermissionRequest', session_id: 's', ...dangerous });
  const permissionCard = await openCard(api, owner, 'rm -rf build');
  const { record } = await session.hub.question(await session.session(), 'May I run a command?');
  owner.presses(permissionCard, 'Allow once');
  const again = await api.waitFor(() => offers(owner).find(({ verb }) => verb === 'confirm'));
  owner.presses(again.message, { data: again.data });
  await api.waitFor(() => owner.messages().find(({ text }) => /PIN/.test(text ?? '')));
  // The PIN, asked for by the bot and given by the terminal.
  const shown = await runSwitchboard(['answer', record.id, '1'], { home });
  const [, code = ''] = / --confirm ([0-9a-f]{6}) /.exec(shown.stderr) ?? [];
  const given = await runSwitchboard(['answer', record.id, '1', '--confirm', code], {
    home,
    env: { ...env, SWITCHBOARD_PIN: PIN },
  });
  expect(given).toMatchObject({ code: 0 });
  expect(JSON.stringify(await permission)).toContain('allow');
  await WebClient.enter(home);
  const outputs = [given.stdout + given.stderr, session.stderr];
  for (const words of [
    ['status', '--json'],
    ['doctor', '--json'],
    ['audit'],
    ['log', await session.session()],
    ['owners'],
  ]) {
    const { stdout, stderr } = await runSwitchboard(words, { home, env: line.env });
    outputs.push(stdout + stderr);
  }
  await hubLogged(home, /hub started/);
  return { line, place, session, outputs, witness, webToken: readWebPlace(home)?.token ?? '' };
}

type Use = Awaited<ReturnType<typeof fullUse>>;

function expectSecretsKept({ line, place, session, outputs, witness, webToken }: Use): void {
  expect(webToken).not.toBe('');
  const secrets = { bot: line.api.token, web: webToken, pin: PIN };
  const may: Readonly<Record<string, readonly string[]>> = {
    'config.json': ['bot'],
    'web.json': ['web'],
  };
  const told: string[] = [];
  const look = (where: string, text: string, allowed: readonly string[] = []): void => {
    for (const [name, secret] of Object.entries(secrets)) {
      if (text.includes(secret) && !allowed.includes(name)) told.push(`${name} in ${where}`);
    }
  };
  const files = everythingIn([place.home, place.sessionsDirectory]).filter(({ kind }) => kind === 'file');
  for (const { path } of files) {
    look(path, contentOf(path, 'latin1'), path.startsWith(place.home) ? may[path.slice(place.home.length + 1)] : []);
  }
  for (const [index, output] of outputs.entries()) look(`output ${index}`, output);
  const running = runningIn(place.home);
  expect(running).toContain(session.pid);
  expect(running.length).toBeGreaterThanOrEqual(2);
  for (const pid of running) look(`process ${pid}`, commandLineOf(pid) + titleOf(pid));
  const seen = readFileSync(witness, 'utf8');
  expect(seen).toContain('PATH=');
  look('the transcriber', seen);
  // The page's answers to nobody in particular, and the words on the phone.
  look('the chat', JSON.stringify(line.owner.messages()));
  expect(told).toEqual([]);
}

/** Once the session is archived, so that this is looked at, too. */
async function expectClosedToOthers({ place, session }: Use): Promise<void> {
  const id = await session.session();
  kill(session.pid, 'SIGKILL');
  const archive = join(place.sessionsDirectory, 'archive');
  await until(
    () =>
      everythingIn([place.sessionsDirectory]).some(
        ({ path }) => path.startsWith(archive) && path.endsWith(`${id}.jsonl`),
      ),
    () => 'the session to be archived',
  );
  const seen = everythingIn([place.home, place.sessionsDirectory]);
  const files = seen.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  // All kinds of things are there, so that this says something.
  for (const name of [
    'hub.log',
    'hub.json',
    'web.json',
    'config.json',
    '.gitignore',
    `${id}.jsonl`,
    '/files/plan',
    '.txt',
  ]) {
    expect(
      files.some((path) => path.includes(name)),
      name,
    ).toBe(true);
  }
  expect(files.some((path) => path.includes('/projects/'))).toBe(true);
  expect(seen.filter(({ kind, mode }) => kind === 'file' && mode !== '600')).toEqual([]);
  expect(seen.filter(({ kind, mode }) => kind === 'directory' && mode !== '700')).toEqual([]);
  expect(seen.filter(({ kind, mode }) => kind === 'socket' && mode !== '600')).toEqual([]);
  expect(seen.filter(({ kind }) => kind === 'socket')).toHaveLength(1);
  expect(seen.filter(({ kind }) => kind === 'other')).toEqual([]);
  // Whoever may change this one could put another directory into the place of the sessions'.
  const above = lstatSync(join(place.project, '.planning')).mode & 0o022;
  expect(above).toBe(0);
}

describe('a full use', () => {
  it.each(['000', '077'])(
    'under umask %s leaves nothing that others may read or change, and tells its secrets to nobody',
    async (umask) => {
      const use = await fullUse(umask);
      expectSecretsKept(use);
      await expectClosedToOthers(use);
    },
  );
});
