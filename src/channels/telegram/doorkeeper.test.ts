import { describe, expect, it } from 'vitest';
import { eventIdFrom } from '../../domain/ids.ts';
import { Doorkeeper } from './doorkeeper.ts';
import type { IncomingMessage } from './incoming.ts';

const desk = { isOwner: ({ id }: { id: string }) => id === '7' };

function from(id: string, more: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    kind: 'text',
    person: { channel: 'telegram', id, name: 'Somebody' },
    chat: id,
    private: true,
    thread: null,
    file: null,
    album: null,
    content: 'other',
    cause: eventIdFrom('test'),
    messageId: 1,
    text: 'x',
    command: '',
    argument: '',
    date: 1,
    repliesToBot: false,
    replies: false,
    inOwnTopic: false,
    question: null,
    pin: null,
    faceless: false,
    ...more,
  };
}

describe('the doorkeeper', () => {
  it('hears owners in their own chat and in the configured group, and nobody anywhere else', () => {
    const doorkeeper = new Doorkeeper('-100');
    expect(doorkeeper.refusal(from('7'), desk)).toBeNull();
    expect(doorkeeper.refusal(from('7', { private: false, chat: '-100' }), desk)).toBeNull();
    expect(doorkeeper.refusal(from('7', { private: false, chat: '-200' }), desk)).toContain('only in my own chats');
    expect(doorkeeper.refusal(from('8'), desk)).toContain('owner only');
    expect(doorkeeper.refusal(from('7', { faceless: true }), desk)).toContain('owner only');
  });

  it('refuses each stranger once, and altogether not more than twenty in ten minutes', () => {
    const doorkeeper = new Doorkeeper(undefined);
    expect([1, 2, 3].map(() => doorkeeper.maySay(from('8')))).toEqual([true, false, false]);
    const said = Array.from({ length: 100 }, (_, n) => doorkeeper.maySay(from(String(1_000 + n))));
    expect(said.filter(Boolean)).toHaveLength(19);
  });
});
