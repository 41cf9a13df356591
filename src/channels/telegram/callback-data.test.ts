import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuestionId, UUID } from '../../domain/ids.ts';
import { type ButtonAction, decodeAction, encodeAction } from './callback-data.ts';

const question = fc.uuid({ version: 4 }).map((id) => id as QuestionId);
const number = fc.nat(9_999);
const actions: fc.Arbitrary<ButtonAction> = fc.oneof(
  fc.record({ verb: fc.constant('answer' as const), question, option: number }),
  fc.record({ verb: fc.constantFrom('mark' as const, 'unmark' as const), question, option: number }),
  fc.record({ verb: fc.constantFrom('done', 'write', 'open', 'assign'), question }) as fc.Arbitrary<ButtonAction>,
  fc.record({ verb: fc.constantFrom('list_page', 'assign_page'), page: number }) as fc.Arbitrary<ButtonAction>,
  fc.record({ verb: fc.constant('options_page' as const), question, page: number, marks: fc.nat(2 ** 49 - 1) }),
  fc.constantFrom({ verb: 'drop' as const }, { verb: 'list' as const }),
);

describe('callback data', () => {
  it('bring back every action, in at most 64 bytes', () => {
    fc.assert(
      fc.property(actions, (action) => {
        const data = encodeAction(action);
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
        expect(decodeAction(data)).toEqual(action);
      }),
    );
  });

  it('of any other kind mean nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z](\.[A-Za-z0-9_-]{0,24}){0,2}$/)), (data) => {
        const action = decodeAction(data);
        if (action) expect(encodeAction(action)).toBe(data);
        if (action && 'question' in action) expect(action.question).toMatch(UUID);
      }),
    );
  });

  it.each([
    '',
    'answer',
    'a',
    'a.C28_bjpVTDmdXC9NPxp8EQ',
    'd.C28_bjpVTDmdXC9NPxp8EQ.1',
    'x.1',
    'l',
    'l.01',
    'a.AAAAAAAAAAAAAAAAAAAAAA.0',
    'z.1',
  ])('%o is unknown', (data) => {
    expect(decodeAction(data)).toBeNull();
  });
});
