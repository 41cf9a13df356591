import { describe, expect, it } from 'vitest';
import { PERMISSION_LABELS } from '../domain/permission.ts';
import { Confirmations } from './confirmations.ts';

const permission = { tool: 'Bash', input_hash: '', cwd: '/' };
const question = { kind: 'permission' as const, permission: { ...permission, dangers: ['Deletes.'] } };
const harmless = { kind: 'permission' as const, permission };
const yes = { answer: PERMISSION_LABELS.once, selected: [PERMISSION_LABELS.once] };
const no = { answer: PERMISSION_LABELS.deny, selected: [PERMISSION_LABELS.deny] };
const person = { channel: 'telegram', id: '7', name: 'Ada' };
const other = { channel: 'telegram', id: '8', name: 'Bob' };

describe('confirmations', () => {
  it('are asked for approvals of what is dangerous alone: not for denials, nor for what is harmless', () => {
    const rule = new Confirmations('4711');
    expect(rule.judge(question, no, { person })).toEqual({ is: 'free' });
    expect(rule.judge(question, { answer: 'not today' }, { person })).toEqual({ is: 'free' });
    expect(rule.judge(harmless, yes, { person })).toEqual({ is: 'free' });
    expect(rule.judge({ kind: 'question' }, yes, { person })).toEqual({ is: 'free' });
    expect(rule.judge(question, yes, { person })).toEqual({ is: 'missing', pin: true });
  });

  it('without a PIN are a second yes', () => {
    const rule = new Confirmations(undefined);
    expect(rule.judge(question, yes, { person })).toEqual({ is: 'missing', pin: false });
    expect(rule.judge(question, yes, { person, confirmed: true })).toEqual({ is: 'confirmed', how: 'twice' });
  });

  it('with a PIN need both: a second yes alone, and a PIN alone, are not enough', () => {
    const rule = new Confirmations('4711');
    expect(rule.judge(question, yes, { person, confirmed: true })).toEqual({ is: 'missing', pin: true });
    expect(rule.judge(question, yes, { person, pin: '4711' })).toEqual({ is: 'missing', pin: true });
    expect(rule.judge(question, yes, { person, confirmed: true, pin: ' 4711 ' })).toEqual({
      is: 'confirmed',
      how: 'pin',
    });
  });

  it('after five wrong PINs take none of this person for 15 minutes, not even the right one', () => {
    let now = 0;
    const rule = new Confirmations('4711', () => now);
    const attempt = (pin: string, who = person) => rule.judge(question, yes, { person: who, confirmed: true, pin });
    for (const left of [4, 3, 2, 1, 0]) expect(attempt('0000')).toEqual({ is: 'wrong_pin', attempts_left: left });
    expect(attempt('4711')).toEqual({ is: 'wrong_pin', attempts_left: 0 });
    expect(attempt('4711', other)).toEqual({ is: 'confirmed', how: 'pin' });
    now = 15 * 60_000 - 1;
    expect(attempt('4711')).toEqual({ is: 'wrong_pin', attempts_left: 0 });
    now += 1;
    expect(attempt('4711')).toEqual({ is: 'confirmed', how: 'pin' });
  });

  it('keep what looks like a PIN from being the reason of a denial, where a PIN is asked for', () => {
    expect(new Confirmations('4711').isStrayPin(question, ' 0815 ')).toBe(true);
    expect(new Confirmations('4711').isStrayPin(question, '0815 files are too many')).toBe(false);
    expect(new Confirmations('4711').isStrayPin(harmless, '0815')).toBe(false);
    expect(new Confirmations(undefined).isStrayPin(question, '0815')).toBe(false);
  });
});
