import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryPresence } from '../../test/support/memory-presence.ts';
import { permissionBody } from '../../test/support/own-session.ts';
import type { RecordingChannel } from '../../test/support/recording-channel.ts';
import { newQuestion } from '../../test/support/records.ts';
import { arrange, ask, openSession, owner, press, stateOf } from '../../test/support/relay-stage.ts';
import { until } from '../../test/support/switchboard.ts';
import { messageDeliveredDraft } from '../domain/drafts.ts';
import { eventIdFrom, type QuestionId, type SessionId } from '../domain/ids.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import { Confirmations } from './confirmations.ts';

const DANGER = 'Deletes files and directories, and everything in them.';
const ALLOW = { options: [0] };
const stranger = { channel: 'phone', id: '666', name: 'Eve' };

type Wish = Partial<Parameters<typeof permissionBody>[1]> & { readonly context_file?: string };

/** Asks for leave to run a command, dangerous unless told otherwise. */
function permit(store: MemoryStore, session: SessionId, wish: Wish = {}) {
  const { context_file, ...rest } = wish;
  const all = { command: 'rm -rf build', dangers: [DANGER], ...rest };
  const { id: _, type: __, ...body } = permissionBody(newQuestion(), all);
  return ask(store, session, context_file === undefined ? body : { ...body, context: undefined, context_file });
}

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
/** So much later it is from now on. */
const later = (ms: number) => void vi.setSystemTime(Date.now() + ms);

describe('a dangerous permission', () => {
  it('is recorded only when it was said twice, whoever brings it, and the record says so', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session, { label: 'checkout' });
    const question = await permit(session, id);
    const first = await relay.answer(press(question, ALLOW));
    expect(first).toMatchObject({ verdict: 'confirm', option: 0, dangers: [DANGER], pin: false });
    expect('card' in first && first.card.context).toContain('rm -rf build');
    expect((await stateOf(session, id)).questions.get(question)?.status).toBe('pending');
    const second = await relay.answer({ ...press(question, ALLOW), confirmed: true });
    expect(second.verdict).toBe('recorded');
    expect((await stateOf(session, id)).questions.get(question)?.answer).toMatchObject({ confirmed: 'twice' });
  });

  it('is denied by one press, and by a text that says why', async () => {
    const { session, store, relay } = arrange({ confirmations: new Confirmations('4711') });
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const [one, two] = [await permit(session, id), await permit(session, id)];
    expect(await relay.answer(press(one, { options: [1] }))).toMatchObject({ verdict: 'recorded' });
    expect(await relay.answer(press(two, { text: 'use git clean' }))).toMatchObject({ verdict: 'recorded' });
    expect((await stateOf(session, id)).questions.get(one)?.answer?.confirmed).toBeUndefined();
  });

  it('needs the PIN where one is set; neither a wrong one nor digits in its place are ever written down', async () => {
    const { session, store, relay } = arrange({ confirmations: new Confirmations('4711') });
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const question = await permit(session, id);
    const yes = (pin?: string) => relay.answer({ ...press(question, ALLOW), confirmed: true, ...(pin ? { pin } : {}) });
    expect(await yes()).toMatchObject({ verdict: 'confirm', pin: true });
    expect(await yes('0815')).toMatchObject({ verdict: 'wrong_pin', attempts_left: 4 });
    expect(await relay.answer(press(question, { text: '4711' }))).toMatchObject({ verdict: 'invalid' });
    expect(await yes('4711')).toMatchObject({ verdict: 'recorded' });
    const state = await stateOf(session, id);
    expect(state.questions.get(question)?.answer).toMatchObject({ confirmed: 'pin', answer: 'Allow once' });
    expect(JSON.stringify([...state.questions.values()].map(({ answer }) => answer))).not.toMatch(/4711|0815/);
  });

  it('cannot be allowed by a stranger, confirmed or not', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const question = await permit(session, await openSession(session));
    const forged = { ...press(question, ALLOW), person: stranger, confirmed: true } as const;
    expect(await relay.answer(forged)).toEqual({ verdict: 'not_allowed' });
  });

  it('that was asked again is another question: the button of the old card changes nothing for the new one', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const old = await permit(session, id, { command: 'rm -rf build' });
    await relay.answer(press(old, { options: [1] }));
    const changed = await permit(session, id, { command: 'rm -rf /home/ada' });
    expect(changed).not.toBe(old);
    const late = await relay.answer({ ...press(old, ALLOW), confirmed: true });
    expect(late).toMatchObject({ verdict: 'already_answered', card: { question_id: old } });
    expect((await stateOf(session, id)).questions.get(changed)?.status).toBe('pending');
  });

  it('that has expired takes no late yes: nobody waits for it, and it must not look like one', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const question = await permit(session, id, { dangers: [] });
    const closed = { type: 'question_closed', question_id: question, reason: 'expired' } as const;
    await session.append(id, { id: eventIdFrom('expired', question), slot: `outcome:${question}`, body: closed });
    expect(await relay.answer(press(question, ALLOW))).toMatchObject({ verdict: 'closed' });
    expect((await stateOf(session, id)).questions.get(question)?.lateAnswer).toBeUndefined();
  });
});

describe('a harmless permission', () => {
  it.each([{ text: '1' }, { text: 'Allow once' }, { text: 'allow FOR this session' }, { caption: '1.', files: [] }])(
    'is not allowed by what somebody writes, and stays open: %j',
    async (given) => {
      const { session, store, relay } = arrange();
      await relay.addStore('/sessions', store);
      const id = await openSession(session);
      const question = await permit(session, id, { dangers: [], grant: 'Bash(make *)' });
      const message = expect.stringContaining('Press one of the buttons to allow this');
      expect(await relay.answer(press(question, given))).toEqual({ verdict: 'invalid', message });
      expect((await stateOf(session, id)).questions.get(question)?.status).toBe('pending');
      expect(await relay.answer(press(question, ALLOW))).toMatchObject({ verdict: 'recorded' });
    },
  );
});

describe('a permission whose context lies beside the log', () => {
  const isShown = (channel: RecordingChannel, question: QuestionId) =>
    channel.shown.find(({ card }) => card.question_id === question)?.card;

  it('is offered whole, and allowed by one press when it is harmless', async () => {
    const { session, store, relay, channel } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const context_file = await session.attach(id, 'long.txt', 'make all');
    const question = await permit(session, id, { dangers: [], context_file });
    await channel.until(() => isShown(channel, question) !== undefined);
    expect(isShown(channel, question)).toMatchObject({ context: 'make all' });
    expect(isShown(channel, question)?.withheld).toBeUndefined();
    expect(await relay.answer(press(question, ALLOW))).toMatchObject({ verdict: 'recorded' });
  });

  it.each([[[]], [[DANGER]]])(
    'cannot be allowed once nobody can read that, only denied; dangers: %j',
    async (dangers) => {
      const { session, store, relay, channel } = arrange();
      await relay.addStore('/sessions', store);
      const id = await openSession(session);
      const lost = { dangers, grant: 'Bash(make *)', context_file: `${id}/gone.txt` };
      const [one, two] = [await permit(session, id, lost), await permit(session, id, lost)];
      await channel.until(() => isShown(channel, two) !== undefined);
      expect(isShown(channel, one)).toMatchObject({ withheld: [0, 1] });
      expect(isShown(channel, one)?.context).toContain('only Claude Code’s own dialog can allow it');
      // A button of before, or one that somebody has made.
      for (const given of [ALLOW, { options: [1] }]) {
        const verdict = await relay.answer({ ...press(one, given), confirmed: true });
        expect(verdict).toMatchObject({
          verdict: 'invalid',
          message: expect.stringContaining('cannot be read any more'),
        });
      }
      expect((await stateOf(session, id)).questions.get(one)?.status).toBe('pending');
      expect(await relay.answer(press(one, { options: [2] }))).toMatchObject({ verdict: 'recorded' });
      expect(await relay.answer(press(two, { text: 'show me' }))).toMatchObject({ verdict: 'recorded' });
    },
  );
});

describe('a card that waits for the desk', () => {
  const shownOf = (channel: { shown: { card: { question_id: QuestionId } }[] }, question: QuestionId) =>
    channel.shown.some(({ card }) => card.question_id === question);

  // No card's time comes before the test says so. Timers go on: each looks whether it has come.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
  });

  it('is not shown before its time, and then is; meanwhile it is in the inbox as held', async () => {
    const { session, store, relay, channel } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const held = await permit(session, id, { hold_until: soon(300) });
    const other = await permit(session, id);
    await channel.until(() => shownOf(channel, other));
    expect(shownOf(channel, held)).toBe(false);
    expect(relay.card(held)?.held).toBe(true);
    later(300);
    await channel.until(() => shownOf(channel, held));
    expect(relay.card(held)?.held).toBeUndefined();
  });

  it('is never shown when it ends before', async () => {
    const { session, store, relay, channel } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    const held = await permit(session, id, { hold_until: soon(150) });
    const closed = {
      type: 'question_closed',
      question_id: held,
      reason: 'answered_elsewhere',
      where: 'terminal',
    } as const;
    await session.append(id, { id: eventIdFrom('closed', held), slot: `outcome:${held}`, body: closed });
    const other = await permit(session, id, { hold_until: soon(300) });
    await until(
      () => relay.card(other)?.held === true,
      () => 'the other card to be held',
    );
    later(300);
    await channel.until(() => shownOf(channel, other));
    expect(shownOf(channel, held)).toBe(false);
    expect(relay.card(held)?.state).toMatchObject({ status: 'closed', where: 'terminal' });
  });

  it('is shown at once to who is away, from all sessions or from this one, and told to listeners', async () => {
    const { session, store, relay, channel } = arrange();
    await relay.addStore('/sessions', store);
    const [one, two] = [await openSession(session, { label: 'one' }), await openSession(session, { label: 'two' })];
    const [first, second] = [
      await permit(session, one, { hold_until: soon(60_000) }),
      await permit(session, two, { hold_until: soon(60_000) }),
    ];
    await until(
      () => relay.card(second)?.held === true && relay.card(first)?.held === true,
      () => 'both to be held',
    );
    const told: boolean[] = [];
    relay.onChange(({ presence }) => told.push(presence));
    expect(relay.setAway(true, one)).toEqual({ away: false, sessions: { [one]: true } });
    await channel.until(() => shownOf(channel, first));
    expect(shownOf(channel, second)).toBe(false);
    relay.setAway(true);
    await channel.until(() => shownOf(channel, second));
    await until(
      () => told.includes(true),
      () => 'listeners to be told',
    );
    expect(relay.setAway(false)).toEqual({ away: false, sessions: {} });
  });

  it('waits on in a new relay, and is shown there when its time has come', async () => {
    const presence = memoryPresence();
    const before = arrange({ presence });
    await before.relay.addStore('/sessions', before.store);
    const id = await openSession(before.session);
    const held = await permit(before.session, id, { hold_until: soon(250) });
    await until(
      () => before.relay.card(held)?.held === true,
      () => 'the card to be held',
    );
    await before.stop();
    const after = arrange({ presence, memory: before.session });
    await after.relay.addStore('/sessions', after.store);
    expect(after.relay.card(held)?.held).toBe(true);
    later(250);
    await after.channel.until(() => shownOf(after.channel, held));
    expect(shownOf(before.channel, held)).toBe(false);
  });
});

describe('a word to a session', () => {
  const word = (session: SessionId, text: string, cause = eventIdFrom('word', text)) => ({
    session,
    text,
    person: owner,
    cause,
  });

  it('is in its file before anybody is told, wakes it, and says when Claude has it', async () => {
    const { session, store, relay, told } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session, { label: 'checkout' });
    await relay.look(id, '/sessions');
    const verdict = await relay.tell(word(id, ' use the cache '));
    expect(verdict).toMatchObject({ verdict: 'written', session: { title: 'checkout' } });
    const [message] = (await stateOf(session, id)).messages.values();
    expect(message?.record).toMatchObject({ text: 'use the cache', sent_by: owner });
    expect(told).toContain(id);
    await session.append(id, messageDeliveredDraft(message!.record.message_id, 'socket'));
    expect(verdict.verdict === 'written' && (await verdict.delivered)).toBe(true);
  });

  it('that comes again is the same word, to the same session', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const [one, two] = [await openSession(session), await openSession(session)];
    await Promise.all([relay.look(one, '/sessions'), relay.look(two, '/sessions')]);
    const again = word(one, 'once');
    await relay.tell(again);
    expect(relay.toldBy(again.cause)).toBe(one);
    expect(await relay.tell({ ...again, session: two })).toMatchObject({ verdict: 'written', session: { id: one } });
    expect((await stateOf(session, one)).messages.size).toBe(1);
    expect((await stateOf(session, two)).messages.size).toBe(0);
  });

  it('is refused from strangers, when it is empty or too long, and to a session that is over', async () => {
    const { session, store, relay, processes } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    await relay.look(id, '/sessions');
    expect(await relay.tell({ ...word(id, 'hi'), person: stranger })).toEqual({ verdict: 'not_allowed' });
    expect(await relay.tell(word(id, '  '))).toMatchObject({ verdict: 'invalid' });
    expect(await relay.tell(word(id, 'x'.repeat(8_001)))).toMatchObject({ verdict: 'invalid' });
    processes.clear();
    expect(await relay.tell(word(id, 'too late'))).toEqual({ verdict: 'ended' });
    expect((await stateOf(session, id)).messages.size).toBe(0);
  });

  it('that nobody takes is said to be written down', async () => {
    const { session, store, relay } = arrange();
    await relay.addStore('/sessions', store);
    const id = await openSession(session);
    await relay.look(id, '/sessions');
    const verdict = await relay.tell(word(id, 'later'));
    const [message] = (await stateOf(session, id)).messages.keys();
    const waits = {
      type: 'error',
      code: 'MESSAGE_WAITS',
      message: 'It gets it with its next step.',
      detail: message!,
    } as const;
    await session.append(id, { id: eventIdFrom('waits', message!), body: waits });
    expect(verdict.verdict === 'written' && (await verdict.delivered)).toBe(false);
  });
});
