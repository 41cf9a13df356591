import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GivenChoice, InvalidAnswerError, resolveAnswer, typedChoice } from './answer-input.ts';
import { permissionOptions } from './permission.ts';
import type { QuestionRecord } from './records.ts';

const question = (fields: Partial<QuestionRecord> = {}) =>
  ({ multi_select: false, allow_text: true, ...fields }) as QuestionRecord;
const options = [{ label: 'Yes' }, { label: 'No' }, { label: 'Later', description: 'tomorrow' }];

describe('resolveAnswer', () => {
  it('takes a text as it was meant', () => {
    expect(resolveAnswer(question(), { text: ' to staging\nfirst ' })).toEqual({ answer: 'to staging\nfirst' });
  });

  it('takes pressed options in the order of the question, each once', () => {
    expect(resolveAnswer(question({ options }), { options: [1] })).toEqual({ answer: 'No', selected: ['No'] });
    expect(resolveAnswer(question({ options, multi_select: true }), { options: [2, 0, 2] })).toEqual({
      answer: 'Yes, Later',
      selected: ['Yes', 'Later'],
    });
  });

  it('takes a text that names an option for that option', () => {
    const given = resolveAnswer(question({ options, allow_text: false }), { text: ' yes' });
    expect(given).toEqual({ answer: 'Yes', selected: ['Yes'] });
    const alike = question({ options: [{ label: 'YES' }, { label: 'yes' }] });
    expect(resolveAnswer(alike, { text: 'yes' })).toEqual({ answer: 'yes', selected: ['yes'] });
  });

  it('takes the number of an option for that option, unless the options are about numbers', () => {
    expect(resolveAnswer(question({ options }), { text: '2' })).toEqual({ answer: 'No', selected: ['No'] });
    expect(resolveAnswer(question({ options }), { text: '4' })).toEqual({ answer: '4' });
    const retries = question({ options: [{ label: '3 (default)' }, { label: '10' }] });
    expect(resolveAnswer(retries, { text: '2' })).toEqual({ answer: '2' });
    expect(resolveAnswer(retries, { text: '10' })).toEqual({ answer: '10', selected: ['10'] });
  });

  it('takes a list of options where several are allowed', () => {
    const several = question({ options, multi_select: true });
    expect(resolveAnswer(several, { text: 'later, 1' })).toEqual({ answer: 'Yes, Later', selected: ['Yes', 'Later'] });
    expect(resolveAnswer(several, { text: 'yes, but not now' })).toEqual({ answer: 'yes, but not now' });
  });

  const permission = question({ kind: 'permission', options: permissionOptions('Bash(make *)') });

  it.each(['1', '2.', '2)', 'Allow once', ' allow ONCE ', 'Allow for this session', 'ok', 'Yes!'])(
    'allows nothing by the text %j, nor by a caption that says so',
    (text) => {
      for (const given of [{ text }, { text, files: [] }]) {
        expect(() => resolveAnswer(permission, given)).toThrow('Press one of the buttons to allow this');
      }
    },
  );

  it.each(['Allow once.', 'Allow for this session'])('takes %j for no reason to deny, offered or not', (text) => {
    const once = question({ kind: 'permission', options: permissionOptions(undefined) });
    expect(() => resolveAnswer(once, { text })).toThrow('Press one of the buttons to allow this');
  });

  it('denies by a text, by the name of that option or with the reason', () => {
    for (const text of ['deny', '3']) {
      expect(resolveAnswer(permission, { text })).toEqual({ answer: 'Deny', selected: ['Deny'] });
    }
    expect(resolveAnswer(permission, { text: '1 is enough' })).toEqual({ answer: '1 is enough' });
  });

  it.each<[string, QuestionRecord, GivenChoice, RegExp]>([
    ['an empty text', question(), { text: ' \n' }, /empty/],
    ['a text over 8,000 characters', question(), { text: 'x'.repeat(8_001) }, /8001 characters, the limit is 8000/],
    ['text where only options count', question({ options, allow_text: false }), { text: 'maybe' }, /not text/],
    ['an option that is not there', question({ options }), { options: [3] }, /no such option/],
    ['an option of a question without any', question(), { options: [0] }, /no such option/],
    ['no option', question({ options, multi_select: true }), { options: [] }, /No option is chosen/],
    ['two options of a single choice', question({ options }), { options: [0, 1] }, /one option only/],
  ])('refuses %s', (_what, asked, given, message) => {
    expect(() => resolveAnswer(asked, given)).toThrow(InvalidAnswerError);
    expect(() => resolveAnswer(asked, given)).toThrow(message);
  });

  it('gives labels of the question or says what is wrong, for any press and any text', () => {
    const labels = options.map(({ label }) => label);
    const given = fc.oneof(
      fc.record({ options: fc.array(fc.oneof(fc.integer({ min: -1, max: 4 }), fc.double())) }),
      fc.record({ text: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('YES', 'no', ' later ')) }),
    );
    fc.assert(
      fc.property(given, fc.boolean(), fc.boolean(), (choice, multi_select, allow_text) => {
        try {
          const { answer, selected } = resolveAnswer(question({ options, multi_select, allow_text }), choice);
          expect(answer.trim()).not.toBe('');
          if (selected) expect(labels).toEqual(expect.arrayContaining(selected));
          else expect(allow_text).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidAnswerError);
        }
      }),
    );
  });
});

describe('typedChoice', () => {
  it('is the options that are typed where there are no buttons, and else the text', () => {
    const permission = question({ kind: 'permission', options: permissionOptions(undefined) });
    expect(typedChoice(permission, ' allow once\n')).toEqual({ options: [0] });
    expect(typedChoice(permission, '2')).toEqual({ options: [1] });
    expect(typedChoice(permission, 'yes')).toEqual({ text: 'yes' });
    expect(typedChoice(question({ options, multi_select: true }), 'later, 1')).toEqual({ options: [0, 2] });
    expect(typedChoice(question(), '1')).toEqual({ text: '1' });
  });
});
