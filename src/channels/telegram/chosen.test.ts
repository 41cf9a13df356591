import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseQuestionId } from '../../domain/ids.ts';
import { Chosen } from './chosen.ts';

const question = parseQuestionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a chosen question', () => {
  it('is remembered for ten minutes, for this chat and person', () => {
    const chosen = new Chosen();
    chosen.choose({ chat: '-100', thread: 3 }, '7', question);
    expect(chosen.of('-100', '7')).toMatchObject({ question, thread: 3 });
    expect(chosen.of('-100', '8')).toBeNull();
    expect(chosen.of('7', '7')).toBeNull();
    vi.advanceTimersByTime(10 * 60_000 - 1);
    expect(chosen.of('-100', '7')).toMatchObject({ question, thread: 3 });
    vi.advanceTimersByTime(1);
    expect(chosen.of('-100', '7')).toBeNull();
  });
});
