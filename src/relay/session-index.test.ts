import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { givenAnswer, newQuestion, newSession, noteDraft, questionDraft } from '../../test/support/records.ts';
import { messageDraft } from '../domain/drafts.ts';
import type { EventId } from '../domain/ids.ts';
import type { Draft, SessionRecord } from '../domain/records.ts';
import { recordLine } from '../store/record-line.ts';
import { messageOf } from './record-word.ts';
import { SessionIndex } from './session-index.ts';

const ada = { channel: 'phone', id: '1', name: 'Ada' };

const recordsOf = (...drafts: Draft[]): SessionRecord[] =>
  drafts.map((draft) => recordLine(draft, { role: 'mcp', pid: 1 }, 0).record);

describe('the index of sessions', () => {
  it('knows who has read a question, an answer and a word, and nobody for what nobody has read', () => {
    const index = new SessionIndex();
    const [session, question] = [newSession(), newQuestion()];
    const [answered, told] = [randomUUID() as EventId, randomUUID() as EventId];
    const word = messageDraft(told, { text: 'wait', sent_by: ada, sent_at: '2026-11-20T10:00:00.000Z' });
    index.add(newSession(), recordsOf(questionDraft(), noteDraft(1)));
    index.add(session, recordsOf(questionDraft(question), givenAnswer(question, 'yes', answered), word));
    expect(index.of(question)).toEqual([session]);
    expect(index.of(answered)).toEqual([session]);
    expect(index.of(messageOf(told))).toEqual([session]);
    expect(index.of(newQuestion())).toEqual([]);
  });

  it('knows both of a question that was written again under another session id, each once', () => {
    const index = new SessionIndex();
    const [before, after, question] = [newSession(), newSession(), newQuestion()];
    for (const session of [before, after, after]) index.add(session, recordsOf(questionDraft(question)));
    expect(index.of(question)).toEqual([before, after]);
    index.forget(before);
    expect(index.of(question)).toEqual([after]);
  });

  it('forgets all of a session and nothing of another, and takes it in again', () => {
    const index = new SessionIndex();
    const [gone, other] = [newSession(), newSession()];
    const [lost, again, kept] = [newQuestion(), newQuestion(), newQuestion()];
    index.add(gone, recordsOf(questionDraft(lost), questionDraft(again)));
    index.add(other, recordsOf(questionDraft(kept)));
    index.forget(gone);
    index.forget(newSession());
    index.add(gone, recordsOf(questionDraft(again)));
    expect([lost, again, kept].map((question) => index.of(question))).toEqual([[], [gone], [other]]);
  });
});
