import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { holdLock } from '../support/held-lock.ts';
import { startLine } from '../support/line.ts';
import { type McpProcess, recordsOf } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { archivedPath } from '../support/store-places.ts';
import { hubLogged, kill, runSwitchboard, until } from '../support/switchboard.ts';

interface Asked {
  readonly question_id: string;
  readonly status: string;
  readonly answer?: string;
  readonly selected?: string[];
}

async function ask(session: McpProcess, input: object): Promise<Asked> {
  const result = await session.call('ask_blocking_question', input);
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  return result.structuredContent as unknown as Asked;
}

describe('the line', () => {
  it('brings a question to the phone and the pressed option back, and says delivered', async () => {
    const { api, owner, start } = await startLine();
    const session = await start({ label: 'checkout' });
    const asked = ask(session, { question: 'Which flow?', options: ['Redirect', 'Embedded'], context: 'See PR 7.' });
    const card = await openCard(api, owner, 'Which flow?');
    expect(card.text).toContain('checkout');
    expect(card.text).toContain('See PR 7.');
    expect(buttonTexts(card)).toEqual(['Redirect', 'Embedded', expect.stringContaining('Write an answer')]);
    const press = owner.presses(card, 'Embedded');
    expect(await asked).toMatchObject({ status: 'answered', answer: 'Embedded', selected: ['Embedded'] });
    const settled = await settledCard(api, owner, 'Which flow?', 'delivered');
    expect(settled.text).toMatch(/Embedded[\s\S]*Ada/);
    await api.waitFor(() => press.answer);
    expect(recordsOf(session, await session.session()).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['session_metadata', 'question', 'question_shown', 'answer', 'answer_delivered']),
    );
  });

  it('confirms a press to Telegram only once the answer is in the file', async () => {
    const { api, owner, start } = await startLine();
    const session = await start();
    const asked = ask(session, { question: 'Which flow?', options: ['Redirect', 'Embedded'] });
    const card = await openCard(api, owner, 'Which flow?');
    const id = await session.session();
    await api.waitFor(() => api.polled && recordsOf(session, id).some(({ type }) => type === 'question_shown'));
    // Another writer has the lock and does not move: the hub waits for it half a second.
    await holdLock(session.sessionsDirectory, id);
    owner.presses(card, 'Embedded');
    expect(api.unconfirmed).toBe(1);
    const written = await api.waitFor(() => api.unconfirmed === 0 && recordsOf(session, id));
    expect(written.filter(({ type }) => type === 'answer')).toMatchObject([{ answer: 'Embedded' }]);
    expect(await asked).toMatchObject({ answer: 'Embedded' });
  });

  it('takes a plain text as the answer when one question is open', async () => {
    const { api, owner, start } = await startLine();
    const session = await start();
    const asked = ask(session, { question: 'What shall it be called?' });
    await openCard(api, owner, 'What shall it be called?');
    owner.says('switch_board *bold* [x](y) <b>');
    expect(await asked).toMatchObject({ status: 'answered', answer: 'switch_board *bold* [x](y) <b>' });
  });

  it('holds a text when several questions are open, and gives it to the one that the person chooses', async () => {
    const { api, owner, start } = await startLine();
    const [a, b] = [await start({ label: 'alpha' }), await start({ label: 'beta' })];
    const [askedA, askedB] = [ask(a, { question: 'A?' }), ask(b, { question: 'B?' })];
    await openCard(api, owner, 'A?');
    await openCard(api, owner, 'B?');
    owner.says('for beta');
    const which = await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('Which question')));
    owner.presses(which, 'beta');
    expect(await askedB).toMatchObject({ answer: 'for beta' });
    const card = await openCard(api, owner, 'A?');
    owner.says('for alpha', { replyTo: card });
    expect(await askedA).toMatchObject({ answer: 'for alpha' });
  });

  it('gives each of several instances its own answer only', async () => {
    const { api, owner, start } = await startLine();
    const sessions = await Promise.all(['one', 'two', 'three'].map((label) => start({ label })));
    const answers = sessions.map((session, index) =>
      ask(session, { question: `Question ${index}?`, options: [`yes-${index}`, `no-${index}`] }),
    );
    for (const index of [2, 0, 1]) owner.presses(await openCard(api, owner, `Question ${index}?`), `yes-${index}`);
    expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual(['yes-0', 'yes-1', 'yes-2']);
  });

  it('refuses strangers and changes nothing', async () => {
    const { api, owner, start } = await startLine();
    const stranger = api.user(666, 'Mallory');
    const session = await start();
    const asked = ask(session, { question: 'Deploy?', options: ['Yes', 'No'] });
    const card = await openCard(api, owner, 'Deploy?');
    stranger.says('/pending');
    const refusal = await api.waitFor(() => stranger.messages().at(-1));
    expect(refusal.text).not.toContain('Deploy');
    const press = stranger.presses(card, 'Yes');
    await api.waitFor(() => press.answer);
    stranger.says('Yes', { chat: OWNER_CHAT, replyTo: card });
    owner.presses(card, 'No');
    expect(await asked).toMatchObject({ answer: 'No' });
  });

  it('tells who was first when an old button is pressed, and answers nothing else with it', async () => {
    const { api, owner, start } = await startLine();
    const session = await start();
    const first = ask(session, { question: 'First?', options: ['Yes', 'No'] });
    const old = await openCard(api, owner, 'First?');
    owner.presses(old, 'Yes');
    await first;
    const second = ask(session, { question: 'Second?', options: ['Yes', 'No'] });
    const card = await openCard(api, owner, 'Second?');
    const press = owner.presses(old, 'No');
    expect((await api.waitFor(() => press.answer)).text).toMatch(/already.*Ada.*Yes/);
    owner.presses(card, 'No');
    expect(await second).toMatchObject({ answer: 'No' });
  });

  it('brings an answer that was tapped while no hub ran', async () => {
    const { api, owner, place, start } = await startLine();
    const session = await start();
    const asked = ask(session, { question: 'Still there?', options: ['Yes', 'No'] });
    const card = await openCard(api, owner, 'Still there?');
    await api.waitFor(() => api.polled);
    kill(await hubOf(place.home), 'SIGKILL');
    owner.presses(card, 'Yes');
    expect(await asked).toMatchObject({ answer: 'Yes' });
    await settledCard(api, owner, 'Still there?', 'delivered');
  });

  it('settles the card and archives the file when an instance is killed', async () => {
    const { api, owner, start } = await startLine();
    const witness = await start({ label: 'witness' });
    const victim = await start({ label: 'victim' });
    const id = await victim.session();
    const asked = ask(victim, { question: 'Alive?' }).catch(() => 'call failed');
    await openCard(api, owner, 'Alive?');
    kill(victim.pid, 'SIGKILL');
    await settledCard(api, owner, 'Alive?', /session has ended/);
    const archived = () => archivedPath(witness.sessionsDirectory, `${id}.jsonl`);
    await until(
      () => isReadable(archived()),
      () => `the archived file ${archived()}`,
    );
    expect(await asked).toBe('call failed');
    await hubLogged(witness.home, /archived/);
  });

  it('tells Claude and status when no message reaches the owner, and shows the card once the bot is opened', async () => {
    const { api, owner, place, start } = await startLine();
    owner.blocks();
    const session = await start({ timings: { progress: 50 } });
    const messages: string[] = [];
    const asked = session.call(
      'ask_blocking_question',
      { question: 'Anybody there?', options: ['Yes', 'No'] },
      { onprogress: ({ message = '' }) => void messages.push(message) },
    );
    await until(
      async () => (await runSwitchboard(['status'], { home: place.home })).stdout.includes('no message reaches 7'),
      () => 'the trouble in status',
    );
    await until(
      () => messages.some((message) => message.includes('no message reaches 7')),
      () => `the trouble in the progress: ${messages}`,
    );
    owner.unblocks();
    owner.says('/start');
    const card = await openCard(api, owner, 'Anybody there?');
    owner.presses(card, 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
  });

  it('lists what is open with /pending and what lives with /status', async () => {
    const { api, owner, start } = await startLine();
    const session = await start({ label: 'alpha' });
    const asked = ask(session, { question: 'Which colour?', options: ['red', 'blue'] });
    await openCard(api, owner, 'Which colour?');
    owner.says('/pending');
    const list = await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('Pending questions (1)')));
    expect(buttonTexts(list)[0]).toMatch(/alpha.*Which colour\?/);
    owner.presses(list, 'alpha');
    const copy = await api.waitFor(() => owner.messages().filter(({ text }) => text?.includes('Which colour?'))[1]);
    owner.says('/status');
    await api.waitFor(() => owner.messages().find(({ text }) => /alpha.*1 open question/.test(text ?? '')));
    owner.presses(copy, 'blue');
    expect(await asked).toMatchObject({ answer: 'blue' });
    owner.says('/pending');
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('No question is waiting')));
  });
});

const OWNER_CHAT = 7;

async function hubOf(home: string): Promise<number> {
  return (await hubLogged(home, /hub started/)).pid;
}

function isReadable(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').length > 0;
  } catch {
    return false;
  }
}
