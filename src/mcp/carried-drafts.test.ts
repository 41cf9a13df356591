import { expect, it } from 'vitest';
import { givenAnswer, newQuestion, questionDraft } from '../../test/support/records.ts';
import { type KnownRecord, parseRecord } from '../domain/records.ts';
import { emptySessionState, fold } from '../domain/session-state.ts';
import { recordLine } from '../store/record-line.ts';
import { carriedDrafts } from './carried-drafts.ts';

const WRITER = { role: 'mcp', pid: 1 } as const;

it('an answer goes along as it was: the same event, with its files', () => {
  const id = newQuestion();
  const question = questionDraft(id);
  const given = givenAnswer(id, 'see file');
  const files = [{ path: '/files/plan.pdf', name: 'plan.pdf', bytes: 7 }];
  const answer = { ...given, body: { ...given.body, files } } as typeof given;
  const records = [question, answer].map((draft) => parseRecord(recordLine(draft, WRITER, 0).text) as KnownRecord);
  const state = records.reduce(fold, emptySessionState());
  expect(carriedDrafts(question, state.questions.get(id))).toEqual([question, answer]);
});
