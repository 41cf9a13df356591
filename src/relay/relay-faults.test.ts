import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryPresence } from '../../test/support/memory-presence.ts';
import { RecordingChannel } from '../../test/support/recording-channel.ts';
import { metadataDraft, newQuestion, newSession, questionDraft } from '../../test/support/records.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { linesOf, StorePlace } from '../../test/support/store-places.ts';
import { until } from '../../test/support/switchboard.ts';
import { deliveredDraft } from '../domain/drafts.ts';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import type { ProcessFacts } from '../domain/liveness.ts';
import type { AnswerRecord } from '../domain/records.ts';
import { TIMINGS } from '../runtime/timings.ts';
import type { SessionStore } from '../store/contract.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { Confirmations } from './confirmations.ts';
import { Relay } from './relay.ts';

const PID = 4242;
const ADA = { channel: 'phone', id: '1', name: 'Ada' };

/** A relay over one session's memory, whose process is as `process` says. */
async function arrange(process: () => ProcessFacts = () => ({ started_at: '123456' })) {
  const session = new MemoryStore({ writer: { role: 'mcp', pid: PID } });
  const store = new MemoryStore({ writer: { role: 'hub', pid: 2 }, beside: session });
  const { body } = metadataDraft(newSession(), PID);
  const relay = new Relay({
    channels: [new RecordingChannel('phone', ['1'])],
    isOwner: ({ id }) => id === ADA.id,
    observer: () => ({
      now: Date.now(),
      host: body.host,
      boot_id: body.boot_id,
      pid_namespace: body.pid_namespace,
      process,
      booted_at: null,
      silence_unreliable: true,
    }),
    confirmations: new Confirmations(undefined),
    presence: memoryPresence(),
    tellSession: () => undefined,
    log: silentLog,
    timings: { ...TIMINGS, heartbeat: 600_000 },
  });
  const end = new AbortController();
  const running = relay.run(end.signal);
  onTestFinished(async () => {
    end.abort();
    await running;
  });
  return { session, store, relay };
}

async function askIn(store: SessionStore, text: string, session = newSession()): Promise<[SessionId, QuestionId]> {
  await store.open(session, metadataDraft(session, PID));
  const question = newQuestion();
  await store.append(session, questionDraft(question, text));
  return [session, question];
}

const answerTo = (question_id: QuestionId, text: string, cause = randomUUID()) => ({
  question_id,
  given: { text },
  person: ADA,
  cause: cause as EventId,
});

describe('an answer', () => {
  it('to a session whose process is gone is not said to be recorded, though nobody has noticed its end yet', async () => {
    let facts: ProcessFacts = { started_at: '123456' };
    const { session, store, relay } = await arrange(() => facts);
    const [id, question] = await askIn(session, 'Alive?');
    await relay.addStore('/shop', store);
    facts = 'absent';
    const verdict = await relay.answer(answerTo(question, 'Yes'));
    expect(verdict).toMatchObject({ verdict: 'closed', card: { state: { reason: 'session_ended' } } });
    expect(session.archivedRecords(id) ?? []).not.toContainEqual(expect.objectContaining({ type: 'answer' }));
  });

  it.each(['the same session', 'another session'])(
    'that comes again is the answer it was, and none to a later question of %s',
    async (which) => {
      const { session, store, relay } = await arrange();
      const [id, first] = await askIn(session, 'First?');
      const [, second] = await askIn(session, 'Second?', which === 'the same session' ? id : newSession());
      await relay.addStore('/shop', store);
      const update = answerTo(first, 'blue');
      expect(await relay.answer(update)).toMatchObject({ verdict: 'recorded' });
      const again = await relay.answer({ ...update, question_id: second });
      expect(again).toMatchObject({ verdict: 'recorded', card: { question: 'First?', state: { answer: 'blue' } } });
      expect(relay.card(second)?.state.status).toBe('pending');
    },
  );
});

describe('an answer to a question whose log turns out to be another one when it is to be written', () => {
  /** A session on disk that asks, a relay that has read it, and the log cut down to its first line. */
  async function arrangeCut() {
    const place = new StorePlace();
    const session = place.store({ writer: { role: 'mcp', pid: PID } });
    const { relay } = await arrange();
    const [id, question] = await askIn(session, 'Still there?');
    await relay.addStore(place.directory, place.store());
    const [first] = linesOf(place.log(id));
    truncateSync(place.log(id), Buffer.byteLength(`${first}\n`));
    const verdict = relay.answer(answerTo(question, 'Yes'));
    await until(
      () => relay.card(question) === null,
      () => 'the relay to see the new log',
    );
    return { session, id, question, relay, verdict };
  }

  it('is recorded when the question is written again', async () => {
    const { session, id, question, verdict } = await arrangeCut();
    await session.append(id, questionDraft(question, 'Still there?'));
    expect(await verdict).toMatchObject({ verdict: 'recorded', card: { state: { answer: 'Yes' } } });
  });

  it('is not recorded when the question does not come back, which is not said to be over', async () => {
    const { question, relay, verdict } = await arrangeCut();
    expect(await verdict).toEqual({ verdict: 'invalid', message: expect.stringContaining('at the moment') });
    expect(relay.wasOpen(question)).toBe(true);
  });
});

describe('an answer to a question whose log is gone when it is to be written', () => {
  it('is not recorded when the log does not come back; its session, which lives, is not said to be over', async () => {
    const place = new StorePlace();
    const session = place.store({ writer: { role: 'mcp', pid: PID } });
    const { relay } = await arrange();
    const [id, question] = await askIn(session, 'Still there?');
    await relay.addStore(place.directory, place.store());
    // The relay has it from before, and sees only in its next look that it is gone.
    rmSync(place.log(id));
    const verdict = await relay.answer(answerTo(question, 'Yes'));
    expect(verdict).toEqual({ verdict: 'invalid', message: expect.stringContaining('at the moment') });
  });
});

describe('an answer that was recorded, and that its session has not read', () => {
  it.each<[string, (path: string) => void]>([
    ['replaced by one without the question', (path) => truncateSync(path, Buffer.byteLength(`${linesOf(path)[0]}\n`))],
    ['deleted', (path) => rmSync(path)],
  ])('is in the log again once the question is, though the log was read before: %s', async (_how, damage) => {
    const place = new StorePlace();
    const session = place.store({ writer: { role: 'mcp', pid: PID } });
    const { relay } = await arrange();
    const [id, question] = await askIn(session, 'Still there?');
    await relay.addStore(place.directory, place.store());
    expect(await relay.answer(answerTo(question, 'Yes'))).toMatchObject({ verdict: 'recorded' });
    damage(place.log(id));
    await relay.look(id);
    expect(relay.card(question)).toBeNull();
    await session.open(id, metadataDraft(id, PID));
    await session.append(id, questionDraft(question, 'Still there?'));
    await until(
      () => relay.card(question)?.state.status === 'answered',
      () => `the answer in:\n${readFileSync(place.log(id), 'utf8')}`,
    );
  });
});

describe('an answer that was recorded, and whose log was cut short after that,', () => {
  /** A session on disk that asks, and a relay that has read it. */
  async function arrangeAsked() {
    const place = new StorePlace();
    const session = place.store({ writer: { role: 'mcp', pid: PID } });
    const hub = place.store();
    const { relay } = await arrange();
    const [id, question] = await askIn(session, 'Still there?');
    await relay.addStore(place.directory, hub);
    const cut = async () => {
      truncateSync(place.log(id), Buffer.byteLength(`${linesOf(place.log(id))[0]}\n`));
      await relay.look(id);
      expect(relay.card(question)).toBeNull();
    };
    const again = async () => {
      await session.append(id, questionDraft(question, 'Still there?'));
      await relay.look(id);
    };
    const untilAnswered = () =>
      until(
        () => relay.card(question)?.state.status === 'answered',
        () => `the answer in:\n${readFileSync(place.log(id), 'utf8')}`,
      );
    return { session, hub, relay, id, question, cut, again, untilAnswered };
  }

  it('is said to come back when the same act comes again, and is that answer once it has', async () => {
    const { relay, question, cut, again } = await arrangeAsked();
    const act = answerTo(question, 'Yes');
    expect(await relay.answer(act)).toMatchObject({ verdict: 'recorded' });
    await cut();
    expect(relay.wasOpen(question)).toBe(true);
    const verdict = relay.answer(act);
    await again();
    expect(await verdict).toMatchObject({ verdict: 'recorded', card: { state: { answer: 'Yes' } } });
  });

  it('comes back each time, also when it stood before its question for a while', async () => {
    const { hub, relay, question, cut, again, untilAnswered } = await arrangeAsked();
    const append = hub.append.bind(hub);
    let cuts = 1;
    hub.append = async (to, draft) => {
      // Between the look at the log and the append.
      if (draft.body.type === 'answer' && cuts-- > 0) await cut();
      return append(to, draft);
    };
    await relay.answer(answerTo(question, 'Yes'));
    for (let times = 0; times < 2; times += 1) {
      await again();
      await untilAnswered();
      await cut();
    }
    await again();
    await untilAnswered();
  });

  it('is not taken from, nor forgotten for, what another log of the directory says of the question', async () => {
    const { session, relay, question, cut, again, untilAnswered } = await arrangeAsked();
    await relay.answer(answerTo(question, 'Yes'));
    const other = newSession();
    await session.open(other, metadataDraft(other, PID));
    await session.append(other, deliveredDraft({ question_id: question } as AnswerRecord));
    await relay.look(other);
    await cut();
    await again();
    await untilAnswered();
    expect(relay.card(question)?.state).toMatchObject({ answer: 'Yes' });
  });
});

describe('a word to a session whose log is gone in that very moment', () => {
  it('is written when the log is', async () => {
    const place = new StorePlace();
    const session = place.store({ writer: { role: 'mcp', pid: PID } });
    const hub = place.store();
    const [append, results] = [hub.append.bind(hub), [] as string[]];
    hub.append = async (...appended) => {
      const result = await append(...appended);
      results.push(result.status);
      return result;
    };
    const { relay } = await arrange();
    const [id] = await askIn(session, 'Still there?');
    await relay.addStore(place.directory, hub);
    rmSync(place.log(id));
    const verdict = relay.tell({ session: id, text: 'Hurry', person: ADA, cause: randomUUID() as EventId });
    await until(
      () => results.includes('closed'),
      () => `an append in vain; there were ${results}`,
    );
    await session.open(id, metadataDraft(id, PID));
    expect(await verdict).toMatchObject({ verdict: 'written' });
    expect(readFileSync(place.log(id), 'utf8')).toContain('Hurry');
  });
});

describe('a relay', () => {
  it('is ready when every session that was there has been read', async () => {
    const { session, store, relay } = await arrange();
    await relay.ready();
    for (const text of ['First?', 'Second?']) await askIn(session, text);
    void relay.addStore('/shop', store);
    expect(relay.inbox()).toEqual([]);
    await relay.ready();
    expect(relay.inbox().map(({ question }) => question)).toEqual(['First?', 'Second?']);
  });

  it('says at once that it does not know a question that it has never seen', async () => {
    const { relay } = await arrange();
    const late = sleep(500, 'too late');
    const verdict = relay.answer(answerTo(newQuestion(), 'Yes'));
    expect(await Promise.race([verdict, late])).toEqual({ verdict: 'unknown_question' });
  });
});
