import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidQuestionError } from './errors.ts';
import { type QuestionInput, validateQuestion } from './question-input.ts';

const ask = (input: Partial<QuestionInput>) => validateQuestion({ question: 'Deploy now?', ...input });

describe('validateQuestion', () => {
  it('takes a plain question and fills in what is not said', () => {
    expect(ask({})).toEqual({ question: 'Deploy now?', multi_select: false, allow_text: true, timeout_minutes: 30 });
  });

  it('trims, and drops what is empty', () => {
    const question = ask({ question: '  Deploy?\n', context: ' \n ', default_answer: ' ', options: [] });
    expect(question).toEqual({ question: 'Deploy?', multi_select: false, allow_text: true, timeout_minutes: 30 });
  });

  it('takes options as texts or with descriptions', () => {
    const { options } = ask({ options: [' yes ', { label: 'no', description: ' not today ' }] });
    expect(options).toEqual([{ label: 'yes' }, { label: 'no', description: 'not today' }]);
  });

  it.each<[string, Partial<QuestionInput>, RegExp]>([
    ['an empty question', { question: ' \n ' }, /empty/],
    [
      'a question over 8,000 characters',
      { question: 'x'.repeat(8_001) },
      /8001 characters, the limit is 8000.*context/,
    ],
    ['a context over 200,000 characters', { context: 'x'.repeat(200_001) }, /the limit is 200000/],
    ['one option', { options: ['yes'] }, /2 to 12 options, 1 given.*free-text/],
    ['thirteen options', { options: Array.from({ length: 13 }, (_, i) => `o${i}`) }, /13 given.*two steps/],
    ['two equal options', { options: ['yes', ' yes'] }, /Two options are called "yes".*Rename/],
    ['an empty option', { options: ['yes', ' '] }, /empty label/],
    ['a label over 200 characters', { options: ['yes', 'x'.repeat(201)] }, /the limit is 200/],
    [
      'a description over 500 characters',
      { options: ['a', { label: 'b', description: 'x'.repeat(501) }] },
      /limit is 500/,
    ],
    ['neither options nor text', { allow_text: false }, /nobody could answer/],
    ['a default that is no option', { options: ['a', 'b'], allow_text: false, default_answer: 'c' }, /"c" is none/],
    ['a default over 8,000 characters', { default_answer: 'x'.repeat(8_001) }, /the limit is 8000/],
  ])('refuses %s and says what to mend', (_what, input, message) => {
    expect(() => ask(input)).toThrow(InvalidQuestionError);
    expect(() => ask(input)).toThrow(message);
  });

  it.each([
    [undefined, 30],
    [Number.NaN, 30],
    [1, 1],
    [0, 1],
    [-5, 1],
    [90, 90],
    [1e9, 1440],
    [Number.POSITIVE_INFINITY, 1440],
  ])('makes a time-out of %s minutes %s', (given, minutes) => {
    expect(ask({ timeout_minutes: given }).timeout_minutes).toBe(minutes);
  });

  it('takes the largest question there can be, and every character that can be sent', () => {
    expect(ask({ question: 'x'.repeat(8_000) }).question).toHaveLength(8_000);
    expect(ask({ question: 'my_var <b> *a* [0] 👋🏽' }).question).toBe('my_var <b> *a* [0] 👋🏽');
    expect(ask({ question: 'half \ud83d and \0' }).question).toBe('half \ufffd and \ufffd');
  });

  it('gives a question within the limits or says what is wrong, for any input', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const input = fc.record(
      {
        question: text,
        context: text,
        options: fc.array(fc.oneof(text, fc.record({ label: text, description: text })), { maxLength: 14 }),
        multi_select: fc.boolean(),
        allow_text: fc.boolean(),
        default_answer: text,
        timeout_minutes: fc.double(),
      },
      { requiredKeys: ['question'] },
    );
    fc.assert(
      fc.property(input, (given) => {
        try {
          const valid = validateQuestion(given);
          expect(valid.question).toBe(valid.question.trim().toWellFormed());
          expect(valid.timeout_minutes).toBeGreaterThanOrEqual(1);
          expect(valid.timeout_minutes).toBeLessThanOrEqual(1440);
          expect(valid.allow_text || valid.options).toBeTruthy();
          // What is valid stays as it is.
          expect(validateQuestion(valid)).toEqual(valid);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidQuestionError);
        }
      }),
    );
  });
});
