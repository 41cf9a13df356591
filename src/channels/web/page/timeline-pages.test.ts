import { describe, expect, it } from 'vitest';
import type { Timeline } from '../wire.ts';
import { earlier, newer } from './timeline-pages.ts';

function page(from: number, to: number, previous?: string): Timeline {
  const items = Array.from({ length: to - from + 1 }, (_, n) => {
    return { key: String(from + n), at: '2026-11-20T10:00:00.000Z', type: 'error', what: 'error', text: '' };
  });
  return { session: {}, items, unreadable: 0, ...(previous === undefined ? {} : { previous }) } as unknown as Timeline;
}

const keys = ({ items }: Timeline) => items.map(({ key }) => Number(key));

describe('the pages of a timeline', () => {
  it('puts an earlier page in front and goes on from there', () => {
    const both = earlier(page(5, 8, 'at 5'), page(2, 5, 'at 2'));
    expect(keys(both)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(both.previous).toBe('at 2');
    expect(earlier(both, page(1, 1)).previous).toBeUndefined();
  });

  it('keeps what was read before when the newest page comes anew', () => {
    const both = earlier(page(5, 8, 'at 5'), page(2, 4, 'at 2'));
    const next = newer(both, page(7, 10, 'at 7'));
    expect(keys(next)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(next.previous).toBe('at 2');
  });

  it('begins anew where the newest page does not join on', () => {
    const next = newer(page(1, 3), page(7, 9, 'at 7'));
    expect(keys(next)).toEqual([7, 8, 9]);
    expect(next.previous).toBe('at 7');
  });
});
