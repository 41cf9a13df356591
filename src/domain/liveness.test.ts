import { describe, expect, it } from 'vitest';
import type { QuestionId } from './ids.ts';
import { judgeSession, type Observer, type ProcessFacts, SILENCE_MS_MAX } from './liveness.ts';
import type { AnswerRecord, QuestionRecord, SessionMetadata } from './records.ts';
import { emptySessionState, type QuestionState, type SessionState } from './session-state.ts';

const WROTE_AT = '2026-11-20T10:00:00.000Z';
const HERE = { host: 'desk', boot_id: 'boot-1', pid_namespace: 'pid:[1]' };

function session(fields: Partial<SessionMetadata> = {}, state: Partial<SessionState> = {}): SessionState {
  const metadata = { timestamp: WROTE_AT, pid: 7, process_started_at: '100', ...HERE, ...fields } as SessionMetadata;
  return { ...emptySessionState(), metadata, ownerWroteAt: WROTE_AT, ...state };
}

function observer(facts: ProcessFacts, fields: Partial<Observer> = {}): Observer {
  const now = Date.parse(WROTE_AT) + 1_000;
  return { now, ...HERE, process: () => facts, silence_unreliable: false, ...fields };
}

const ALIVE: ProcessFacts = { started_at: '100' };
const AFTER_SILENCE = { now: Date.parse(WROTE_AT) + SILENCE_MS_MAX + 1 };

describe('judgeSession', () => {
  it('lets a session live whose process lives', () => {
    expect(judgeSession(session(), observer(ALIVE))).toBeNull();
  });

  it('takes the word of a session that says it is over', () => {
    const ended = { at: WROTE_AT, reason: 'eof' };
    expect(judgeSession(session({}, { ended }), observer(ALIVE))).toEqual({ reason: 'ended' });
  });

  it.each<[string, ProcessFacts]>([
    ['is no more', 'absent'],
    ['is a zombie', 'zombie'],
    ['is another one under the same pid', { started_at: '999' }],
  ])('ends a session whose process %s', (_what, facts) => {
    expect(judgeSession(session(), observer(facts))).toEqual({ reason: 'process_gone' });
  });

  it('does not take an unknown start time for another process', () => {
    expect(judgeSession(session(), observer({ started_at: null }))).toBeNull();
    expect(judgeSession(session({ process_started_at: null }), observer(ALIVE))).toBeNull();
  });

  it.each([
    ['another host', { host: 'laptop' }],
    ['an earlier boot', { boot_id: 'boot-0' }],
    ['another pid namespace', { pid_namespace: 'pid:[2]' }],
  ])('says nothing of a process of %s but that it is silent', (_what, elsewhere) => {
    expect(judgeSession(session(elsewhere), observer('absent'))).toBeNull();
    expect(judgeSession(session(elsewhere), observer('absent', AFTER_SILENCE))).toEqual({ reason: 'silent' });
  });

  it('ends a session that has been silent for 24 hours, though its process hangs on', () => {
    expect(judgeSession(session(), observer(ALIVE, { now: AFTER_SILENCE.now - 1 }))).toBeNull();
    expect(judgeSession(session(), observer(ALIVE, AFTER_SILENCE))).toEqual({ reason: 'silent' });
  });

  it('lets silence prove nothing after this machine slept', () => {
    expect(judgeSession(session(), observer(ALIVE, { ...AFTER_SILENCE, silence_unreliable: true }))).toBeNull();
  });

  it('lets no clock that was set back end a session', () => {
    expect(judgeSession(session(), observer(ALIVE, { now: 0 }))).toBeNull();
  });

  it('never puts away an answer that its living session has not had yet', () => {
    const answered = {
      record: {} as QuestionRecord,
      status: 'answered',
      answer: {} as AnswerRecord,
      shown: new Map(),
      settled: new Map(),
    } as QuestionState;
    const withAnswer = (question: QuestionState) =>
      session({}, { questions: new Map([['q' as QuestionId, question]]) });
    expect(judgeSession(withAnswer(answered), observer(ALIVE, AFTER_SILENCE))).toBeNull();
    expect(judgeSession(withAnswer({ ...answered, deliveredAt: WROTE_AT }), observer(ALIVE, AFTER_SILENCE))).toEqual({
      reason: 'silent',
    });
    expect(judgeSession(withAnswer(answered), observer('absent', AFTER_SILENCE))).toEqual({ reason: 'process_gone' });
  });

  it('cannot judge a session without metadata', () => {
    expect(judgeSession(emptySessionState(), observer('absent', AFTER_SILENCE))).toBeNull();
  });
});
