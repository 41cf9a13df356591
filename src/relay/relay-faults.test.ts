import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryPresence } from '../../test/support/memory-presence.ts';
import { RecordingChannel } from '../../test/support/recording-channel.ts';
import { metadataDraft, newQuestion, newSession, questionDraft } from '../../test/support/records.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import type { ProcessFacts } from '../domain/liveness.ts';
import { TIMINGS } from '../runtime/timings.ts';
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

async function askIn(store: MemoryStore, text: string, session = newSession()): Promise<[SessionId, QuestionId]> {
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
    const began = performance.now();
    expect(await relay.answer(answerTo(newQuestion(), 'Yes'))).toEqual({ verdict: 'unknown_question' });
    expect(performance.now() - began).toBeLessThan(500);
  });
});
