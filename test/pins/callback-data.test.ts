import { describe, expect, it } from 'vitest';
import { decodeAction, encodeAction } from '../../src/channels/telegram/callback-data.ts';
import { formatRef, parseRef } from '../../src/channels/telegram/ref.ts';
import { parseQuestionId, parseSessionId } from '../../src/domain/ids.ts';

// Buttons stay in people's chats, and refs in session files, longer than any version of Switchboard runs.

const question = parseQuestionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11');

describe('callback data, byte for byte', () => {
  it.each([
    [{ verb: 'answer', question, option: 3 }, 'a.C28_bjpVTDmdXC9NPxp8EQ.3'],
    [{ verb: 'confirm', question, option: 1 }, 'y.C28_bjpVTDmdXC9NPxp8EQ.1'],
    [{ verb: 'unconfirm', question }, 'n.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'tell', session: parseSessionId(question) }, 's.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'mark', question, option: 0 }, 'm.C28_bjpVTDmdXC9NPxp8EQ.0'],
    [{ verb: 'unmark', question, option: 11 }, 'u.C28_bjpVTDmdXC9NPxp8EQ.11'],
    [{ verb: 'done', question }, 'd.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'write', question }, 'w.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'open', question }, 'o.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'assign', question }, 't.C28_bjpVTDmdXC9NPxp8EQ'],
    [{ verb: 'options_page', question, page: 1, marks: 2049 }, 'g.C28_bjpVTDmdXC9NPxp8EQ.1.2049'],
    [{ verb: 'drop' }, 'x'],
    [{ verb: 'list' }, 'i'],
    [{ verb: 'list_page', page: 0 }, 'l.0'],
    [{ verb: 'assign_page', page: 12 }, 'p.12'],
  ] as const)('%o is %s', (action, data) => {
    expect(encodeAction(action)).toBe(data);
    expect(decodeAction(data)).toEqual(action);
  });
});

describe('refs of cards, byte for byte', () => {
  it.each([
    [{ kind: 'card', chat: '7', messages: [101] }, '7:101'],
    [{ kind: 'card', chat: '-1001234567890', messages: [101, 102] }, '-1001234567890:101,102'],
    [{ kind: 'list', chat: '7', messages: [105] }, '7:list:105'],
  ] as const)('%o is %s', (place, ref) => {
    expect(formatRef(place)).toBe(ref);
    expect(parseRef(ref)).toEqual(place);
  });

  it.each(['', '7', 'web/3', '7:', '7:a'])('%o is the ref of something else', (ref) => {
    expect(parseRef(ref)).toBeNull();
  });
});
