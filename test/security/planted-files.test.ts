import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import module from 'node:module';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeAction } from '../../src/channels/telegram/callback-data.ts';
import { processFacts, processIdentity } from '../../src/runtime/processes.ts';
import { hostileLog } from '../support/hostile-records.ts';
import { hostileWord, nestedJson } from '../support/hostile-text.ts';
import { recordsOf, startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { hubSees, living, neighbour, plant, resting } from '../support/planted-files.ts';
import { propertyTest } from '../support/property-test.ts';
import { newSession } from '../support/records.ts';
import { hubLogged, kill, runSwitchboard, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ask, hubsOf, type WaitingLine, waitingLine } from '../support/waiting-line.ts';
import { WebClient } from '../support/web-client.ts';
import { logLine, metadataLine, questionLine } from '../support/written-log.ts';

const AT = '2026-11-20T10:00:00.000Z';

/** The one who waited gets the answer, by the hub that was there all the time. */
async function expectAnswered(waiting: WaitingLine, hubs: readonly number[]): Promise<void> {
  waiting.owner.presses(waiting.card, 'Yes');
  expect(await waiting.asked).toMatchObject({ answer: 'Yes' });
  expect(hubsOf(waiting)).toEqual(hubs);
}

const someText = fc.oneof(fc.constantFrom('yes', 'Deploy?', '../../../etc/passwd'), hostileWord);
const facts = fc.record(
  {
    session_id: fc.oneof(fc.uuid(), someText),
    pid: fc.constantFrom(1, 0, -1, process.pid, process.ppid, 2 ** 31 - 1),
    host: someText,
    project_dir: someText,
    cwd: someText,
    process_started_at: someText,
    start_time: fc.constantFrom('9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z', AT),
    label: someText,
  },
  { requiredKeys: [] },
);
/** A session file: what it says of its session, if anything, and the lines after that. */
const plantedFile = fc.tuple(fc.option(facts, { freq: 4 }), hostileLog);

describe('session files that somebody else has written', () => {
  propertyTest(
    'change nothing of what the others ask, and nothing elsewhere',
    fc.array(plantedFile, { minLength: 1, maxLength: 5 }),
    async () => {
      const waiting = await waitingLine('Good?');
      const hubs = hubsOf(waiting);
      const directory = neighbour(waiting);
      const outside = join(directory, '../..');
      writeFileSync(join(outside, 'mine.txt'), 'mine');
      await hubLogged(waiting.place.home, /following a sessions directory/);
      let asked = 0;
      const check = async (files: readonly [facts: object | null, lines: string[]][]): Promise<void> => {
        for (const [given, lines] of files) {
          const id = newSession();
          plant(
            directory,
            [
              ...(given ? [metadataLine(id, { ...processIdentity(), ...given })] : []),
              ...lines.map((line) => `${line}\n`),
            ].join(''),
            id,
          );
        }
        asked += 1;
        const text = `Number ${asked}?`;
        const answer = ask(waiting.session, text);
        const id = await waiting.session.session();
        const { record } = await waiting.session.hub.question(id, text);
        // As a card, or with many others in a list.
        await waiting.session.hub.until(id, ({ questions }) => questions.get(record.id)?.shown.size || undefined);
        waiting.owner.presses(waiting.card, { data: encodeAction({ verb: 'answer', question: record.id, option: 1 }) });
        expect(await answer).toMatchObject({ answer: 'No' });
      };
      const after = async (): Promise<void> => {
        await expectAnswered(waiting, hubs);
        const [hub = 0] = hubs;
        await resting(hub);
        expect(readdirSync(outside).sort()).toEqual(['.planning', 'mine.txt']);
        expect(readdirSync(join(outside, '.planning'))).toEqual(['telegram-sessions']);
        const foreign = readdirSync(directory).filter((name) => !/^([0-9a-f-]{36}\.jsonl|\.locks|archive)$/.test(name));
        expect(foreign).toEqual([]);
        expect(
          recordsOf(waiting.session, await waiting.session.session()).filter(({ type }) => type === 'error'),
        ).toEqual([]);
      };
      return { check, after };
    },
    { runs: 24, shrink: false },
  );

  it('are shown as far as they can be, harm no other question, and lead nowhere outside', async () => {
    const waiting = await waitingLine('Good?');
    const { api, owner, session, place } = waiting;
    const directory = session.sessionsDirectory;
    const id = newSession();
    const secret = 'the content of a file outside';
    writeFileSync(join(place.project, 'secret.txt'), secret);
    symlinkSync(place.project, join(directory, id));
    const label = `\ud800\0 evil \u202e${'L'.repeat(30_000)}`;
    const lines = [
      metadataLine(id, { ...processIdentity(), label, git_branch: '../../..' }),
      questionLine('By path?', { context_file: '../../secret.txt' }),
      questionLine('By link?', { context_file: `${id}/secret.txt` }),
      questionLine(`\ud800\0${'Z'.repeat(900_000)}`),
      questionLine('Five hundred?', { options: Array.from({ length: 500 }, () => ({ label: 'a' })) }),
      logLine({
        type: 'question_shown',
        question_id: randomUUID(),
        channel: 'telegram',
        chat: '__proto__',
        ref: '../../x',
      }),
      '{"v":1,"__proto__":{"polluted":true}}\n',
      `${nestedJson(50_000)}\n`,
      `${'x'.repeat(3_000_000)}\n`,
    ];
    plant(directory, lines.join(''), id);
    const said = /context could not be read/;
    expect((await openCard(api, owner, 'By path?')).text).toMatch(said);
    expect((await openCard(api, owner, 'By link?')).text).toMatch(said);
    await openCard(api, owner, 'ZZZ');
    await openCard(api, owner, 'Five hundred?');
    owner.says('/pending');
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('Pending questions (5)')));
    expect(JSON.stringify(owner.messages())).not.toContain(secret);
    // What was asked within the limits stays whole, and what was not takes up a few messages at most.
    expect(owner.messages().filter(({ text }) => text?.includes('ZZZ')).length).toBeLessThanOrEqual(3);
    await expectAnswered(waiting, hubsOf(waiting));
  });

  it('make no card of others their own: neither by where it stands nor by its question', async () => {
    const waiting = await waitingLine('May I deploy?');
    const { api, owner, card, session, place } = waiting;
    const hubs = hubsOf(waiting);
    const directory = neighbour(waiting);
    const own = recordsOf(session, await session.session());
    const asked = own.find(({ type }) => type === 'question') as { id: string };
    const shown = own.find(({ type }) => type === 'question_shown') as { ref: string };
    const id = newSession();
    // A question of its own that has ended, and that would have stood in the other's message.
    const ended = randomUUID();
    const stolen = (question_id: string, ref: string) =>
      logLine({ type: 'question_shown', question_id, channel: 'telegram', chat: String(owner.id), ref });
    plant(
      directory,
      [
        living(id),
        questionLine('Mine alone?', { id: ended }),
        stolen(ended, shown.ref),
        logLine({ type: 'question_closed', slot: `outcome:${ended}`, question_id: ended, reason: 'expired' }),
      ].join(''),
      id,
    );
    const settled = (): boolean => readFileSync(join(directory, `${id}.jsonl`), 'utf8').includes('"question_settled"');
    await until(settled, () => 'the forged card to be settled');
    expect(owner.messages().find(({ message_id }) => message_id === card.message_id)).toMatchObject({
      text: expect.stringContaining('May I deploy?'),
      reply_markup: expect.anything(),
    });

    // The same question in other words: whoever presses there must not answer here.
    const other = newSession();
    const options = [{ label: 'Yes' }, { label: 'No' }];
    const copy = plant(directory, living(other) + questionLine('Tea?', { id: asked.id, options }), other);
    await until(
      () => readFileSync(copy, 'utf8').includes('"question_shown"'),
      () => 'a card of the copy',
    );
    const cards = owner.messages().filter(({ reply_markup }) => reply_markup);
    expect(cards).toHaveLength(2);
    for (const pressed of cards) {
      const press = owner.presses(pressed, 'Yes');
      await api.waitFor(() => press.answer);
      expect(press.answer?.text).toMatch(/Two projects claim this question.*nothing was recorded/);
    }
    expect(recordsOf(session, await session.session()).some(({ type }) => type === 'answer')).toBe(false);
    expect(readFileSync(copy, 'utf8')).not.toContain('"answer"');
    rmSync(copy);
    await hubSees(place.home, copy);
    await expectAnswered(waiting, hubs);
    await settledCard(api, owner, 'May I deploy?', 'Yes');
  });

  it('do not stand for a session that lives elsewhere, whichever a new hub finds first', async () => {
    const waiting = await waitingLine('Good?');
    const { session, path, place } = waiting;
    const directories = Array.from({ length: 5 }, () => neighbour(waiting));
    const id = await session.session();
    for (const directory of directories) copyFileSync(path, join(directory, `${id}.jsonl`));
    for (const pid of hubsOf(waiting)) kill(pid, 'SIGKILL');
    const started = /"hub started"/g;
    await until(
      () => (readFileSync(join(place.home, 'hub.log'), 'utf8').match(started) ?? []).length >= 2,
      () => 'the next hub',
    );
    const next = ask(session, 'And now?');
    waiting.owner.presses(await openCard(waiting.api, waiting.owner, 'And now?'), 'No');
    expect(await next).toMatchObject({ answer: 'No' });
    await expectAnswered(waiting, hubsOf(waiting));
    for (const directory of directories) {
      if (existsSync(join(directory, `${id}.jsonl`)))
        expect(readFileSync(join(directory, `${id}.jsonl`), 'utf8')).not.toContain('"answer"');
    }
  });

  it('do not stand for a session that lives elsewhere when they come later, or change', async () => {
    const waiting = await waitingLine('Good?');
    const { path, place } = waiting;
    const hubs = hubsOf(waiting);
    const directory = neighbour(waiting);
    const first = newSession();
    const seen = plant(directory, living(first) + questionLine('Seen?'), first);
    // From now on the hub watches the directory.
    await until(
      () => readFileSync(seen, 'utf8').includes('"question_shown"'),
      () => 'a card of the directory',
    );
    const copy = plant(directory, readFileSync(path), basename(path, '.jsonl'));
    const second = newSession();
    const later = plant(directory, living(second) + questionLine('Later?'), second);
    appendFileSync(copy, logLine({ type: 'heartbeat' }));
    await until(
      () => readFileSync(later, 'utf8').includes('"question_shown"'),
      () => 'a card of a file that came after the copy',
    );
    await expectAnswered(waiting, hubs);
    expect(readFileSync(copy, 'utf8')).not.toContain('"answer"');
    expect(readFileSync(join(place.home, 'hub.log'), 'utf8')).not.toContain('a copy of this session');
  });

  it('may be huge, deep, or no files at all, and hold up nobody', async () => {
    const waiting = await waitingLine('Good?');
    const hubs = hubsOf(waiting);
    const [hub = 0] = hubs;
    const directory = neighbour(waiting);
    const id = newSession();
    const small = Array.from(
      { length: 100_000 },
      (_, index) => `{"v":2,"event_id":"${index}","type":"x","timestamp":"${AT}"}\n`,
    );
    plant(directory, living(id) + small.join(''), id);
    plant(directory, Buffer.alloc(20 * 1024 * 1024, 'x'));
    plant(directory, '\n'.repeat(1_000_000));
    plant(directory, `${nestedJson(500_000)}\n${nestedJson(200_000, 'object')}\n`);
    plant(directory, '\0'.repeat(3_000_000));
    execFileSync('mkfifo', [join(directory, `${newSession()}.jsonl`)]);
    symlinkSync('/dev/zero', join(directory, `${newSession()}.jsonl`));
    symlinkSync(waiting.path, join(directory, `${newSession()}.jsonl`));
    for (const name of [
      '..jsonl',
      '.jsonl',
      'x'.repeat(240),
      'a\nb.jsonl',
      `${'a'.repeat(36)}.jsonl`,
      '\u202e.jsonl',
    ]) {
      writeFileSync(join(directory, name), 'x');
    }
    const asked = ask(waiting.session, 'Still?');
    waiting.owner.presses(await openCard(waiting.api, waiting.owner, 'Still?'), 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
    await resting(hub);
    await expectAnswered(waiting, hubs);
  });

  it('may ask what takes long to show, again and again, and hold up nobody', async () => {
    const waiting = await waitingLine('Good?');
    const hubs = hubsOf(waiting);
    const [hub = 0] = hubs;
    const directory = neighbour(waiting);
    const id = newSession();
    const endless = 'b'.repeat(500_000);
    const facts = { ...processIdentity(), project_dir: `/${endless}`, git_branch: endless };
    // Each has a card in a chat of its own that is to say how it ended.
    const ended = (question: string, chat: number): string => {
      const question_id = randomUUID();
      const answered = { answer: 'x', answered_by: { channel: 'web', id: 'web', name: 'x' }, answered_at: AT };
      return [
        questionLine(question, { id: question_id }),
        logLine({ type: 'question_shown', question_id, channel: 'telegram', chat: `${chat}`, ref: `${chat}:1` }),
        logLine({ type: 'answer', slot: `outcome:${question_id}`, question_id, ...answered }),
      ].join('');
    };
    const path = plant(
      directory,
      [
        metadataLine(id, facts),
        ...Array.from({ length: 300 }, () => questionLine('Small?')),
        ...['*_', '*a_', '`a', '[(', '~`'].map((part) => questionLine(part.repeat(4_000))),
        ...['*_', '`a'].map((part, n) => ended(part.repeat(100_000), 1_000 + n)),
      ].join(''),
      id,
    );
    await until(
      () => readFileSync(path, 'utf8').split('"question_shown"').length > 1 + 2,
      () => 'its first card to be written down',
    );
    const asked = ask(waiting.session, 'Still?');
    waiting.owner.presses(await openCard(waiting.api, waiting.owner, 'Still?'), 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
    const web = await WebClient.enter(waiting.place.home);
    await resting(hub);
    const inbox = await web.ask('/api/inbox');
    expect((JSON.parse(inbox.body) as { open: unknown[] }).open).toHaveLength(306);
    expect(inbox.body.length).toBeLessThan(3_000_000);
    waiting.owner.says('/pending');
    await waiting.api.waitFor(() =>
      waiting.owner.messages().find(({ text }) => text?.includes('Pending questions (306)')),
    );
    await expectAnswered(waiting, hubs);
  });

  it('may have thousands of questions, each written to, and a new one of another session is shown meanwhile', async () => {
    const waiting = await waitingLine('Good?');
    const hubs = hubsOf(waiting);
    const directory = neighbour(waiting);
    const id = newSession();
    const path = plant(
      directory,
      [living(id), ...Array.from({ length: 20_000 }, () => questionLine('q'))].join(''),
      id,
    );
    const written = (): number => readFileSync(path, 'utf8').split('"question_shown"').length - 1;
    await until(
      () => written() > 0,
      () => 'the first card to be written down',
    );
    const asked = ask(waiting.session, 'Still?');
    waiting.owner.presses(await openCard(waiting.api, waiting.owner, 'Still?'), 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
    // Thousands of appends were waiting, and it did not wait for them.
    expect(written()).toBeLessThan(20_000);
    await expectAnswered(waiting, hubs);
  });

  it('may name any number of chats for their cards, and the next one of yours is shown at once', async () => {
    const waiting = await waitingLine('Good?', { timings: { telegramOverall: 34, telegramChat: 100 } });
    const { api, owner, session } = waiting;
    const hubs = hubsOf(waiting);
    const directory = neighbour(waiting);
    const id = newSession();
    const cards = Array.from({ length: 1_500 }, (_, n) => {
      const question_id = randomUUID();
      const shown = {
        type: 'question_shown',
        question_id,
        channel: 'telegram',
        chat: `${1_000 + n}`,
        ref: `${1_000 + n}:1`,
      };
      const closed = { type: 'question_closed', slot: `outcome:${question_id}`, question_id, reason: 'expired' };
      return questionLine('q', { id: question_id }) + logLine(shown) + logLine(closed);
    });
    const open = Array.from({ length: 3_000 }, () => questionLine('q'));
    const path = plant(directory, [living(id), ...open, ...cards].join(''), id);
    const told = (): number => readFileSync(path, 'utf8').split('"question_settled"').length - 1;
    await until(
      () => told() > 0,
      () => 'the first of the cards to be settled',
    );
    const asked = ask(session, 'Still?');
    owner.presses(await openCard(api, owner, 'Still?'), 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
    // One after the other they take 50 seconds.
    expect(told()).toBeLessThan(750);
    await expectAnswered(waiting, hubs);
  });

  it('end no process that they name, and no question of a living one', async () => {
    const innocent = spawn('sleep', ['600'], { stdio: 'ignore' });
    onTestFinished(() => void innocent.kill('SIGKILL'));
    const waiting = await waitingLine('Good?');
    const hubs = hubsOf(waiting);
    const directory = neighbour(waiting);
    const pid = innocent.pid ?? 0;
    const { started_at: process_started_at } = processFacts(pid) as { started_at: string };
    const same = { ...processIdentity(), pid, process_started_at };
    const over = [
      logLine({ type: 'system', event: 'session_end', reason: 'ended' }),
      logLine({ type: 'system', event: 'archived' }),
    ];
    const ids = [
      same,
      { ...same, process_started_at: '1' },
      { ...same, pid: waiting.session.pid },
      { ...same, pid: hubs[0] },
    ].map((given) => {
      const id = newSession();
      plant(directory, metadataLine(id, given) + questionLine('Kill it?') + over.join(''), id);
      return id;
    });
    const archive = join(directory, 'archive', new Date().toISOString().slice(0, 10));
    await until(
      () => existsSync(archive) && ids.every((id) => existsSync(join(archive, `${id}.jsonl`))),
      () => 'the planted sessions that are over to be archived',
    );
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
    await expectAnswered(waiting, hubs);
  });
});

describe('what somebody else has put into the home', () => {
  it('as a registered project takes in no other place and holds up nobody', async () => {
    const waiting = await waitingLine('Good?');
    const hubs = hubsOf(waiting);
    const projects = join(waiting.place.home, 'projects');
    execFileSync('mkfifo', [join(projects, 'pipe.json')]);
    symlinkSync('/dev/zero', join(projects, 'zero.json'));
    symlinkSync('loop.json', join(projects, 'loop.json'));
    mkdirSync(join(projects, 'directory.json'));
    const named = [
      '/',
      '/proc',
      '/dev',
      '/etc',
      waiting.place.home,
      '../..',
      '',
      `/${'x'.repeat(5_000)}`,
      '/a\0b',
      'file:///etc',
      null,
      7,
      ['/'],
      { __proto__: '/' },
    ];
    for (const [index, sessions_directory] of named.entries()) {
      writeFileSync(join(projects, `p${index}.json`), JSON.stringify({ v: 1, sessions_directory }));
    }
    writeFileSync(join(projects, 'deep.json'), nestedJson(1_000_000));
    writeFileSync(join(projects, 'last.json'), JSON.stringify({ v: 1, sessions_directory: neighbour(waiting) }));
    const session = await startMcp({ ...waiting.place }, { env: waiting.env });
    const asked = ask(session, 'And here?');
    waiting.owner.presses(await openCard(waiting.api, waiting.owner, 'And here?'), 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
    await hubLogged(waiting.place.home, /a project file cannot be read/);
    await expectAnswered(waiting, hubs);
    for (const place of ['/', '/proc', '/etc', waiting.place.home]) {
      expect(readdirSync(place).filter((name) => name === '.locks' || name === '.gitignore')).toEqual([]);
    }
    expect(lstatSync(join(projects, 'zero.json')).isSymbolicLink()).toBe(true);
  });

  it('as compiled code is not run: where others can write, none is kept', async () => {
    const home = temporaryDirectory();
    const cache = join(home, 'compile-cache');
    mkdirSync(cache);
    const keptWith = async (mode: number) => {
      chmodSync(cache, mode);
      expect(await runSwitchboard(['status'], { home })).toMatchObject({ code: 0, stderr: '' });
      return readdirSync(cache);
    };
    expect(await keptWith(0o777)).toEqual([]);
    // Node 20 keeps none anywhere.
    expect(await keptWith(0o700)).toHaveLength('enableCompileCache' in module ? 1 : 0);
  });
});
