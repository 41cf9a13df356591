import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { closedDraft } from '../../src/domain/drafts.ts';
import type { QuestionId, SessionId } from '../../src/domain/ids.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import type { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { SessionView } from '../../src/store/session-view.ts';
import { givenAnswer, metadataDraft, newQuestion, newSession, questionDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { runSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let home: string;
let place: StorePlace;
let store: JsonlStore;

beforeEach(() => {
  home = temporaryDirectory();
  place = new StorePlace();
  store = place.store();
  registerProject(home, place.directory);
});

async function session(facts: object = {}): Promise<SessionId> {
  const id = newSession();
  const draft = metadataDraft(id);
  await store.open(id, { ...draft, body: { ...draft.body, ...facts } });
  return id;
}

async function asks(asker: SessionId, question: string, facts: object = {}): Promise<QuestionId> {
  const id = newQuestion();
  const draft = questionDraft(id, question);
  await store.append(asker, { ...draft, body: { ...draft.body, ...facts } });
  return id;
}

async function questionOf(asker: SessionId, question: QuestionId) {
  const view = new SessionView(store, asker);
  await view.refresh();
  return view.state.questions.get(question);
}

const answer = (...args: string[]) => runSwitchboard(['answer', ...args], { home });

describe('switchboard status', () => {
  it('says so when there is no hub, no session and no question', async () => {
    const { code, stdout } = await runSwitchboard(['status'], { home });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Hub: none runs \(.*; or: node \S+ hub\)/);
    expect(stdout).toMatch(/No live sessions\.\n\nNo open questions\./);
  });

  it('lists live sessions and open questions from the files, without a hub', async () => {
    const asker = await session({ label: 'payments', ...processIdentity() });
    const open = await asks(asker, 'Which\ndatabase?', { options: [{ label: 'Postgres' }, { label: 'SQLite' }] });
    const done = await asks(asker, 'Deploy?');
    await store.append(asker, givenAnswer(done, 'yes'));
    await session({ label: 'dead', ...processIdentity(), process_started_at: 'another start' });
    const { stdout } = await runSwitchboard(['status'], { home });
    expect(stdout).toContain(`${asker.slice(0, 8)}  payments [engine], `);
    expect(stdout).toContain(`${open.slice(0, 8)}  payments, `);
    expect(stdout).toContain('Which database?');
    expect(stdout).not.toContain('Deploy?');
    expect(stdout).not.toContain('dead');
    const { stdout: json } = await runSwitchboard(['status', '--json'], { home });
    expect(JSON.parse(json)).toMatchObject({
      hub: null,
      channels: [],
      sessions: [{ session_id: asker, title: 'payments', project: 'engine', pid: process.pid, open: 1 }],
      questions: [
        { question_id: open, session_id: asker, question: 'Which\ndatabase?', options: ['Postgres', 'SQLite'] },
      ],
    });
  });

  it('prints no escape sequence that somebody put into a question or a label', async () => {
    const asker = await session({ label: '\u001b]0;owned\u0007' });
    await asks(asker, 'Clear \u001b[2J the screen?');
    const { stdout } = await runSwitchboard(['status'], { home });
    expect(stdout).toContain('Clear ␛[2J the screen?');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('switchboard answer', () => {
  it('records the answer for the session that asked, by the beginning of the question id', async () => {
    const asker = await session({ label: 'payments' });
    const question = await asks(asker, 'Which name?');
    const other = await asks(asker, 'Another?');
    const { code, stdout } = await answer(question.slice(0, 8), '--', 'use', '--the', 'first');
    expect(stdout).toBe('Recorded "use --the first" for payments; Claude gets it now.\n');
    expect(code).toBe(0);
    const recorded = await questionOf(asker, question);
    expect(recorded?.answer).toMatchObject({
      answer: 'use --the first',
      answered_by: { channel: 'cli', id: String(process.getuid?.()) },
      writer: expect.stringMatching(/^cli:\d+$/),
    });
    expect((await questionOf(asker, other))?.status).toBe('pending');
  });

  it('reads the answer from standard input, as it is', async () => {
    const asker = await session();
    const question = await asks(asker, 'Paste it');
    const { code } = await runSwitchboard(['answer', question, '-'], { home, stdin: 'line 1\n\n  line 2\n' });
    expect(code).toBe(0);
    expect((await questionOf(asker, question))?.answer?.answer).toBe('line 1\n\n  line 2');
  });

  it('shows the question without a text, and records nothing, whatever waits on standard input', async () => {
    const asker = await session();
    const question = await asks(asker, 'Deploy?', { options: [{ label: 'Yes' }, { label: 'No' }] });
    for (const stdin of ['1\n', 'Yes\n', '']) {
      const { code, stdout, stderr } = await runSwitchboard(['answer', question], { home, stdin });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/Deploy\?[\s\S]*1\. Yes[\s\S]*Nothing was recorded\. To answer: .*<text>/);
    }
    expect((await questionOf(asker, question))?.status).toBe('pending');
  });

  it('takes an option by its label, and says when it is none', async () => {
    const asker = await session();
    const options = [{ label: 'Postgres' }, { label: 'SQLite' }];
    const question = await asks(asker, 'Which?', { options, allow_text: false });
    const wrong = await answer(question, 'MySQL');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('takes one of its options');
    expect((await answer(question, 'postgres')).code).toBe(0);
    expect((await questionOf(asker, question))?.answer).toMatchObject({ answer: 'Postgres', selected: ['Postgres'] });
  });

  it('refuses a number that no option has, unless it is meant as a text', async () => {
    const asker = await session();
    const options = [{ label: 'Postgres' }, { label: 'SQLite' }, { label: 'Files' }];
    const one = await asks(asker, 'Which?', { options });
    const several = await asks(asker, 'Which ones?', { options, multi_select: true, allow_text: false });
    const { stdout } = await runSwitchboard(['status'], { home });
    expect(stdout).toMatch(/Answer one with: node \S+ answer <question-id> <text>; a number chooses that option$/m);
    const short = one.slice(0, 8);
    for (const number of ['9', '0', '99.']) {
      const { code, stderr } = await answer(short, number);
      const words = `There are 3 options, and ${number} is none of them; nothing was recorded.`;
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
      expect(stderr).toContain(`answer --text ${short} ${number}\n`);
    }
    expect(await answer(several, '1,', '4')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/4 is none .*recorded\.\n$/),
    });
    expect((await questionOf(asker, one))?.status).toBe('pending');
    expect((await answer('--text', short, '9')).code).toBe(0);
    expect((await questionOf(asker, one))?.answer).toMatchObject({ answer: '9' });
    expect((await answer(several, '1,3')).code).toBe(0);
    expect((await questionOf(asker, several))?.answer?.selected).toEqual(['Postgres', 'Files']);
    const versions = await asks(asker, 'Which version?', { options: [{ label: '1.0' }, { label: '2.0' }] });
    expect((await answer(versions, '9')).code).toBe(0);
  });

  it('changes nothing when somebody was first, and says who', async () => {
    const asker = await session();
    const question = await asks(asker, 'Deploy?');
    await store.append(asker, givenAnswer(question, 'no'));
    const { code, stderr } = await answer(question, 'yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Already answered "no" by Ada \(telegram\) at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\. Nothing was recorded\.\n$/,
    );
    expect((await questionOf(asker, question))?.answer?.answer).toBe('no');
  });

  it('lets one of two answers win that come at the same moment', async () => {
    const asker = await session();
    const question = await asks(asker, 'Deploy?');
    const both = await Promise.all([answer(question, 'yes'), answer(question, 'no')]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
    const winner = both[0]?.code === 0 ? 'yes' : 'no';
    expect((await questionOf(asker, question))?.answer?.answer).toBe(winner);
  });

  it('keeps an answer that comes after the question has expired, and refuses one to a withdrawn question', async () => {
    const asker = await session({ label: 'payments' });
    const expired = await asks(asker, 'Quick?');
    await store.append(asker, closedDraft(expired, 'expired'));
    const late = await answer(expired, 'yes');
    expect(late).toMatchObject({ code: 0, stdout: expect.stringContaining('kept for the next check of payments') });
    expect((await questionOf(asker, expired))?.lateAnswer?.answer).toBe('yes');
    const withdrawn = await asks(asker, 'Never mind');
    await store.append(asker, closedDraft(withdrawn, 'withdrawn'));
    const refused = await answer(withdrawn, 'yes');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('closed (withdrawn)') });
  });

  it('asks for more of the id when it fits several questions, and says when it fits none', async () => {
    const asker = await session();
    for (const digit of '12')
      await asks(asker, `Q${digit}`, { id: `abcd${digit.repeat(4)}-0000-4000-8000-000000000000` });
    const several = await answer('abcd', 'yes');
    expect(several.code).toBe(1);
    expect(several.stderr).toMatch(/2 questions begin with abcd.*\n.*abcd1111.*Q1\n.*abcd2222.*Q2\n/);
    expect(await answer('ffffffff', 'yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No live session'),
    });
    expect(await answer('abc', 'yes')).toMatchObject({ code: 2 });
    expect(await answer('not-an-id', 'yes')).toMatchObject({ code: 2 });
    expect(await answer()).toMatchObject({ code: 2, stderr: expect.stringContaining('question-id') });
    expect(await answer('abcd1111', '  ')).toMatchObject({ code: 1, stderr: expect.stringContaining('empty') });
  });
});

describe('switchboard log', () => {
  it('tells what happened in a session, in order, with what changed nothing marked', async () => {
    const asker = await session();
    const question = await asks(asker, 'Deploy\u001b[31m now?');
    await store.append(asker, givenAnswer(question, 'yes'));
    await store.append(asker, givenAnswer(question, 'no'));
    const { code, stdout } = await runSwitchboard(['log', asker.slice(0, 8)], { home });
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.replace(/^ {2}\d\d:\d\d:\d\d {2}/, ''));
    expect(lines[0]).toBe(place.log(asker));
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      'started      /home/ada/engine · main · pid 4242',
      `asked        ${question.slice(0, 8)}  Deploy␛[31m now?`,
      `answered     ${question.slice(0, 8)}  yes (Ada, telegram)`,
      '',
    ]);
  });

  it('finds an archived session, and says when there is none', async () => {
    const gone = await session();
    await store.archive(gone, async () => true);
    const { code, stdout } = await runSwitchboard(['log', gone], { home });
    expect(code).toBe(0);
    expect(stdout).toContain(join(place.directory, 'archive'));
    for (const name of ['ffff', '../..', 'checkout']) {
      expect(await runSwitchboard(['log', name], { home })).toMatchObject({
        code: 1,
        stderr:
          `No session "${name}" is there: \`switchboard status\` lists the live ones with their ids, ` +
          '`switchboard archive` the ids of archived ones.\n',
      });
    }
    const listed = await runSwitchboard(['archive'], { home });
    expect(listed.stdout).toContain(`  ${gone.slice(0, 8)}\n`);
  });

  it('finds a live session by what it is called, as tell does, and so does audit', async () => {
    const asker = await session({ label: 'checkout', ...processIdentity() });
    await asks(asker, 'Deploy?');
    await asks(await session({ label: 'checkout', ...processIdentity() }), 'Other?');
    const both = await runSwitchboard(['log', 'engine'], { home });
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('2 sessions are called so') });
    const { stdout } = await runSwitchboard(['log', `checkout · ${asker.slice(0, 8)}`], { home });
    expect(stdout).toContain('Deploy?');
    expect(stdout).not.toContain('Other?');
    const audit = (name: string) => runSwitchboard(['audit', '--session', name], { home });
    expect(await audit(`checkout · ${asker.slice(0, 8)}`)).toMatchObject({
      code: 0,
      stdout: 'No permission was asked for.\n',
    });
    expect(await audit('billing')).toMatchObject({ code: 1, stderr: expect.stringContaining('No session "billing"') });
  });
});
