import { describe, expect, it } from 'vitest';
import { newQuestion, newSession, questionDraft } from '../../test/support/records.ts';
import { GRANT_CHARS_MAX, permissionOptions } from '../domain/permission.ts';
import type { QuestionRecord } from '../domain/records.ts';
import { sessionGrant } from '../mcp/hooks/session-grant.ts';
import { cardOf } from './card.ts';

const endless = 'x'.repeat(900_000);
const many = (count: number, text: string): string[] => Array.from({ length: count }, () => text);

/** A question as somebody else may have written it into a file. */
function planted(more: Partial<QuestionRecord>): QuestionRecord {
  return { ...questionDraft(newQuestion()).body, ...more } as QuestionRecord;
}

function cardFor(record: QuestionRecord, state: object = {}) {
  const session = { id: newSession(), title: 'shop', project: 'shop' };
  const question = { record, status: 'pending', shown: new Map(), settled: new Map(), ...state };
  return cardOf(question as never, { session, held: false, contextMissing: false });
}

describe('a card', () => {
  it('holds of each field what a session may write, whatever stands in the file', () => {
    const person = { channel: endless, id: endless, name: endless };
    const card = cardFor(
      planted({
        question: endless,
        default_answer: endless,
        options: [{ label: endless, description: endless }, ...many(5_000, 'b').map((label) => ({ label }))],
        permission: { tool: endless, input_hash: endless, cwd: endless, grant: endless, dangers: many(1_800, endless) },
      }),
      { answer: { answer: endless, selected: many(5_000, endless), answered_by: person, answered_at: '2026-11-20' } },
    );
    expect(JSON.stringify(card).length).toBeLessThan(200_000);
    expect(card.options).toHaveLength(48);
    expect(card.options_left_out).toBe(5_001 - 48);
    expect(card.permission?.dangers).toHaveLength(21);
    expect(card.permission?.dangers?.at(-1)).toBe('… and 1780 more');
  });

  it('says all of what is granted: no grant is offered that it does not hold', () => {
    const content = 'x'.repeat(GRANT_CHARS_MAX - 'Bash()'.length);
    const suggestion = { type: 'addRules', rules: [{ toolName: 'Bash', ruleContent: content }], behavior: 'allow' };
    const words = sessionGrant('Bash', { command: 'ls' }, [suggestion])?.words ?? '';
    expect(words).toHaveLength(GRANT_CHARS_MAX);
    const card = cardFor(planted({ kind: 'permission', options: permissionOptions(words) }));
    expect(card.options[1]?.description).toBe(words);
  });

  it('says all that a session may write, as it was written', () => {
    const options = many(12, 'o'.repeat(196)).map((label, at) => ({
      label: `${label} ${at}`,
      description: 'd'.repeat(500),
    }));
    const permission = {
      tool: 'Bash',
      input_hash: 'f'.repeat(64),
      cwd: '/shop',
      grant: 'Bash(git *)',
      dangers: ['Deletes.'],
    };
    const given = { question: 'q\n'.repeat(4_000), default_answer: 'a'.repeat(8_000), options, permission };
    const answer = {
      answer: 'a'.repeat(8_000),
      selected: [options[11]?.label ?? ''],
      answered_by: { channel: 'web', id: '7', name: 'Ann' },
    };
    const card = cardFor(planted(given), { answer: { ...answer, answered_at: '2026-11-20' } });
    expect(card).toMatchObject({ ...given, state: answer });
    expect(card).not.toHaveProperty('options_left_out');
  });
});
