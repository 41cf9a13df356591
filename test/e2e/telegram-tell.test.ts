import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, desk, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();

const checkout = session('checkout page', 1);
const search = session('search · main', 2);
const long = (minutes = 5) => new Date(Date.now() - minutes * 60_000).toISOString();
const by = { channel: 'telegram', id: '9', name: 'Cid' };

describe('/tell', () => {
  it('brings a text to the session that is called so, and says whether Claude has it', async () => {
    line.start();
    desk.add('First?', { session: checkout });
    desk.add('Second?', { session: search });
    ann.says('/tell Checkout Page use the cache');
    await line.seen('For checkout page: Claude has it.');
    desk.wordVerdicts.push({ verdict: 'written', session: search, delivered: Promise.resolve(false) });
    ann.says('/tell search · main\nand the index');
    await line.seen('For search · main: written down; Claude gets it with its next step.');
    ann.says(`/tell ${checkout.id.slice(0, 36)} by its id`);
    await api.waitFor(() => desk.words.length === 3);
    expect(desk.words.map(({ session: to, text }) => [to, text])).toEqual([
      [checkout.id, 'use the cache'],
      [search.id, 'and the index'],
      [checkout.id, 'by its id'],
    ]);
  });

  it('asks which by buttons when several may be meant, also after a restart, and sends it once', async () => {
    line.start();
    desk.add('First?', { session: checkout });
    desk.add('Second?', { session: search });
    ann.says('/tell shop stop after this');
    const asking = await line.seen('Which session is this for?');
    expect(buttonTexts(asking)).toEqual(['checkout page', 'search · main']);
    await line.restart();
    ann.presses(asking, 'search');
    await api.waitFor(() => line.now(asking).text === 'For search · main: Claude has it.');
    ann.presses(asking, { data: asking.reply_markup?.inline_keyboard[1]?.[0]?.callback_data ?? '' });
    await api.waitFor(() => desk.words.length === 2);
    expect(new Set(desk.words.map(({ cause }) => cause)).size).toBe(1);
    expect(desk.words[0]).toMatchObject({ session: search.id, text: 'stop after this' });
  });

  it('that Telegram brings again is the word that it was, also when no session is called so any more', async () => {
    line.start();
    desk.add('First?', { session: checkout });
    ann.says('/tell checkout page stop');
    await line.seen('For checkout page: Claude has it.');
    desk.rename(checkout, 'billing');
    await api.waitFor(() => api.unconfirmed === 0);
    api.repeat();
    await api.waitFor(() => desk.words.length === 2);
    expect(desk.words.map(({ session: to }) => to)).toEqual([checkout.id, checkout.id]);
    expect(new Set(desk.words.map(({ cause }) => cause)).size).toBe(1);
  });

  it('says how when it names no session, or says nothing', async () => {
    line.start();
    desk.add('First?', { session: checkout });
    ann.says('/tell billing stop');
    await line.seen('No running session is called so; nothing was sent or changed.');
    ann.says('/tell checkout page');
    await line.seen('Say to whom, and what');
    expect(desk.words).toEqual([]);
  });
});

describe('a reply', () => {
  it('to a notice, or to a card that ended a while ago, is a word to its session', async () => {
    line.start();
    const notice = await desk.ask('All tests pass.', { session: checkout, kind: 'notice' });
    ann.says('then deploy', { replyTo: line.last() });
    await line.seen('For checkout page: Claude has it.');
    const card = await desk.ask('Ship it?', { session: search });
    const shown = line.last();
    const state = { status: 'answered', answer: 'Yes', answered_by: by, answered_at: long(), delivered: true } as const;
    await desk.end(card.question_id, state);
    ann.says('and tell the team', { replyTo: shown });
    await line.seen('For search · main: Claude has it.');
    expect(desk.words.map(({ session: to, text }) => [to, text])).toEqual([
      [notice.session.id, 'then deploy'],
      [search.id, 'and tell the team'],
    ]);
  });

  it('to a card that somebody else has just answered is not taken for a word: it may have been meant as the answer', async () => {
    line.start();
    const card = await desk.ask('Ship it?', { session: checkout });
    const shown = line.last();
    const answered_at = new Date().toISOString();
    const state = { status: 'answered', answer: 'Yes', answered_by: by, answered_at, delivered: true } as const;
    await desk.end(card.question_id, state);
    ann.says('No', { replyTo: shown });
    await line.seen('Answered already by Cid: “Yes”. To say it to the session all the same, send it again.');
    expect(desk.words).toEqual([]);
  });

  it('to a card of a session that is over is said to be recorded nowhere', async () => {
    line.start();
    const card = await desk.ask('Ship it?', { session: checkout });
    await desk.end(card.question_id, { status: 'closed', reason: 'session_ended', at: long() });
    ann.says('hello?', { replyTo: line.last() });
    await line.seen('The session has ended; nobody waits for an answer any more.');
    expect(desk.words).toEqual([]);
  });

  it('that Telegram brings again is the word that it was, though a question is open by then', async () => {
    line.start();
    await desk.ask('All tests pass.', { session: checkout, kind: 'notice' });
    ann.says('then deploy', { replyTo: line.last() });
    await line.seen('For checkout page: Claude has it.');
    await api.waitFor(() => api.unconfirmed === 0);
    await desk.ask('Deploy?', { session: checkout });
    api.repeat();
    await api.waitFor(() => desk.words.length === 2);
    expect(new Set(desk.words.map(({ cause }) => cause)).size).toBe(1);
    expect(desk.answers).toEqual([]);
  });
});

describe('/away and /back', () => {
  it('say for all sessions, or for one, whether somebody is at the desk; /status says so', async () => {
    line.start();
    desk.add('First?', { session: checkout });
    desk.add('Second?', { session: search });
    ann.says('/away');
    await line.seen('You are away: what Claude Code wants comes here at once.');
    expect(desk.presence()).toEqual({ away: true, sessions: {} });
    ann.says('/back checkout page');
    await line.seen('You are back at checkout page:');
    ann.says('/status');
    await line.seen('Away, but at the desk of checkout page: /back');
    ann.says('/back');
    await line.seen('You are back: what can be answered in the terminal may wait for you there first.');
    expect(desk.presence()).toEqual({ away: false, sessions: {} });
    ann.says('/away shop');
    await line.seen('Several are called so: checkout page, search · main.');
    ann.says('/away billing');
    await line.seen('No running session is called so; nothing was sent or changed.');
    expect(desk.presence()).toEqual({ away: false, sessions: {} });
  });
});
