import { describe, expect, it } from 'vitest';
import type { QuestionId } from './ids.ts';
import { judgeSession, type Observer, type ProcessFacts, SILENCE_MS_MAX, THREE_HEARTBEATS_MS } from './liveness.ts';
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
  return { now, ...HERE, booted_at: 0, process: () => facts, silence_unreliable: false, ...fields };
}

const WROTE = Date.parse(WROTE_AT);
const ALIVE: ProcessFacts = { started_at: '100' };
const AFTER_SILENCE = { now: WROTE + SILENCE_MS_MAX + 1 };

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
    ['another machine', { host: 'laptop', boot_id: 'boot-0' }],
    ['another machine of the same name', { boot_id: 'boot-0' }],
    ['another pid namespace', { pid_namespace: 'pid:[2]' }],
    ['another host, where the boot is not known', { host: 'laptop', boot_id: null }],
  ])('says nothing of a process of %s but that it is silent', (_what, elsewhere) => {
    expect(judgeSession(session(elsewhere), observer('absent'))).toBeNull();
    expect(judgeSession(session(elsewhere), observer('absent', AFTER_SILENCE))).toEqual({ reason: 'silent' });
  });

  it('knows a process of this boot and pid namespace, whatever the host is called by now', () => {
    const renamed = session({ host: 'laptop' });
    expect(judgeSession(renamed, observer(ALIVE))).toBeNull();
    expect(judgeSession(renamed, observer('absent'))).toEqual({ reason: 'process_gone' });
    const unknown = { boot_id: null, pid_namespace: null };
    expect(judgeSession(session({ ...unknown, host: 'laptop' }), observer('absent', unknown))).toBeNull();
    expect(judgeSession(session(unknown), observer('absent', unknown))).toEqual({ reason: 'process_gone' });
  });

  describe('after this machine was started anew', () => {
    const earlier = session({ boot_id: 'boot-0' });
    const now = WROTE + THREE_HEARTBEATS_MS + 1;
    const booted = { now, booted_at: WROTE + 1_000 };

    it('ends a session of before that has been silent for three heartbeats, and no sooner', () => {
      expect(judgeSession(earlier, observer(ALIVE, booted))).toEqual({ reason: 'process_gone' });
      expect(judgeSession(earlier, observer(ALIVE, { ...booted, now: now - 1 }))).toBeNull();
    });

    it('does so at once after a night, also by somebody who has only just started to look', () => {
      const morning = { now: WROTE + 9 * 3_600_000, booted_at: WROTE + 9 * 3_600_000 - 20_000 };
      const justStarted = observer('absent', { ...morning, silence_unreliable: true });
      expect(judgeSession(earlier, justStarted)).toEqual({ reason: 'process_gone' });
      const container = session({ boot_id: 'boot-0', pid_namespace: 'pid:[2]' });
      expect(judgeSession(container, justStarted)).toEqual({ reason: 'process_gone' });
    });

    it('leaves a session alone that has written since: it runs on another machine of the same name', () => {
      const night = { now: WROTE + 9 * 3_600_000, booted_at: WROTE - 1_000 };
      expect(judgeSession(earlier, observer('absent', night))).toBeNull();
    });

    it('leaves a session alone of another host, and where a boot or its time is not known', () => {
      expect(judgeSession(session({ boot_id: 'boot-0', host: 'laptop' }), observer('absent', booted))).toBeNull();
      expect(judgeSession(session({ boot_id: null }), observer('absent', booted))).toBeNull();
      expect(judgeSession(earlier, observer('absent', { ...booted, boot_id: null }))).toBeNull();
      expect(judgeSession(earlier, observer('absent', { ...booted, booted_at: null }))).toBeNull();
    });
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
