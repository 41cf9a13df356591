import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { printable, printableLine } from '../../src/cli/terminal.ts';
import { timeline } from '../../src/cli/timeline.ts';
import { parseRecord } from '../../src/domain/records.ts';
import { printableJson } from '../../src/domain/text.ts';
import { hostileJson, hostileWord, NASTY_TEXTS, unplain } from '../support/hostile-text.ts';
import { propertyTest } from '../support/property-test.ts';
import { newSession } from '../support/records.ts';
import { runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { logLine, metadataLine, questionLine, writeLiveSession, writeLog } from '../support/written-log.ts';

const EVIL = NASTY_TEXTS.filter((text) => text !== '' && !text.includes('\0')).join(' ');
const FORGED = 'x\nHub: pid 1, version 9.9.9\nNo open questions at all.\n  00:00:00  answered     yes';
// What a file system takes: anything but a slash and NUL, and no half characters.
const EVIL_NAME = 'p\u001b]52;c;AA\u0007\u009b31m\u202e\nHub: pid 1';

/** A project whose path, session, questions, answers, people and archive are all hostile. */
function scene() {
  const root = temporaryDirectory();
  const home = join(root, 'home');
  const sessionsDirectory = join(root, EVIL_NAME, '.planning/telegram-sessions');
  const person = { channel: `cli${FORGED}`, id: EVIL, name: `${EVIL}${FORGED}` };
  const [open, done, asked] = ['a', 'b', 'c'].map((letter) => `${letter}b7e1c1e-0000-4000-8000-000000000001`);
  const permission = { tool: `Bash${EVIL}`, input_hash: EVIL, cwd: EVIL, grant: EVIL, dangers: [EVIL, FORGED] };
  const options = [{ label: `Allow${EVIL}`, description: EVIL }, { label: FORGED }];
  const given = { answer: `${EVIL}${FORGED}`, answered_by: person, answered_at: '2026-11-20T10:00:00.000Z' };
  const lines = [
    questionLine(`${EVIL}${FORGED}`, { id: open, options, context: EVIL }),
    questionLine(FORGED, { id: done, context_file: EVIL }),
    logLine({
      type: 'answer',
      slot: `outcome:${done}`,
      question_id: done,
      ...given,
      files: [{ path: `/${EVIL}`, name: EVIL, bytes: 1 }],
    }),
    questionLine(`May I run${EVIL}`, {
      id: asked,
      kind: 'permission',
      permission,
      options,
      context: `\`\`\`sh\n${EVIL}${FORGED}\n\`\`\``,
    }),
    logLine({ type: 'system', event: EVIL, reason: FORGED, detail: EVIL }),
    logLine({ type: 'error', code: FORGED, message: EVIL, detail: EVIL }),
    logLine({ type: FORGED }),
    logLine({ type: 'message', message_id: open, text: FORGED, sent_by: person, sent_at: given.answered_at }),
    `${EVIL}\n`,
  ];
  const session = writeLiveSession({ home, sessionsDirectory }, [
    logLine({ type: 'session_updated', label: `${EVIL}${FORGED}`, git_branch: EVIL }),
    ...lines,
  ]);
  const unnamed = writeLiveSession({ home, sessionsDirectory }, [
    logLine({ type: 'session_updated', git_branch: FORGED }),
  ]);
  const archived = newSession();
  writeLog(join(sessionsDirectory, 'archive/2020-01-02', `${archived}.jsonl`), [
    metadataLine(archived, { label: EVIL, project_dir: `/${FORGED}` }),
    ...lines,
  ]);
  mkdirSync(join(sessionsDirectory, 'archive/2020-01-02', archived));
  writeFileSync(join(sessionsDirectory, 'archive/2020-01-02', archived, EVIL_NAME), 'x');
  return { home, session, unnamed, archived, open: open ?? '', done: done ?? '', asked: asked ?? '' };
}

/** Nothing but text, and no line that only we may write. */
function expectPlain(printed: string, what: string): void {
  expect(unplain(printed), what).toBeNull();
  const lines = printed.split('\n');
  expect(
    lines.filter((line) => /^Hub: pid 1\b|^No open questions at all|^ {2}00:00:00 {2}answered/.test(line)),
    what,
  ).toEqual([]);
}

describe('what sessions wrote, printed by a command', () => {
  it('is nothing but text, on its own lines; data stays data', async () => {
    const { home, session, archived, open, done, asked } = scene();
    const commands = [
      ['status'],
      ['log', session],
      ['log', archived],
      ['answer', open, '99'],
      ['answer', asked, '1'],
      ['answer', asked, '1', '--confirm', '000000'],
      ['answer', asked, '--confirm', '\u001b[2J\u009b', '1'],
      ['answer', open, `--${EVIL}`],
      ['answer', done, `again${EVIL}`],
      ['answer', open, `mine${EVIL}`],
      ['answer', '\u001b[2J\u009b', 'x'],
      ['answer', 'aaaaaaaa', EVIL],
      ['log', '\u001b[2J\u202e'],
      ['tell', 'p\u001b]52', 'hello'],
      ['tell', session.slice(0, 8), `hello ${EVIL}`],
      ['tell', `nobody${EVIL}`, 'x'],
      ['away', 'on'],
      ['audit'],
      ['archive'],
      ['archive', 'prune', '--older-than', '1d', '--dry-run'],
      ['owners'],
      ['owners', 'remove', '\u001b[2J\u009b'],
      ['doctor'],
      ['\u001b[2J\u009b'],
      ['status', `--\u001b[2J\u009b`],
    ];
    // The data first: some of the commands change what is there.
    for (const words of [
      ['status', '--json'],
      ['audit', '--json'],
      ['archive', '--json'],
    ]) {
      const { stdout, stderr } = await runSwitchboard(words, { home });
      expectPlain(stdout + stderr, words.join(' '));
      const text = JSON.stringify(JSON.parse(stdout));
      if (words[0] === 'status') expect(JSON.parse(stdout).questions[0].question).toContain(EVIL);
      if (words[0] !== 'audit') expect(text).toContain('\\u001b]52;c;AA');
    }
    await Promise.all(
      commands.map(async (words) => {
        const { stdout, stderr } = await runSwitchboard(words, { home });
        expect(stdout + stderr, words.join(' ')).not.toBe('');
        expectPlain(stdout + stderr, words.join(' '));
      }),
    );
  });

  it('is nothing but text in the log of a hub, on the screen and in the file', async () => {
    const { home } = scene();
    writeFileSync(join(home, 'projects', 'broken\u001b[2J\u009b\u202e.json'), '{');
    const hub = startSwitchboard(['hub'], { home });
    await hub.printed(/following a sessions directory/);
    await hub.printed(/a project file cannot be read/);
    hub.child.kill('SIGTERM');
    await hub.ended();
    expectPlain(hub.stdout + hub.stderr, 'the hub');
    const { readFileSync } = await import('node:fs');
    const log = readFileSync(join(home, 'hub.log'), 'utf8');
    expect(unplain(log)).toBeNull();
    expect(log).toContain('\\u009b');
  });

  it('is nothing but text when somebody else passes for the hub', async () => {
    const home = temporaryDirectory();
    const channels = [{ name: `web${EVIL}${FORGED}`, ok: true, detail: `${EVIL}${FORGED}`, since: EVIL, chats: 1 }];
    const hello = {
      type: 'hub',
      pid: 4_000_000,
      process_started_at: null,
      host: EVIL,
      boot_id: null,
      pid_namespace: null,
      version: `99.0.0${EVIL}${FORGED}`,
      since: FORGED,
      channels,
    };
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(`${JSON.stringify(hello)}\n`);
    });
    await new Promise<void>((resolve) => server.listen(join(home, 'hub.sock'), resolve));
    onTestFinished(() => void server.close());
    const commands = [['status'], ['status', '--json'], ['hub'], ['web'], ['doctor', '--json']];
    await Promise.all(
      commands.map(async (words) => {
        const { stdout, stderr } = await runSwitchboard(words, { home });
        expectPlain(stdout + stderr, words.join(' '));
        expect(stdout + stderr).not.toBe('');
      }),
    );
  });
});

describe('the functions that print', () => {
  propertyTest(
    'let only text through, and keep data what they were',
    fc.tuple(hostileWord, hostileJson),
    () => ({
      check: ([text, value]) => {
        expect(unplain(printable(text))).toBeNull();
        expect(printable(printable(text))).toBe(printable(text));
        expect(unplain(printableLine(text))).toBeNull();
        expect(printableLine(text)).not.toContain('\n');
        for (const indent of [undefined, 2]) {
          const json = printableJson(value, indent);
          expect(unplain(json)).toBeNull();
          expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        }
      },
    }),
    { runs: 800 },
  );

  propertyTest(
    'keep what one record says within its lines of a timeline',
    fc.tuple(hostileWord, hostileWord),
    () => ({
      check: ([type, detail]) => {
        const record = parseRecord(logLine({ type: `x${type}` })) ?? parseRecord(logLine({ type: 'heartbeat' }));
        const other = parseRecord(logLine({ type: 'system', event: type, reason: detail, detail }));
        const lines = [...timeline([record, other].filter((each) => each !== null))].join('\n').split('\n');
        for (const line of lines) expect(line).toMatch(/^(\d{4}-\d\d-\d\d$| {2}\d\d:\d\d:\d\d {2}| {24})/);
        expect(unplain(lines.join('\n'))).toBeNull();
      },
    }),
    { runs: 500 },
  );
});
