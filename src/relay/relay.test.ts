import { v4 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { arrange, ask, gone, openSession, owner, PID, press, stateOf } from '../../test/support/relay-stage.ts';
import { until } from '../../test/support/switchboard.ts';
import { closedDraft, deliveredDraft } from '../domain/drafts.ts';
import type { QuestionId } from '../domain/ids.ts';
import { ChannelError } from './errors.ts';

describe('Relay', () => {
  it('lists open questions oldest first, whichever session was read first', async () => {
    const { relay, store, session } = arrange();
    await relay.addStore('/d', store);
    const [a, b] = [await openSession(session), await openSession(session)];
    const young = await ask(session, a, { created_at: '2026-11-20T12:00:00.000Z' });
    const old = await ask(session, b, { created_at: '2026-11-20T11:00:00.000Z' });
    await relay.look(a);
    await relay.look(b);
    expect(relay.inbox().map((card) => card.question_id)).toEqual([old, young]);
  });

  it('shows a question once in every chat and writes down where', async () => {
    const { relay, store, session, channel } = arrange({ chats: ['1', '2'] });
    await relay.addStore('/d', store);
    const id = await openSession(session, { branch: 'main' });
    const question = await ask(session, id, { options: [{ label: 'Left' }, { label: 'Right' }] });
    await channel.until(() => channel.shown.length === 2);
    expect(channel.shown.map(({ chat }) => chat).sort()).toEqual(['1', '2']);
    expect(channel.shown[0]?.card).toMatchObject({ question: 'Which way?', session: { title: 'shop · main' } });
    // Written down once the channel has said where.
    const shown = async () => [...((await stateOf(store, id)).questions.get(question)?.shown.keys() ?? [])].sort();
    await expect.poll(shown).toEqual(['phone:1', 'phone:2']);
    await relay.look(id, '/d');
    expect([...relay.refs(question, 'phone').keys()].sort()).toEqual(['1', '2']);
    expect(relay.refs(question, 'another channel').size).toBe(0);
    expect(channel.shown).toHaveLength(2);
  });

  it('writes the answer down before it says recorded, and tells the asking session alone', async () => {
    const { relay, store, session, channel, told } = arrange();
    await relay.addStore('/d', store);
    const [a, b] = [await openSession(session), await openSession(session)];
    const question = await ask(session, a, { options: [{ label: 'Left' }, { label: 'Right' }] });
    await ask(session, b);
    await channel.until(() => channel.shown.length === 2);
    const verdict = await relay.answer(press(question, { options: [1] }));
    expect(verdict).toMatchObject({ verdict: 'recorded', card: { state: { status: 'answered', answer: 'Right' } } });
    expect((await stateOf(store, a)).questions.get(question)?.answer?.answer).toBe('Right');
    expect(told).toEqual([a]);
  });

  it('settles the card when the question ends, and again when Claude has the answer', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const question = await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    await relay.answer(press(question, { text: 'left' }));
    await channel.until(() => channel.settled.length === 1);
    expect(channel.settled[0]).toMatchObject({ ref: '1/1', card: { state: { status: 'answered', delivered: false } } });
    await session.append(id, deliveredDraft({ question_id: question }));
    await channel.until(() => channel.settled.length === 2);
    expect(channel.settled[1]).toMatchObject({ card: { state: { status: 'answered', delivered: true } } });
  });

  it('lets the first answer win and tells the second who was first', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const question = await ask(session, await openSession(session));
    await channel.until(() => channel.shown.length === 1);
    const verdicts = await Promise.all([
      relay.answer(press(question, { text: 'left' })),
      relay.answer(press(question, { text: 'right' })),
    ]);
    expect(verdicts.map(({ verdict }) => verdict).sort()).toEqual(['already_answered', 'recorded']);
    const cards = verdicts.map((verdict) => ('card' in verdict ? verdict.card.state : null));
    expect(cards[0]).toMatchObject({ status: 'answered', answered_by: owner });
    expect(cards[1]).toMatchObject({ answer: (cards[0] as { answer: string }).answer });
  });

  it('says recorded again for the same press, and records it once', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const question = await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    const same = press(question, { text: 'left' });
    expect((await relay.answer(same)).verdict).toBe('recorded');
    expect((await relay.answer(same)).verdict).toBe('recorded');
    const read = await store.read(id, null, 100);
    expect(read?.records.filter(({ type }) => type === 'answer')).toHaveLength(1);
  });

  it('hears owners only', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const question = await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    const stranger = { ...press(question, { text: 'left' }), person: { ...owner, id: '666' } };
    expect(await relay.answer(stranger)).toEqual({ verdict: 'not_allowed' });
    expect((await stateOf(store, id)).open.size).toBe(1);
  });

  it('refuses what is no answer to the question, and keeps it open', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const question = await ask(session, id, { options: [{ label: 'Left' }, { label: 'Right' }], allow_text: false });
    await channel.until(() => channel.shown.length === 1);
    expect((await relay.answer(press(question, { options: [7] }))).verdict).toBe('invalid');
    expect((await relay.answer(press(question, { text: 'up' }))).verdict).toBe('invalid');
    expect((await relay.answer(press(question, { text: 'left' }))).verdict).toBe('recorded');
    expect(await relay.answer(press(v4() as QuestionId, { text: 'x' }))).toEqual({ verdict: 'unknown_question' });
  });

  it('keeps an answer that comes after the question expired, once', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const question = await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    await session.append(id, closedDraft(question, 'expired'));
    expect((await relay.answer(press(question, { text: 'late' }))).verdict).toBe('recorded_late');
    expect((await relay.answer(press(question, { text: 'later' }))).verdict).toBe('already_answered');
    const state = (await stateOf(store, id)).questions.get(question);
    expect(state).toMatchObject({ status: 'closed', lateAnswer: { answer: 'late' } });
  });

  it('tries a card again after a failure, records the failure once, and holds up no other card', async () => {
    const { relay, store, session, channel } = arrange();
    channel.showFailures.push(new Error('unreachable'), new Error('unreachable'));
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await ask(session, id);
    await ask(session, id);
    await channel.until(() => channel.shown.length === 2);
    const errors = async () => (await store.read(id, null, 100))?.records.filter(({ type }) => type === 'error').length;
    // Written beside the next attempt, which does not wait for it.
    await expect.poll(errors).toBeGreaterThan(0);
    expect(await errors()).toBeLessThanOrEqual(2);
  });

  it('gives up a card that can never be shown, without holding up the archive', async () => {
    const { relay, store, session, channel, processes } = arrange();
    channel.showFailures.push(new ChannelError('blocked', { permanent: true }));
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await ask(session, id);
    await channel.until(() => channel.showFailures.length === 0);
    processes.delete(PID);
    const archived = gone(store, id);
    relay.sessionsChanged();
    await archived;
    expect(channel.shown).toEqual([]);
  });

  it('tries a card that was refused for good again as soon as its chat is opened', async () => {
    const { relay, store, session, channel } = arrange();
    channel.showFailures.push(new ChannelError('blocked', { permanent: true }));
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await ask(session, id);
    // By then the relay has heard of the refusal.
    await expect
      .poll(async () => (await store.read(id, null, 100))?.records.some(({ type }) => type === 'error'))
      .toBe(true);
    relay.retryCards();
    await channel.until(() => channel.shown.length === 1);
  });

  it('does not wait for the next retry once the channel works again', async () => {
    const { relay, store, session, channel } = arrange({ timings: { retryMin: 60_000, retryMax: 60_000 } });
    channel.showFailures.push(new Error('unreachable'));
    await relay.addStore('/d', store);
    await ask(session, await openSession(session));
    await channel.until(() => channel.showFailures.length === 0);
    await until(
      () => {
        relay.retryCards();
        return channel.shown.length === 1;
      },
      () => 'the card',
    );
  });

  it('counts a finished session as live for as long as its last notice has not been shown', async () => {
    const { relay, store, session, channel, processes } = arrange();
    channel.showFailures.push(...Array.from({ length: 1_000 }, () => new Error('unreachable')));
    await relay.addStore('/d', store);
    await ask(session, await openSession(session), { kind: 'notice', question: 'Done.' });
    await channel.until(() => channel.showFailures.length < 1_000);
    processes.delete(PID);
    expect(relay.liveSessions()).toBe(1);
    channel.showFailures.length = 0;
    await channel.until(() => channel.shown.length === 1);
    await until(
      () => relay.liveSessions() === 0,
      () => 'the end of the session',
    );
  });

  it('closes, settles and archives the session of a process that is gone', async () => {
    const { relay, store, session, channel, processes } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    processes.delete(PID);
    const archived = gone(store, id);
    relay.sessionsChanged();
    await archived;
    expect(channel.settled.at(-1)?.card.state).toMatchObject({ status: 'closed', reason: 'session_ended' });
    const types = session.archivedRecords(id)?.map((record) => record.type) ?? [];
    expect(types.slice(-3)).toEqual(['question_closed', 'question_settled', 'system']);
    // The relay hears of the move after it is made.
    await expect.poll(() => relay.liveSessions()).toBe(0);
  });

  it('finds a session that was killed as soon as it had come, though nobody tells of it', async () => {
    const { relay, store, session, processes } = arrange({ timings: { heartbeat: 3_600_000 } });
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await relay.look(id);
    const archived = gone(store, id);
    processes.delete(PID);
    await archived;
  });

  it('archives nothing while the card of a finished session cannot be settled, and does so once it can', async () => {
    const { relay, store, session, channel, processes } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    await ask(session, id);
    await channel.until(() => channel.shown.length === 1);
    channel.settleFailures.push(new Error('unreachable'), new Error('unreachable'));
    processes.delete(PID);
    const archived = gone(store, id);
    relay.sessionsChanged();
    await channel.until(() => channel.settleFailures.length === 0);
    expect(await store.sessions()).toEqual([id]);
    await archived;
    expect(channel.settled).toHaveLength(1);
  });

  it('goes on where a killed hub stopped: shows what was not shown, settles what was not settled, repeats nothing', async () => {
    const first = arrange();
    await first.relay.addStore('/d', first.store);
    const id = await openSession(first.session);
    const [a, b, c] = [await ask(first.session, id), await ask(first.session, id), await ask(first.session, id)];
    await first.channel.until(() => first.channel.shown.length === 3);
    await first.relay.answer(press(a, { text: 'one' }));
    await first.channel.until(() => first.channel.settled.length === 1);
    await first.relay.look(id);
    await first.stop();

    await first.session.append(id, deliveredDraft({ question_id: a }));
    await first.session.append(id, closedDraft(b, 'withdrawn'));
    const d = await ask(first.session, id);

    const second = arrange({ memory: first.session });
    await second.relay.addStore('/d', second.store);
    await second.channel.until(() => second.channel.shown.length === 1 && second.channel.settled.length === 2);
    expect(second.channel.shown[0]?.card.question_id).toBe(d);
    const settled = new Map(second.channel.settled.map(({ card }) => [card.question_id, card.state]));
    expect(settled.get(a)).toMatchObject({ status: 'answered', delivered: true });
    expect(settled.get(b)).toMatchObject({ status: 'closed', reason: 'withdrawn' });
    expect(second.relay.inbox().map((card) => card.question_id)).toEqual([c, d]);
  });

  it('shows a notice, lists it nowhere, and takes no answer to it', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const notice = await ask(session, await openSession(session), { kind: 'notice', question: 'Done.' });
    await channel.until(() => channel.shown.length === 1);
    expect(relay.inbox()).toEqual([]);
    expect((await relay.answer(press(notice, { text: 'thanks' }))).verdict).toBe('invalid');
  });

  it('shows open questions in a chat that is new', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    await ask(session, await openSession(session));
    await channel.until(() => channel.shown.length === 1);
    channel.addChat('2');
    relay.retryCards();
    await channel.until(() => channel.shown.length === 2);
    expect(channel.shown[1]?.chat).toBe('2');
  });

  it('reads a context that is kept beside the log before it shows the card', async () => {
    const { relay, store, session, channel } = arrange();
    await relay.addStore('/d', store);
    const id = await openSession(session);
    const context_file = await session.attach(id, 'long.md', 'x'.repeat(20_000));
    await ask(session, id, { context_file });
    await channel.until(() => channel.shown.length === 1);
    expect(channel.shown[0]?.card.context).toHaveLength(20_000);
  });

  it('tells sessions apart that would be called the same', async () => {
    const { relay, store, session } = arrange();
    await relay.addStore('/d', store);
    const [a, b, c] = [
      await openSession(session),
      await openSession(session),
      await openSession(session, { label: 'tax' }),
    ];
    await Promise.all([a, b, c].map((id) => relay.look(id)));
    const titles = relay.sessions().map(({ name }) => name.title);
    expect(titles.sort()).toEqual([`shop · ${a.slice(0, 8)}`, `shop · ${b.slice(0, 8)}`, 'tax'].sort());
  });
});
