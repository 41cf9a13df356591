import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerProject } from '../../src/runtime/projects.ts';
import { PROGRAM } from '../support/build.ts';
import { fenced, page, pages, ROOT } from '../support/docs.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { type Newcomer, newcomer } from '../support/newcomer.ts';
import { openCard } from '../support/phone.ts';
import { metadataDraft, newSession } from '../support/records.ts';
import { standInServiceManagers } from '../support/service-managers.ts';
import { StorePlace } from '../support/store-places.ts';
import { environment, runningIn } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Terminal, typeInTerminal } from '../support/terminal.ts';

// Every command that the pages show in an `sh` block is run here as it is written, by a shell, with the built program on
// the PATH as `switchboard`. Somebody new follows the pages: own home, own phone, own project. Stand-ins take the place
// of `claude`, of systemctl and of Telegram's servers, nothing else.

const LONG_AGO = '2026-01-02';

/** The commands of all pages, each once: comments taken away, what is joined by `&&` taken apart. */
const commands = new Set(
  pages()
    .flatMap((each) => fenced(each, 'sh'))
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .flatMap((line) => line.split(' && '))
    .filter((line) => line !== ''),
);

/** Somebody in front of a terminal who reads the pages. */
interface Reader extends Omit<Newcomer, 'runs'> {
  /** Runs a command without a terminal to its end; `blanks` fill in what stands in angle brackets. */
  runs(command: string, blanks?: Blanks): Promise<Ended>;
  /** Types a command into a terminal. */
  types(command: string): Terminal;
  /** Makes the project a clone of this repository, as far as it is needed, with its packages installed. */
  clones(...names: readonly string[]): void;
  /** What was run and typed so far, as the pages have it. */
  readonly done: Set<string>;
}

type Blanks = Readonly<Record<string, string>>;

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** A command that has worked, whatever it said. */
const WORKED = { code: 0, out: expect.any(String) };

type Run = (reader: Reader) => Promise<void>;

/** Which commands are run together, and how. */
const SCENES: readonly (readonly [title: string, commands: readonly string[], run: Run])[] = [
  [
    'in a clone the demo can be answered',
    ['npm run demo'],
    async ({ types, runs, clones }) => {
      clones('package.json', 'README.md', 'scripts', 'src');
      const demo = types('npm run demo');
      await demo.shows('Ctrl-C ends the demo');
      const answers = demo.text.match(/^ {4}node dist\/switchboard\.js answer .*$/gm) ?? [];
      expect(answers).toHaveLength(3);
      await Promise.all(answers.map(async (answer) => expect(await runs(answer.trim())).toEqual(WORKED)));
      await demo.shows('All three answers are back');
      expect(await demo.ended()).toBe(0);
    },
  ],
  [
    'the command can be installed from a clone, and taken away again',
    ['npm install --global --install-links .', 'npm uninstall --global claude-switchboard'],
    async ({ runs, person, clones }) => {
      clones('package.json', 'README.md', 'scripts', 'src', 'dist');
      const command = join(person, 'global/bin/switchboard');
      rmSync(join(person, 'work/dist'), { recursive: true }); // As in a clone: building it is part of it.
      expect(await runs('npm install --global --install-links .')).toEqual(WORKED);
      rmSync(join(person, 'work/src'), { recursive: true });
      rmSync(join(person, 'work/dist'), { recursive: true }); // It is a copy that needs the clone no more.
      expect(await runs(`${command} --version`)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^\d+\.\d+\.\d+$/m),
      });
      expect(await runs('npm uninstall --global claude-switchboard')).toEqual(WORKED);
      expect(existsSync(command)).toBe(false);
    },
  ],
  [
    'setup, doctor and uninstall lead through everything in a terminal',
    ['switchboard setup', 'switchboard doctor', 'switchboard uninstall'],
    async ({ types, api, owner, home, person, file }) => {
      const setup = types('switchboard setup');
      await setup.shows('The token (hidden');
      setup.types(api.token);
      setup.presses('enter');
      await says(setup, 'config.json like this?');
      await says(setup, 'Pair your phone now?');
      const [, code = ''] = await setup.shows(/\?start=(p_[\w-]{22})/);
      owner.says(`/start ${code}`);
      await says(setup, 'Register it?');
      await says(setup, 'Bring its own permissions and questions to your phone?');
      await says(setup, 'settings.json like this?');
      await says(setup, 'Ask you a real question now');
      owner.presses(await openCard(api, owner, 'Did it reach you?'), 'Yes');
      await setup.shows('The answer came back: "Yes"');
      expect(await setup.ended()).toBe(0);
      expect(JSON.parse(file('.claude.json')).mcpServers.switchboard.args.at(-1)).toBe('mcp');

      const doctor = types('switchboard doctor');
      expect(await doctor.ended()).toBe(0);
      expect(doctor.text).toMatch(/^ok {4}Round trip: /m);

      const uninstall = types('switchboard uninstall');
      await says(uninstall, 'Take the registration back?');
      await says(uninstall, 'End the hub that runs');
      await says(uninstall, /Remove .*config\.json\?/);
      await says(uninstall, /Remove .*settings\.json\?/);
      expect(await uninstall.ended()).toBe(0);
      expect(JSON.parse(file('.claude.json')).mcpServers).toEqual({});
      expect(existsSync(join(home, 'config.json'))).toBe(false);
      expect(existsSync(join(person, '.claude/settings.json'))).toBe(false);
      expect(runningIn(home)).toEqual([]);
    },
  ],
  [
    'setup in a script takes token and owner from the environment',
    ['switchboard setup --yes'],
    async ({ runs, api, file }) => {
      const settings = { TELEGRAM_BOT_TOKEN: api.token, TELEGRAM_OWNER_ID: '7' };
      const inEnvironment = Object.entries(settings).map(([name, value]) => `export ${name}=${value}; `);
      expect(await runs('switchboard setup --yes', { '': inEnvironment.join('') })).toEqual(WORKED);
      expect(JSON.parse(file('.switchboard/config.json'))).toMatchObject(settings);
      expect(Object.keys(JSON.parse(file('.claude.json')).mcpServers)).toEqual(['switchboard']);
    },
  ],
  [
    'the bot hears whoever opens the link first, from then on',
    ['switchboard pair', 'switchboard owners'],
    async ({ types, runs, api, owner, home }) => {
      mkdirSync(home, { mode: 0o700 });
      writeFileSync(join(home, 'config.json'), JSON.stringify({ TELEGRAM_BOT_TOKEN: api.token }), { mode: 0o600 });
      const pair = types('switchboard pair');
      const [, code = ''] = await pair.shows(/\?start=(p_[\w-]{22})/);
      owner.says(`/start ${code}`);
      await pair.shows('Ada (id 7) is an owner now.');
      expect(await pair.ended()).toBe(0);
      expect(await runs('switchboard owners')).toEqual({ code: 0, out: '7\n' });
    },
  ],
  [
    'the service keeps a hub running',
    ['switchboard service install'],
    async ({ runs }) => {
      // Started by the stand-in of the system with nothing of the reader's environment: it goes the same way.
      onTestFinished(async () => expect(await runs('switchboard service uninstall')).toEqual(WORKED));
      const installed = await runs('switchboard service install');
      expect(installed).toEqual({ code: 0, out: expect.stringMatching(/Hub: pid \d+, the service's own/) });
      expect(await runs('switchboard status')).toMatchObject({ code: 0, out: expect.stringMatching(/^Hub: pid \d+/) });
    },
  ],
  [
    'a question is listed, answered, and followed through its session file',
    [
      'switchboard web',
      'switchboard status',
      'switchboard answer <question-id> <text>',
      'switchboard log <session>',
      'tail -n 5 .planning/telegram-sessions/<session-id>.jsonl',
      `grep '"type":"answer"' .planning/telegram-sessions/*.jsonl`,
      'tail -n 20 ~/.switchboard/hub.log',
    ],
    async (reader) => {
      const { runs } = reader;
      const { session, question } = await asks(reader);
      const says = async (command: string, words: string | RegExp, blanks: Blanks = {}) =>
        expect(await runs(command, blanks)).toEqual({ code: 0, out: expect.stringMatching(words) });
      await says('switchboard web', /^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/);
      await says(
        'switchboard status',
        `${question.slice(0, 8)}  [\\s\\S]*Delete the old index\\?[\\s\\S]*1\\. Yes  2\\. No`,
      );
      await says('switchboard answer <question-id> <text>', '^Recorded "No"', {
        'question-id': question.slice(0, 8),
        text: 'No',
      });
      await says('switchboard log <session>', /asked .*Delete the old index\?[\s\S]*answered .* No \(/, {
        session: session.slice(0, 8),
      });
      const inFile = new RegExp(`"type":"answer",.*"question_id":"${question}"`);
      await says('tail -n 5 .planning/telegram-sessions/<session-id>.jsonl', inFile, { 'session-id': session });
      await says(`grep '"type":"answer"' .planning/telegram-sessions/*.jsonl`, inFile);
      await says('tail -n 20 ~/.switchboard/hub.log', /"msg":"hub started"/);
    },
  ],
  [
    'old sessions are listed, and deleted once that was confirmed',
    ['switchboard archive', 'switchboard archive prune --older-than 90d'],
    async ({ runs, types, home }) => {
      const place = new StorePlace();
      mkdirSync(place.directory);
      registerProject(home, place.directory);
      const store = place.store({ now: () => Date.parse(`${LONG_AGO}T12:00:00Z`) });
      const session = newSession();
      await store.open(session, metadataDraft(session));
      expect(await store.archive(session, async () => true)).toBe('archived');
      expect(await runs('switchboard archive')).toMatchObject({ code: 0, out: expect.stringContaining(LONG_AGO) });
      const prune = types('switchboard archive prune --older-than 90d');
      await prune.shows(`${session}.jsonl`);
      await prune.shows('Delete all of this for good?');
      prune.types('y');
      prune.presses('enter');
      await prune.shows('Deleted 1 session');
      expect(await prune.ended()).toBe(0);
      expect(await runs('switchboard archive')).toMatchObject({ code: 0, out: expect.stringContaining('No archived') });
    },
  ],
  [
    'what is not formatted is mended',
    ['npm run format'],
    async ({ runs, person, clones }) => {
      clones('package.json', 'biome.json', '.gitignore', 'src/domain');
      const file = join(person, 'work/src/domain/ids.ts');
      const before = readFileSync(file, 'utf8');
      writeFileSync(file, before.replaceAll('\n  ', '\n      '));
      expect(await runs('npm run format')).toEqual(WORKED);
      expect(readFileSync(file, 'utf8')).toBe(before);
    },
  ],
];

/** Commands that this test cannot run, and who does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci': 'needs a package registry; .ci/run runs it, as the first half of the test command of the README',
  'npm test': 'is what runs this; .ci/run runs it, as the second half of the test command of the README',
  'npm run test:claude': 'fetches a program of 377 MB, and takes a minute; .ci/run runs it',
  'npm run test:load': 'takes a minute; .ci/run runs it',
  'npm run test:security': 'takes a minute; .ci/run runs it',
  'npm run test:faults': 'takes minutes; .ci/run runs it',
  'npm run check':
    'is `npm run check:static`, `npm test`, `test:claude`, `test:load`, `test:security` and `test:faults`; .ci/run runs them all',
  'npm run bench': 'measures for minutes, and needs a machine that does nothing else: people run it',
  'npm run test:long': 'takes minutes: people run it',
  'npm run screenshots': 'changes the pictures of these pages: people run it, and look at them',
};

/** Commands of programs that are not ours, and what is known of them. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  'claude plugin marketplace add ./': 'test/claude runs it as it is written',
  'claude plugin install switchboard@claude-switchboard': 'test/claude runs it as it is written',
  'claude -p --permission-prompt-tool mcp__switchboard__permission_prompt "Bring the changelog up to date"':
    'needs a model; with a scripted one in test/claude',
  'codex mcp add switchboard -- switchboard mcp': 'tried with 0.169.0',
  'gemini mcp add --scope user switchboard switchboard mcp': 'tried with 0.61.0',
};

describe('every command in the documentation', () => {
  it('is run below, or has a reason not to be; and nothing else is', () => {
    const covered = [...SCENES.flatMap(([, list]) => list), ...Object.keys(ELSEWHERE), ...Object.keys(OF_OTHERS)];
    expect([...commands].sort()).toEqual([...new Set(covered)].sort());
  });

  it.each(SCENES)('is as it says: %s', async (_title, list, run) => {
    const reader = await newReader();
    await run(reader);
    expect(list.filter((command) => !reader.done.has(command))).toEqual([]);
  });

  it.each(Object.entries(ELSEWHERE))('is there although it is not run here: %s (%s)', (command, reason) => {
    const { scripts } = JSON.parse(page('package.json').text);
    const name = command.replace(/^npm (run )?/, '');
    if (name !== 'ci') expect(scripts).toHaveProperty(name);
    const file = /^node (\S+\.mjs)$/.exec(scripts[name] ?? '')?.[1];
    if (file) execFileSync(process.execPath, ['--check', join(ROOT, file)]);
    const ci = page('.ci/run').text;
    if (reason.includes('.ci/run')) expect(ci).toContain('bash -c "$test_command"');
    if (name === 'check') {
      for (const each of ['test:claude', 'check:static']) expect(ci).toContain(`\nnpm run ${each}\n`);
    }
  });

  it.each(Object.keys(OF_OTHERS))('names what there is, although it is not run here: %s', (command) => {
    const { name, plugins } = JSON.parse(page('.claude-plugin/marketplace.json').text);
    const { scripts, bin } = JSON.parse(page('package.json').text);
    expect(Object.keys({ ...scripts, ...bin })).not.toContain(command.split(' ')[0]);
    if (command.includes('@')) expect(command).toContain(`${plugins[0].name}@${name}`);
    const [, tool = ''] = /mcp__switchboard__(\w+)/.exec(command) ?? [];
    if (tool !== '') expect(page('src/mcp/hidden-tools.ts').text).toContain(`  ${tool}: {`);
    if (command.includes(' mcp add ')) expect(command).toMatch(/switchboard switchboard mcp$|-- switchboard mcp$/);
  });

  it('to install from a clone is written in one way, after the packages that its build needs', () => {
    const blocks = pages().flatMap((each) => fenced(each, 'sh'));
    const installs = blocks.filter((block) => /^npm (i|install) (-g|--global)\b.* \.$/m.test(block));
    expect(installs).toHaveLength(3);
    for (const block of installs) expect(block).toMatch(/^npm ci\nnpm install --global --install-links \.\n/);
  });

  it('that builds says in one sentence that the packages are missing', async () => {
    const place = temporaryDirectory();
    for (const name of ['package.json', 'scripts', 'src']) {
      cpSync(join(ROOT, name), join(place, name), { recursive: true });
    }
    const { code, out } = await runInShell('node scripts/build.mjs', { cwd: place, env: environment({ home: place }) });
    expect({ code, said: out.split('\n').slice(1) }).toEqual({
      code: 1,
      said: ['The packages that the build needs are not installed. Run `npm ci` first.', ''],
    });
  });

  it('to run and to test stands exactly once each behind its mark in the README, which .ci/run looks for', () => {
    const marked = [...page('README.md').text.matchAll(/^<!-- command: (\w+) -->\n```sh\n(.+)\n```$/gm)];
    expect(marked.map(([, name, line]) => [name, line])).toEqual([
      ['run', 'npm ci && npm run demo'],
      ['test', 'npm ci && npm test'],
    ]);
  });
});

/** Somebody new, in an empty project. */
async function newReader(): Promise<Reader> {
  const ada = await newcomer();
  const { person, options } = ada;
  const cwd = join(person, 'work');
  const bin = join(person, 'bin');
  mkdirSync(bin);
  symlinkSync(PROGRAM, join(bin, 'switchboard')); // As npm installs it.
  const [managers = ''] = standInServiceManagers().env.PATH?.split(':') ?? [];
  const env = { ...options.env, ...npmSettings(person), PATH: `${bin}:${managers}:${ada.claude.env.PATH}` };
  const place = { ...options, env, cwd };
  const done = new Set<string>();
  return {
    ...ada,
    done,
    clones: (...names) => {
      for (const name of names) cpSync(join(ROOT, name), join(cwd, name), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    },
    runs: (command, blanks = {}) => {
      done.add(command);
      return runInShell(filledIn(command, blanks), { cwd, env: environment(place) });
    },
    types: (command) => {
      done.add(command);
      return typeInTerminal(command, { ...place, columns: 120 });
    },
  };
}

/** npm installs for this person alone, and asks no registry. */
function npmSettings(person: string): Record<string, string> {
  const names = { prefix: join(person, 'global'), cache: join(person, 'npm'), offline: 'true' };
  const quiet = { audit: 'false', fund: 'false', update_notifier: 'false', loglevel: 'error' };
  return Object.fromEntries(
    Object.entries({ ...names, ...quiet }).map(([name, value]) => [`npm_config_${name}`, value]),
  );
}

/** A session of the reader's project that waits for an answer. */
async function asks({ options, home, person }: Reader): Promise<{ session: string; question: string }> {
  const project = join(person, 'work');
  const sessionsDirectory = join(project, '.planning/telegram-sessions');
  const { env = {}, timings = {} } = options;
  const mcp = await startMcp({ ...mcpPlace(), home, project, sessionsDirectory }, { env, timings });
  const asked = await mcp.call('ask_blocking_question', {
    question: 'Delete the old index?',
    options: ['Yes', 'No'],
    wait: false,
  });
  const { question_id } = asked.structuredContent as { question_id: string };
  return { session: await mcp.session(), question: question_id };
}

/** The command with its blanks filled in; the blank without a name comes before it. */
function filledIn(command: string, blanks: Blanks): string {
  const filled = command.replace(/<([a-z-]+)>/g, (blank, name: string) => blanks[name] ?? blank);
  return (blanks[''] ?? '') + filled;
}

function runInShell(line: string, options: { cwd: string; env: Record<string, string> }): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile('/bin/sh', ['-c', line], options, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 1) : 0;
      resolve({ code, out: code === 0 ? stdout : `${line}\n${stdout}${stderr}` });
    });
    child.stdin?.end();
  });
}

async function says(terminal: Terminal, question: string | RegExp): Promise<void> {
  await terminal.shows(question);
  terminal.types('y');
}
