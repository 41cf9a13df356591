import { describe, expect, it } from 'vitest';
import type { Inbox, PageCard } from '../wire.ts';
import { EMPTY_INBOX, type InboxState, isOpen, swept, withCard, withInbox, withSessions } from './inbox-state.ts';

const AT = '2026-11-20T10:00:00.000Z';

function card(id: string, more: Partial<PageCard> = {}): PageCard {
  return {
    question_id: id,
    session: { id: 'session', title: 'Session', project: 'project' },
    kind: 'question',
    question: `${id}?`,
    options: [],
    multi_select: false,
    allow_text: true,
    asked_at: AT,
    project_dir: '/project',
    state: { status: 'pending' },
    ...more,
  } as PageCard;
}

function answered(id: string, delivered: boolean): PageCard {
  const answered_by = { channel: 'web', id: '1', name: 'Ada' };
  return card(id, { state: { status: 'answered', answer: 'Yes', answered_by, answered_at: AT, delivered } });
}

function inboxOf(open: PageCard[], recent: PageCard[] = []): Inbox {
  const presence = { away: false, sessions: {} };
  return { build: 'b', hub: { version: '1', pid: 1 }, open, recent, sessions: [], channels: [], presence };
}

const ids = ({ open }: InboxState) => open.map((entry) => `${entry.card.question_id}${isOpen(entry) ? '' : ' ended'}`);
const start = withInbox(EMPTY_INBOX, inboxOf([card('a'), card('b')]), 0);

describe('the state of the inbox page', () => {
  it('puts a new question last, and keeps one that has ended in its place', () => {
    const state = withCard(
      withCard(start, card('c', { asked_at: '2020-01-01T00:00:00.000Z' }), 1),
      answered('a', false),
      2,
    );
    expect(ids(state)).toEqual(['a ended', 'b', 'c']);
    expect(state.open[0]?.endedAt).toBe(2);
  });

  it('keeps places over a lost connection, and learns what ended meanwhile', () => {
    const state = withInbox(start, inboxOf([card('c'), card('b')], [answered('a', true)]), 5);
    expect(ids(state)).toEqual(['a ended', 'b', 'c']);
    expect(state.recent).toEqual([]);
  });

  it('never goes back in a story: an older card that comes later changes nothing', () => {
    const state = withCard(withCard(start, answered('a', true), 1), answered('a', false), 2);
    expect(state.open[0]?.card).toEqual(answered('a', true));
    expect(ids(withCard(state, card('a'), 3))).toEqual(['a ended', 'b']);
  });

  it('ends what the hub does not list any more, and takes it back when the hub says otherwise', () => {
    const state = withSessions(start, { sessions: [], open: ['b'] }, 1);
    expect(ids(state)).toEqual(['a ended', 'b']);
    expect(ids(withCard(state, card('a'), 2))).toEqual(['a', 'b']);
  });

  it('does not take a question for one of a session that is over while that runs: how it ended is still to come', () => {
    const running = { name: card('a').session, started_at: AT, pending: 0 } as Inbox['sessions'][number];
    const state = withSessions(start, { sessions: [running], open: [] }, 1);
    expect(ids(state)).toEqual(['a', 'b']);
    expect(ids(withSessions(state, { sessions: [], open: [] }, 2))).toEqual(['a ended', 'b ended']);
  });

  it('sweeps what may go into the recent ones, newest first, and nothing that is open', () => {
    const told = withCard(start, card('n', { kind: 'notice', asked_at: '2020-01-01T00:00:00.000Z' }), 1);
    const state = swept(withCard(told, answered('a', true), 2), () => true);
    expect(ids(state)).toEqual(['b']);
    expect(state.recent.map(({ question_id }) => question_id)).toEqual(['a', 'n']);
    expect(swept(state, () => true)).toBe(state);
  });
});
