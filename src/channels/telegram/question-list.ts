import { bold, fmt } from 'telegraf/format';
import type { InlineKeyboardMarkup } from 'telegraf/types';
import { preview } from '../../domain/text.ts';
import type { Card, SessionSummary } from '../../relay/channel.ts';
import { type ButtonAction, encodeAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import { markdownPreview } from './markdown.ts';
import { button } from './options-keyboard.ts';
import { joined, MESSAGE_UNITS_MAX, pack, type RichText } from './rich-text.ts';
import { ageWords, BUTTONS, WORDS } from './words.ts';

/** Questions on one page: what fits on a phone's screen, and far below Telegram's 100 buttons. */
const PAGE_ENTRIES = 8;
const ENTRY_CHARS_MAX = 64;

/** The pending questions, one button each, oldest first, in pages from 0. A page that is gone is the last one. */
export function pendingList(cards: readonly Card[], page: number, now: number): Outgoing {
  if (cards.length === 0) return { text: fmt(WORDS.nonePending) };
  const shown = pageOf(cards, page);
  const lines: (RichText | string)[] = [bold(WORDS.pending(cards.length)), WORDS.pendingHint];
  if (shown.pages > 1) lines.push(WORDS.page(shown.page + 1, shown.pages));
  return {
    text: joined(lines, '\n'),
    buttons: {
      inline_keyboard: [
        ...shown.entries.map((card) => [entry(card, now, { verb: 'open', question: card.question_id })]),
        ...turnRow('list_page', shown),
      ],
    },
  };
}

/** Asks which question a text is for. The text is the message that this one replies to, so nothing needs remembering. */
export function whichQuestion(cards: readonly Card[], page: number, now: number): Outgoing {
  const shown = pageOf(cards, page);
  const inline_keyboard: InlineKeyboardMarkup['inline_keyboard'] = [
    ...shown.entries.map((card) => [entry(card, now, { verb: 'assign', question: card.question_id } as const)]),
    ...turnRow('assign_page', shown),
    [button(BUTTONS.drop, encodeAction({ verb: 'drop' }))],
  ];
  return { text: fmt(WORDS.which), buttons: { inline_keyboard } };
}

/** The live sessions, below some lines, in as many messages as they need. */
export function sessionList(
  sessions: readonly SessionSummary[],
  now: number,
  above: readonly string[] = [],
): Outgoing[] {
  if (sessions.length === 0) return [{ text: fmt([...above, WORDS.noSessions].join('\n')) }];
  const lines = sessions.map(
    (session) =>
      fmt`• ${bold(preview(session.name.title, 80))}${WORDS.sessionLine(session, ageWords(session.started_at, now))}`,
  );
  const head = bold(WORDS.sessions(sessions.length));
  return pack([joined([...above, head, ...lines], '\n')], MESSAGE_UNITS_MAX).map((text) => ({ text }));
}

interface Page {
  readonly entries: readonly Card[];
  readonly page: number;
  readonly pages: number;
}

function pageOf(cards: readonly Card[], wanted: number): Page {
  const pages = Math.max(1, Math.ceil(cards.length / PAGE_ENTRIES));
  const page = Math.min(wanted, pages - 1);
  return { entries: cards.slice(page * PAGE_ENTRIES, (page + 1) * PAGE_ENTRIES), page, pages };
}

function turnRow(verb: 'list_page' | 'assign_page', { page, pages }: Page): ReturnType<typeof button>[][] {
  const row = [];
  if (page > 0) row.push(button(BUTTONS.previous, encodeAction({ verb, page: page - 1 })));
  if (page < pages - 1) row.push(button(BUTTONS.next, encodeAction({ verb, page: page + 1 })));
  return row.length > 0 ? [row] : [];
}

function entry(card: Card, now: number, action: ButtonAction): ReturnType<typeof button> {
  const text = WORDS.listEntry(card, markdownPreview(card.question, ENTRY_CHARS_MAX), ageWords(card.asked_at, now));
  return { text: preview(text, ENTRY_CHARS_MAX), callback_data: encodeAction(action) };
}
