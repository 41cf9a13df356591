import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuestionId } from './ids.ts';
import type { KnownRecord, QuestionClosed, SessionRecord } from './records.ts';
import { emptySessionState, fold, type SessionState } from './session-state.ts';
import { deliveredSlot, lateSlot, outcomeSlot } from './slots.ts';

const Q1 = '11111111-1111-4111-8111-111111111111' as QuestionId;
const Q2 = '22222222-2222-4222-8222-222222222222' as QuestionId;

let serial = 0;
function record<T extends KnownRecord['type']>(
  type: T,
  fields: object,
  envelope: { event_id?: string; slot?: string; timestamp?: string; writer?: string } = {},
): SessionRecord {
  serial += 1;
  const common = { v: 1, event_id: `e${serial}`, timestamp: '2026-11-20T10:00:00.000Z', writer: 'hub:1', ...envelope };
  return { ...common, type, ...fields } as unknown as SessionRecord;
}

const question = (id = Q1, kind = 'question') =>
  record('question', { id, kind, question: 'Deploy?', multi_select: false, allow_text: true, status: 'pending' });
const answer = (text: string, id = Q1, envelope: object = { slot: outcomeSlot(id) }) =>
  record('answer', { question_id: id, answer: text, answered_by: { channel: 'web', id: '1', name: 'Ada' } }, envelope);
const closed = (reason: QuestionClosed['reason'], id = Q1) =>
  record('question_closed', { question_id: id, reason }, { slot: outcomeSlot(id) });
const delivered = (id = Q1) => record('answer_delivered', { question_id: id }, { slot: deliveredSlot(id) });
const late = (text: string) => record('answer', { question_id: Q1, answer: text, late: true }, { slot: lateSlot(Q1) });

const stateOf = (...records: SessionRecord[]): SessionState => records.reduce(fold, emptySessionState());
const q1 = (...records: SessionRecord[]) => stateOf(...records).questions.get(Q1);

describe('a question', () => {
  it('is pending, then answered, then delivered', () => {
    expect(q1(question())).toMatchObject({ status: 'pending' });
    expect(q1(question(), answer('yes'))).toMatchObject({ status: 'answered', answer: { answer: 'yes' } });
    expect(q1(question(), answer('yes'), delivered())?.deliveredAt).toBe('2026-11-20T10:00:00.000Z');
  });

  it('keeps its first answer', () => {
    expect(q1(question(), answer('yes'), answer('no'))?.answer?.answer).toBe('yes');
  });

  it('that was closed takes no answer, and one that was answered is not closed', () => {
    expect(q1(question(), closed('withdrawn'), answer('yes'))).toMatchObject({ status: 'closed' });
    expect(q1(question(), closed('withdrawn'), answer('yes'))?.answer).toBeUndefined();
    expect(q1(question(), answer('yes'), closed('expired'))).toMatchObject({ status: 'answered' });
  });

  it('is not ended by a record that claims no slot, or the slot of another question', () => {
    expect(q1(question(), answer('yes', Q1, {}))?.status).toBe('pending');
    expect(q1(question(), answer('yes', Q1, { slot: outcomeSlot(Q2) }))?.status).toBe('pending');
  });

  it('keeps a late answer beside its end', () => {
    const state = q1(question(), closed('expired'), late('first'), late('second'));
    expect(state).toMatchObject({ status: 'closed', lateAnswer: { answer: 'first' } });
  });

  it('asked twice under one id is the first of the two', () => {
    const other = { ...question(), question: 'Something else?' } as SessionRecord;
    expect(q1(question(), answer('yes'), other)).toMatchObject({ status: 'answered', record: { question: 'Deploy?' } });
  });

  it('whose outcome stands before it in a damaged log has that outcome', () => {
    expect(q1(answer('yes'), question())).toMatchObject({ status: 'answered', answer: { answer: 'yes' } });
    expect(q1(closed('withdrawn'), question())).toMatchObject({ status: 'closed' });
  });

  it('has what stands before it in a log that was cut off and written again: card, outcome and receipt', () => {
    const shown = record('question_shown', { question_id: Q1, channel: 'telegram', chat: '7', ref: '7:1' });
    const settled = record('question_settled', { question_id: Q1, channel: 'telegram', chat: '7', stage: 'ended' });
    const early = q1(shown, answer('yes'), settled, delivered(), question());
    expect(early).toMatchObject({ status: 'answered', answer: { answer: 'yes' }, deliveredAt: expect.any(String) });
    expect([...(early?.shown.keys() ?? []), ...(early?.settled.values() ?? [])]).toEqual(['telegram:7', 'ended']);
    expect(stateOf(answer('yes'), question()).open.size).toBe(0);
  });

  it('that a newer writer ended in its own way is over', () => {
    const foreign = { event_id: 'f', slot: outcomeSlot(Q1), type: 'forwarded', timestamp: 't', foreign: true };
    expect(q1(question(), foreign as SessionRecord, answer('yes'))).toMatchObject({ status: 'closed' });
    expect(q1(foreign as SessionRecord, question())).toMatchObject({ status: 'closed' });
  });

  it('counts as open while it waits for an answer; a notice waits for none', () => {
    expect([...stateOf(question(Q1), question(Q2)).open]).toEqual([Q1, Q2]);
    expect([...stateOf(question(Q1), question(Q2), answer('yes', Q1)).open]).toEqual([Q2]);
    expect([...stateOf(question(Q1), closed('withdrawn')).open]).toEqual([]);
    expect([...stateOf(question(Q1, 'notice')).open]).toEqual([]);
  });

  it('has one card a chat, and remembers how far each tells the story', () => {
    const shown = (chat: string, ref: string) =>
      record('question_shown', { question_id: Q1, channel: 'telegram', chat, ref }, { slot: `shown:${chat}` });
    const settled = record('question_settled', { question_id: Q1, channel: 'telegram', chat: '1', stage: 'ended' });
    const state = q1(question(), shown('1', 'a'), shown('1', 'b'), shown('2', 'c'), settled);
    expect([...state!.shown].map(([key, { ref }]) => [key, ref])).toEqual([
      ['telegram:1', 'a'],
      ['telegram:2', 'c'],
    ]);
    expect([...state!.settled]).toEqual([['telegram:1', 'ended']]);
  });
});

describe('a session', () => {
  it('is described by what came last, and begun by what came first', () => {
    const metadata = record('session_metadata', { pid: 1, label: 'first', git_branch: 'main' });
    const again = record('session_metadata', { pid: 2, label: 'again' });
    const state = stateOf(metadata, again, record('session_updated', { label: 'renamed' }));
    expect(state).toMatchObject({ label: 'renamed', gitBranch: 'main', metadata: { pid: 1 } });
  });

  it('has written when its owner wrote, not when others did', () => {
    const own = record('heartbeat', {}, { writer: 'mcp:7', timestamp: '2026-11-20T11:00:00.000Z' });
    const other = record('error', {}, { writer: 'hub:8', timestamp: '2026-11-20T12:00:00.000Z' });
    expect(stateOf(own, other).ownerWroteAt).toBe('2026-11-20T11:00:00.000Z');
  });

  it('takes what a neighbour writes, who archives it, for no sign of its life', () => {
    const first = record('session_metadata', { pid: 7 }, { writer: 'mcp:7', timestamp: '2026-11-20T11:00:00.000Z' });
    const neighbour = record(
      'system',
      { event: 'archived' },
      { writer: 'mcp:9', timestamp: '2026-11-20T12:00:00.000Z' },
    );
    expect(stateOf(first, neighbour).ownerWroteAt).toBe('2026-11-20T11:00:00.000Z');
  });

  it('ends once', () => {
    const end = (reason: string) => record('system', { event: 'session_end', reason });
    expect(stateOf(end('signal'), end('eof')).ended?.reason).toBe('signal');
  });

  it('lists its tasks with their last status', () => {
    const task = (status: string) => record('task', { task_id: 't', title: 'Build', status });
    expect([...stateOf(task('open'), task('done')).tasks]).toEqual([['t', { title: 'Build', status: 'done' }]]);
  });
});

/** What people would compare: everything but the ledger, as plain data. */
function picture(state: SessionState): unknown {
  return JSON.parse(
    JSON.stringify({ ...state, ledger: null }, (_key, value) =>
      value instanceof Map ? [...value] : value instanceof Set ? [...value] : value,
    ),
  );
}

// Every kind of record about two questions, with few ids and slots so that they meet.
const anyRecord: fc.Arbitrary<SessionRecord> = fc
  .record({
    event_id: fc.constantFrom(...'abcdefghijklmnop'),
    id: fc.constantFrom(Q1, Q2),
    slot: fc.constantFrom(undefined, outcomeSlot(Q1), outcomeSlot(Q2), lateSlot(Q1), deliveredSlot(Q1)),
    writer: fc.constantFrom('mcp:1', 'hub:2'),
    kind: fc.constantFrom('question', 'answer', 'late', 'closed', 'delivered', 'foreign', 'error', 'shown', 'end'),
  })
  .map(({ event_id, id, slot, writer, kind }) => {
    const envelope = { event_id, writer, ...(slot ? { slot } : {}) };
    switch (kind) {
      case 'question':
        return { ...question(id), ...envelope } as SessionRecord;
      case 'answer':
        return answer(event_id, id, envelope);
      case 'late':
        return record('answer', { question_id: id, answer: event_id, late: true }, envelope);
      case 'closed':
        return record('question_closed', { question_id: id, reason: 'expired' }, envelope);
      case 'delivered':
        return record('answer_delivered', { question_id: id }, envelope);
      case 'shown':
        return record('question_shown', { question_id: id, channel: 'web', chat: '1', ref: event_id }, envelope);
      case 'end':
        return record('system', { event: 'session_end', reason: event_id }, envelope);
      case 'error':
        return record('error', { code: 'X', message: event_id, question_id: id }, envelope);
      default:
        return { event_id, ...(slot ? { slot } : {}), type: 'new', timestamp: 't', foreign: true } as SessionRecord;
    }
  });
const logs = fc.array(anyRecord, { maxLength: 40 });

describe('the fold, for every log', () => {
  it('never lets an ended question change its outcome', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const state = emptySessionState();
        const outcomes = new Map<QuestionId, string>();
        for (const next of log) {
          fold(state, next);
          for (const [id, { status, answer: given, closed: end }] of state.questions) {
            const outcome = JSON.stringify({ status, given: given?.answer, end });
            if (outcomes.has(id)) expect(outcome).toBe(outcomes.get(id));
            if (status !== 'pending') outcomes.set(id, outcome);
          }
        }
      }),
    );
  });

  it('is not moved by records written again, anywhere after the first', () => {
    fc.assert(
      fc.property(logs, fc.array(fc.nat(), { maxLength: 20 }), (log, picks) => {
        const again = [...log];
        for (const pick of picks) {
          if (log.length === 0) break;
          const from = pick % log.length;
          const at = again.indexOf(log[from]!) + 1 + (pick % (again.length - again.indexOf(log[from]!)));
          again.splice(at, 0, log[from]!);
        }
        expect(picture(again.reduce(fold, emptySessionState()))).toEqual(
          picture(log.reduce(fold, emptySessionState())),
        );
      }),
    );
  });

  it('gives the winner that the ledger names, so that readers and writers agree', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const state = log.reduce(fold, emptySessionState());
        for (const [id, { answer: given }] of state.questions) {
          if (given) expect(state.ledger.slots.get(outcomeSlot(id))?.event_id).toBe(given.event_id);
        }
      }),
    );
  });

  it('keeps the list of open questions true', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const state = log.reduce(fold, emptySessionState());
        const pending = [...state.questions].filter(([, { status }]) => status === 'pending').map(([id]) => id);
        expect([...state.open].sort()).toEqual(pending.sort());
      }),
    );
  });
});
