import { describe, expect, it } from 'vitest';
import { permissionBody } from '../../test/support/own-session.ts';
import { newQuestion } from '../../test/support/records.ts';
import { recordWords } from './record-words.ts';
import type { RecordBody, SessionRecord } from './records.ts';
import { MESSAGE_WAITS } from './session-state.ts';

function words(body: RecordBody) {
  const envelope = { v: 1, event_id: newQuestion(), timestamp: '2026-11-20T10:00:00.000Z', writer: 'mcp:1' };
  return recordWords({ ...envelope, ...body } as unknown as SessionRecord);
}

describe('a record in words', () => {
  it('says of a permission what wants to run, and what is dangerous about it', () => {
    const { what, text } = words(permissionBody(newQuestion(), { command: 'rm -rf build', dangers: ['Deletes it.'] }));
    expect(what).toBe('asked');
    expect(text).toBe(
      'May I run a command?\nBash\n```sh\nrm -rf build\n```\n\n' +
        "Why, in Claude's words: to tidy up\nDirectory: /home/ada/shop\n! Deletes it.\n- Allow once\n- Deny",
    );
  });

  it('keeps the lines of a change, and closes the block of one that is too long for a timeline', () => {
    const change = (lines: string) => `File: a.txt\n\`\`\`diff\n${lines}\n\`\`\`\n\nDirectory: /home/ada`;
    const short = change('@@ -1,2 +1,2 @@\n one\n-two\n+2');
    const { text } = words(permissionBody(newQuestion(), { command: '', context: short }));
    expect(text).toContain(`\nBash\n${short}\n- Allow once`);
    const long = words(permissionBody(newQuestion(), { command: '', context: change('+line\n'.repeat(200)) })).text;
    expect(long.length).toBeLessThan(700);
    expect(long).toMatch(/\n\+line\n\+l?i?n?e?…\n```\n- Allow once\n- Deny$/);
  });

  it('says why a word is not with Claude yet', () => {
    const id = newQuestion();
    const waits = { type: 'error', code: MESSAGE_WAITS, message: 'Claude has not read this yet.', detail: id } as const;
    expect(words(waits)).toEqual({ what: 'waits', text: 'Claude has not read this yet.' });
  });

  it('says how an answer was confirmed', () => {
    const answer = {
      type: 'answer',
      question_id: newQuestion(),
      answer: 'Allow once',
      answered_by: { channel: 'telegram', id: '7', name: 'Ada' },
      answered_at: '2026-11-20T10:00:00.000Z',
    } as const;
    expect(words({ ...answer, confirmed: 'pin' }).text).toBe('Allow once (Ada, telegram, confirmed by PIN)');
    expect(words({ ...answer, answered_by: { channel: 'cli', id: '0', name: 'root' } }).text).toBe(
      'Allow once (root, terminal)',
    );
    expect(words({ ...answer, confirmed: 'twice' }).text).toBe('Allow once (Ada, telegram, confirmed twice)');
  });
});
