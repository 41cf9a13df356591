import { describe, expect, it } from 'vitest';
import { questionDraft } from '../../test/support/records.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { ChannelReport } from '../runtime/hub-wire.ts';
import { TIMINGS } from '../runtime/timings.ts';
import { describeWaiting } from './waiting-progress.ts';

const NOW = Date.parse('2026-11-20T10:03:01.000Z');

function question(more: Partial<QuestionState> = {}): QuestionState {
  const { body } = questionDraft();
  return { record: body as QuestionRecord, status: 'pending', shown: new Map(), settled: new Map(), ...more };
}

function channel(ok: boolean, detail: string): ChannelReport {
  return { name: 'telegram', ok, detail, since: '2026-11-20T10:01:00.000Z' };
}

describe('what a waiting call says', () => {
  it('is said at most 15 s apart, with room for a timer that is late', () => {
    expect(TIMINGS.progress).toBeLessThan(15_000);
  });

  it('tells how long it waits once somebody can see the question', () => {
    const shown = question({ shown: new Map([['telegram:1', {} as never]]) });
    expect(describeWaiting(shown, { connected: false, starting: false, channels: null }, NOW)).toBe(
      'waiting for an answer, asked 3 min ago',
    );
  });

  it.each([
    [
      'the hub that it started is not there yet',
      { connected: false, starting: true, channels: null },
      'not shown yet: connecting to the hub',
    ],
    [
      'the hub has only just been started',
      { connected: true, starting: false, channels: null },
      'not shown yet: the hub is starting',
    ],
    ['no hub runs', { connected: false, starting: false, channels: null }, 'not shown yet: no hub is running'],
    [
      'the channel is in trouble',
      { connected: true, starting: false, channels: [channel(false, 'Telegram unreachable')] },
      'not shown yet: Telegram unreachable (for 2 min)',
    ],
    ['the card is on its way', { connected: true, starting: false, channels: [channel(true, 'ok')] }, 'not shown yet'],
  ])('says why nobody has seen it when %s', (_what, hub, words) => {
    expect(describeWaiting(question(), hub, NOW)).toBe(`waiting for an answer, asked 3 min ago; ${words}`);
  });

  it('says where to look when no page is open, unless another channel brings the card', () => {
    const web = { ...channel(true, 'no page is open at http://127.0.0.1:4680'), name: 'web', chats: 0 };
    const words = (...channels: ChannelReport[]): string =>
      describeWaiting(question(), { connected: true, starting: false, channels }, NOW);
    expect(words(web)).toMatch(/; not shown yet: no page is open at http:\/\/127\.0\.0\.1:4680$/);
    expect(words(channel(false, 'Telegram unreachable'), web)).toMatch(
      /; not shown yet: Telegram unreachable \(for 2 min\); no page is open at http:\/\/127\.0\.0\.1:4680$/,
    );
    expect(words({ ...channel(true, 'Connected as @bot'), chats: 1 }, web)).toMatch(/; not shown yet$/);
  });

  it('says how to answer when no channel is configured', () => {
    const asked = question();
    expect(describeWaiting(asked, { connected: true, starting: false, channels: [] }, NOW)).toContain(
      `no channel is configured: answer with \`switchboard answer ${asked.record.id} …\``,
    );
  });

  it('repeats what the channel said last about this card', () => {
    const failed = question({ lastError: { message: 'Forbidden: bot was blocked by the user' } as never });
    expect(
      describeWaiting(failed, { connected: true, starting: false, channels: [channel(true, 'ok')] }, NOW),
    ).toContain('not shown yet: Forbidden: bot was blocked by the user');
  });
});
