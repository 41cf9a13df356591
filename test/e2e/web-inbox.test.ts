import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Inbox } from '../../src/channels/web/wire.ts';
import { startLine } from '../support/line.ts';
import { type McpProcess, recordsOf, startMcp } from '../support/mcp-client.ts';
import { hubLogged, kill, until } from '../support/switchboard.ts';
import { type OpenPage, WebClient } from '../support/web-client.ts';

/** The id of the question with this text, as soon as a page shows it. */
async function shownId(page: OpenPage, text: string): Promise<string> {
  const inbox = page.events.find(({ event }) => event === 'inbox')?.data as Inbox;
  const card = inbox.open.find(({ question }) => question === text);
  return (card ?? (await page.has('card', ({ question }) => question === text))).question_id;
}

async function recordTypes(session: McpProcess): Promise<unknown[]> {
  return recordsOf(session, await session.session()).map(({ type }) => type);
}

describe('an answer given in the page', () => {
  it('reaches the Claude Code instance that waits for it, and the page follows until it is delivered', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const page = await web.open();
    const asked = asker.call('ask_blocking_question', {
      question: 'Which database?',
      options: ['Postgres', { label: 'SQLite', description: 'one file' }],
      context: 'For the shop.',
      label: 'payments',
    });
    const id = await shownId(page, 'Which database?');
    const [card] = (await web.get<Inbox>('/api/inbox')).open;
    expect(card).toMatchObject({
      question_id: id,
      context: 'For the shop.',
      options: [{ label: 'Postgres' }, { label: 'SQLite', description: 'one file' }],
      session: { title: 'payments' },
      project_dir: asker.project,
      state: { status: 'pending' },
    });
    expect(await web.answer(id, { options: [1] })).toMatchObject({
      verdict: 'recorded',
      ok: true,
      message: 'Recorded for payments.',
      card: { state: { status: 'answered', answer: 'SQLite', answered_by: { channel: 'web' } } },
    });
    const { structuredContent } = await asked;
    expect(structuredContent).toMatchObject({ status: 'answered', answer: 'SQLite', selected: ['SQLite'] });
    await page.has('card', ({ question_id, state }) => {
      return question_id === id && state.status === 'answered' && state.delivered;
    });
    await page.has(
      'sessions',
      ({ open, sessions }) => open.length === 0 && sessions.every(({ pending }) => pending === 0),
    );
    expect((await web.get<Inbox>('/api/inbox')).recent.map(({ question }) => question)).toEqual(['Which database?']);
  });

  it('counts once however often it is sent, and says so of two that race', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const page = await web.open();
    const asked = asker.call('ask_blocking_question', { question: 'Deploy?', label: 'shop' });
    const id = await shownId(page, 'Deploy?');
    const presses = { yes: randomUUID(), no: randomUUID() };
    const answer = (text: 'yes' | 'no') => web.answer(id, { text }, presses[text]);
    const [yes, yesAgain, no] = await Promise.all([answer('yes'), answer('yes'), answer('no')]);
    // Each has a connection of its own, so either may be first.
    const [won, lost] = no.verdict === 'recorded' ? (['no', yes] as const) : (['yes', no] as const);
    const verdictOf = (text: string) => (text === won ? 'recorded' : 'already_answered');
    expect([yes, yesAgain, no].map(({ verdict }) => verdict)).toEqual(['yes', 'yes', 'no'].map(verdictOf));
    expect(lost.message).toMatch(new RegExp(`^Answered already by .+: “${won}”\\.$`));
    expect((await asked).structuredContent).toMatchObject({ answer: won });
    // The response was lost, and the page sends it once more.
    expect(await answer(won)).toMatchObject({ verdict: 'recorded' });
    // The same press with another content: what counts was recorded before.
    const other = await web.answer(id, { text: 'perhaps' }, presses[won]);
    expect(other.message).toMatch(new RegExp(`^Was recorded before for .*shop.*: “${won}”\\.$`));
    expect((await recordTypes(asker)).filter((type) => type === 'answer')).toHaveLength(1);
  });

  it('that cannot be taken gets a sentence of its own, and changes nothing', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const page = await web.open();
    const asked = asker.call('ask_blocking_question', { question: 'Go?', options: ['Yes', 'No'], allow_text: false });
    const id = await shownId(page, 'Go?');
    expect(await web.answer(id, { options: [7] })).toMatchObject({
      verdict: 'invalid',
      message: 'This question has no such option; nothing was recorded.',
    });
    expect(await web.answer(id, { text: 'perhaps' })).toMatchObject({
      verdict: 'invalid',
      message: 'This question takes one of its options, not text: Yes, No. Nothing was recorded.',
    });
    expect(await web.answer(randomUUID(), { text: 'x' })).toMatchObject({
      verdict: 'unknown_question',
      message: 'No running session asks this any more; nothing was recorded.',
    });
    await asker.call('mark_question_answered', { question_id: id });
    expect((await asked).structuredContent).toMatchObject({ status: 'answered_elsewhere' });
    expect(await web.answer(id, { options: [0] })).toMatchObject({ verdict: 'closed', message: 'Answered elsewhere.' });
  });
});

describe('the page', () => {
  it('settles by itself what was answered in Telegram, and Telegram what was answered in the page', async () => {
    const line = await startLine();
    const session = await line.start({ label: 'shop' });
    const web = await WebClient.enter(line.place.home);
    const page = await web.open();
    const first = session.call('ask_blocking_question', { question: 'By phone?' });
    const message = await line.api.waitFor(() => line.owner.messages().find(({ text }) => text?.includes('By phone?')));
    line.owner.says('yes', { replyTo: message });
    expect((await first).structuredContent).toMatchObject({ answer: 'yes' });
    await page.has('card', ({ question, state }) => {
      return question === 'By phone?' && state.status === 'answered' && state.delivered;
    });
    const second = session.call('ask_blocking_question', { question: 'By page?' });
    await line.api.waitFor(() => line.owner.messages().find(({ text }) => text?.includes('By page?')));
    await web.answer(await shownId(page, 'By page?'), { text: 'no' });
    expect((await second).structuredContent).toMatchObject({ answer: 'no' });
    await line.api.waitFor(() => line.owner.messages().find(({ text }) => /By page\?[\s\S]*\(web\)/.test(text ?? '')));
    // What was so already when the page was opened came with the inbox.
    const told = () =>
      page.events.flatMap((each) =>
        each.event === 'inbox' ? [each.data.channels] : each.event === 'channels' ? [each.data] : [],
      );
    await until(
      () =>
        told()
          .at(-1)
          ?.some(({ name, ok }) => name === 'telegram' && ok) ?? false,
      () => `that telegram is well, not ${JSON.stringify(told())}`,
    );
  });

  it('is found again after a killed hub: same address, same cookie, and what was open still is', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const page = await web.open();
    const asked = asker.call('ask_blocking_question', { question: 'Still there?' });
    const id = await shownId(page, 'Still there?');
    const { pid } = await hubLogged(asker.home, /hub started/);
    kill(pid, 'SIGKILL');
    await until(
      () => page.ended,
      () => 'the end of the stream',
    );
    await until(
      () =>
        web.get<Inbox>('/api/inbox').then(
          ({ hub, open }) => hub.pid !== pid && open.length === 1,
          () => false,
        ),
      () => 'the inbox of another hub, at the same port and with the same cookie',
    );
    const again = await web.open();
    expect(await shownId(again, 'Still there?')).toBe(id);
    await web.answer(id, { text: 'yes' });
    expect((await asked).structuredContent).toMatchObject({ answer: 'yes' });
  });

  it('that is open is what a question was shown in; without one, nothing is written and the waiting call says where to look', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const address = new RegExp(
      `http://127\\.0\\.0\\.1:${web.port}, no page open \\(\`switchboard web\` prints the link\\)`,
    );
    const progress: string[] = [];
    const words = async (): Promise<string> => {
      const { structuredContent } = await asker.call('notify_user', { message: 'Done.' });
      return String((structuredContent as { note?: string }).note);
    };
    await until(
      async () => address.test(await words()),
      () => 'a note that says that no page is open',
    );
    const asked = asker.call(
      'ask_blocking_question',
      { question: 'Anybody?' },
      { onprogress: ({ message }) => void progress.push(message ?? '') },
    );
    await until(
      () => progress.length > 0,
      () => 'progress',
    );
    expect(progress[0]).toMatch(address);
    await until(
      async () => (await web.get<Inbox>('/api/inbox')).open.length === 1,
      () => 'the question in the inbox',
    );
    expect(await recordTypes(asker)).not.toContain('question_shown');

    const page = await web.open();
    const id = await shownId(page, 'Anybody?');
    const session = await asker.session();
    const shown = () =>
      recordsOf(asker, session).find(({ type, question_id }) => type === 'question_shown' && question_id === id);
    await until(
      () => shown() !== undefined,
      () => 'a record of what the page shows',
    );
    expect(shown()).toMatchObject({ channel: 'web', chat: 'page' });
    await until(
      async () => (await words()) === 'undefined',
      () => 'a notice without a note',
    );
    await web.answer(id, { text: 'yes' });
    await asked;
    expect((await web.get<Inbox>('/api/inbox')).recent.some(({ kind }) => kind === 'notice')).toBe(true);
  });

  it('gets the whole of a long context when it asks for it', async () => {
    const asker = await startMcp();
    const web = await WebClient.enter(asker.home);
    const page = await web.open();
    const context = `${'long '.repeat(10_000)}end`;
    const asked = asker.call('ask_blocking_question', { question: 'Read it?', context });
    const id = await shownId(page, 'Read it?');
    const cut = await page.has('card', (card) => card.question_id === id && card.context_cut === true);
    expect(cut.context).toHaveLength(8_000);
    expect((await web.get<{ context: string }>(`/api/questions/${id}`)).context).toBe(context);
    await web.answer(id, { text: 'yes' });
    await asked;
  });
});
