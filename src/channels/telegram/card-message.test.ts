import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMarkup } from '../../../test/support/bot-api/markup-rules.ts';
import { tidyText } from '../../../test/support/bot-api/text-rules.ts';
import { questionDraft } from '../../../test/support/records.ts';
import { parseQuestionId, parseSessionId } from '../../domain/ids.ts';
import { validateQuestion } from '../../domain/question-input.ts';
import { cardOf } from '../../relay/card.ts';
import type { Card, CardState } from '../../relay/channel.ts';
import { cardMessages, confirmMessages, type Outgoing, promptMessage, settledMessage } from './card-message.ts';
import { linkedQuestion } from './question-link.ts';
import { pendingList, whichQuestion } from './question-list.ts';

const AT = '2026-01-01T12:00:00.000Z';
const question_id = parseQuestionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11');

const unit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', ' ', '\n', 'word ') },
  fc.constantFrom('_', '*', '[', '`', '<', '&', '😀', '👩‍👩‍👧', '\u202e', '\u200b', '\u0007', 'ﷺ', '\ud800'),
);
const text = (unitsMax: number) =>
  fc.string({ unit, minLength: 1, maxLength: unitsMax, size: 'max' }).map((whole) => whole.slice(0, unitsMax));
const long = fc.oneof(
  text(50),
  text(7_900).map((part) => part.repeat(3)),
);
const options = fc.uniqueArray(
  fc.record({
    label: text(60).filter((label) => label.trim() !== ''),
    description: fc.option(text(500), { nil: undefined }),
  }),
  {
    minLength: 2,
    maxLength: 12,
    selector: ({ label }) => label.toWellFormed().trim(),
  },
);

const ended: fc.Arbitrary<CardState> = fc.oneof(
  fc.record({ status: fc.constant('answered' as const), answer: long, delivered: fc.boolean() }).map((state) => ({
    ...state,
    answer: state.answer.toWellFormed(),
    answered_by: { channel: 'telegram', id: '7', name: 'Ann' },
    answered_at: AT,
  })),
  fc.constantFrom('withdrawn', 'expired', 'answered_elsewhere', 'session_ended').map((reason) => ({
    status: 'closed' as const,
    reason: reason as 'withdrawn',
    at: AT,
  })),
);

/** Any question that the domain accepts. */
const cards: fc.Arbitrary<Card> = fc
  .record({
    question: long,
    context: long,
    options: fc.option(options, { nil: undefined }),
    title: text(300),
    multi: fc.boolean(),
    allow: fc.boolean(),
    preset: text(400),
  })
  .map(({ title, multi, allow, preset, ...given }) => {
    const valid = validateQuestion({
      ...given,
      question: `${given.question}?`.slice(-8_000),
      multi_select: multi,
      allow_text: true,
      default_answer: preset,
    });
    const session = { id: parseSessionId(question_id), title: title.toWellFormed(), project: 'shop' };
    return {
      question_id,
      session,
      kind: 'question' as const,
      ...valid,
      options: valid.options ?? [],
      allow_text: allow || !valid.options,
      asked_at: AT,
      expires_at: AT,
      state: { status: 'pending' as const },
    };
  })
  .filter((card) => card.question.trim() !== '');

function accepted(draft: Outgoing): void {
  tidyText(draft.text.text, draft.text.entities, 'send');
  checkMarkup(draft.buttons);
}

describe('a question that a file says without end', () => {
  it('is a few messages, which say what they leave out', () => {
    const options = Array.from({ length: 1_700 }, (_, n) => ({ label: `Option ${n}`, description: 'd'.repeat(500) }));
    const dangers = Array.from({ length: 1_800 }, () => 'D'.repeat(500));
    const permission = { tool: 'Bash', input_hash: '', cwd: '/', dangers };
    const { body } = questionDraft(question_id, 'q '.repeat(400_000));
    for (const kind of ['question', 'permission'] as const) {
      const record = { ...body, kind, options, context: 'c '.repeat(400_000), permission };
      const session = { id: parseSessionId(question_id), title: 'shop', project: 'shop' };
      const question = { record, status: 'pending', shown: new Map(), settled: new Map() };
      const card = cardOf(question as never, { session, held: false, contextMissing: false });
      const drafts = [...cardMessages(card, 'a_bot', { filed: false }), ...confirmMessages(card, 0, 'a_bot')];
      drafts.forEach(accepted);
      expect(drafts.length).toBeLessThan(30);
      expect(drafts.map(({ text: rich }) => rich.text).join('\n')).toMatch(
        kind === 'question' ? /… and 1,6\d\d more/ : /… and 1780 more/,
      );
    }
  });
});

describe('whatever a question says', () => {
  it('Telegram takes every message of its card, and each part names its question', () => {
    fc.assert(
      fc.property(cards, (card) => {
        const drafts = cardMessages(card, 'a_bot');
        drafts.forEach(accepted);
        for (const { text: rich } of drafts) {
          const sent = tidyText(rich.text, rich.entities, 'send');
          expect(linkedQuestion(sent.entities as never)).toBe(question_id);
        }
        expect(drafts.map(({ buttons }) => buttons !== undefined)).toEqual(
          drafts.map((_, n) => n === drafts.length - 1),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('Telegram takes it settled, as a prompt, and in lists', () => {
    fc.assert(
      fc.property(cards, ended, (card, state) => {
        accepted(settledMessage({ ...card, state }, 'a_bot'));
        accepted(promptMessage(card, 'a_bot'));
        const many = Array.from({ length: 150 }, () => card);
        accepted(pendingList(many, 3, Date.parse(AT)));
        accepted(whichQuestion(many, 99, Date.parse(AT)));
      }),
      { numRuns: 60 },
    );
  });
});
