import { describe, expect, it } from 'vitest';
import { whoWords } from './person-words.ts';

describe('who gave an answer', () => {
  it('is said with where, unless that is here; a terminal is called one, and a default has no place', () => {
    expect(whoWords({ channel: 'telegram', id: '7', name: 'Ada' })).toBe('Ada (telegram)');
    expect(whoWords({ channel: 'telegram', id: '7', name: 'Ada' }, 'telegram')).toBe('Ada');
    expect(whoWords({ channel: 'cli', id: '0', name: 'root' }, 'telegram')).toBe('root (terminal)');
    expect(whoWords({ channel: 'default', id: 'timeout', name: 'default answer' }, 'telegram')).toBe('default answer');
  });
});
