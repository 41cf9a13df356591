import { bold, fmt, quote } from 'telegraf/format';
import type { InlineKeyboardMarkup } from 'telegraf/types';
import { QUESTION_CHARS_MAX } from '../../domain/question-input.ts';
import { preview } from '../../domain/text.ts';
import type { Card } from '../../relay/channel.ts';
import { encodeAction } from './callback-data.ts';
import { iconOf } from './question-link.ts';
import { beginning, joined, MESSAGE_UNITS_MAX, pack, type RichText } from './rich-text.ts';
import { BUTTONS, clockWords, closedWords, ICONS, WORDS, whoWords } from './words.ts';

/** A message to be: `buttons` lie under it, `forceReply` opens the keyboard for a reply. */
export interface Outgoing {
  readonly text: RichText;
  readonly buttons?: InlineKeyboardMarkup | undefined;
  readonly forceReply?: string | undefined;
}

type Row = InlineKeyboardMarkup['inline_keyboard'][number];

const TITLE_CHARS_MAX = 120;
// The title, its icon and "(2 of 3)" stand above every part.
const HEADER_UNITS_MAX = 2 * TITLE_CHARS_MAX + 40;
const CONTEXT_UNITS_MAX = 12_000;
const SETTLED_QUESTION_UNITS_MAX = 1_500;
const SETTLED_ANSWER_UNITS_MAX = 1_500;
// What a phone shows of a button that has a row to itself, and half a row.
const BUTTON_CHARS_MAX = 40;
const HALF_BUTTON_CHARS_MAX = 16;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** An open question, or a notice, as messages; the answer ways are under the last one. */
export function cardMessages(card: Card, botName: string): Outgoing[] {
  const bodies = pack(blocksOf(card), MESSAGE_UNITS_MAX - HEADER_UNITS_MAX);
  const buttons = keyboardOf(card, new Set());
  return bodies.map((body, index) => {
    const last = index === bodies.length - 1;
    const text = joined([headerOf(card, iconFor(card), botName, [index + 1, bodies.length]), body], '\n');
    return last && buttons ? { text, buttons } : { text };
  });
}

/** A question that has ended: what was asked, how it ended, no buttons. */
export function settledMessage(card: Card, botName: string): Outgoing {
  const { state } = card;
  const icon = state.status === 'answered' ? ICONS.answered : ICONS.closed;
  const lines: (RichText | string)[] = [
    headerOf(card, icon, botName, [1, 1]),
    beginning(card.question, SETTLED_QUESTION_UNITS_MAX),
    '',
  ];
  if (state.status === 'answered') {
    lines.push(fmt`${bold(WORDS.answer)}${beginning(state.answer, SETTLED_ANSWER_UNITS_MAX)}`);
    lines.push(WORDS.byWhom(whoWords(state.answered_by), clockWords(state.answered_at), state.delivered));
  } else if (state.status === 'closed') {
    lines.push(closedWords(state));
  }
  return { text: joined(lines, '\n') };
}

/** The prompt that asks for a text. It can never be edited, since it forces a reply. */
export function promptMessage(card: Card, botName: string): Outgoing {
  const words = WORDS.prompt(preview(card.session.title, TITLE_CHARS_MAX), preview(card.question, 300));
  return {
    text: fmt`${iconOf(ICONS.write, card.question_id, botName)} ${words}`,
    forceReply: WORDS.promptPlaceholder,
  };
}

/** The answer ways of an open question; of a multiple choice with the marked options. Undefined: it has none. */
export function keyboardOf(card: Card, marked: ReadonlySet<number>): InlineKeyboardMarkup | undefined {
  if (card.kind === 'notice') return undefined;
  const { question_id: question } = card;
  const numbered = isNumbered(card);
  const options = card.options.map(({ label }, option) => {
    const name = numbered ? `${option + 1}. ${label}` : label;
    if (!card.multi_select) return button(name, encodeAction({ verb: 'answer', question, option }));
    const on = marked.has(option);
    const action = encodeAction({ verb: on ? 'unmark' : 'mark', question, option });
    return button(`${on ? ICONS.marked : ICONS.unmarked} ${name}`, action);
  });
  const rows = rowsOf(options);
  if (card.multi_select) rows.push([button(BUTTONS.done, encodeAction({ verb: 'done', question }))]);
  if (card.allow_text) rows.push([button(BUTTONS.write, encodeAction({ verb: 'write', question }))]);
  return rows.length > 0 ? { inline_keyboard: rows } : undefined;
}

function blocksOf(card: Card): RichText[] {
  // A longer one was not asked by us, and must not take up the chat for minutes.
  const blocks: RichText[] = [fmt(beginning(card.question, QUESTION_CHARS_MAX))];
  if (card.context) blocks.push(contextOf(card.context));
  if (isNumbered(card)) {
    const lines = card.options.map(({ label, description }, index) =>
      description ? fmt`${index + 1}. ${bold(label)}: ${description}` : fmt`${index + 1}. ${bold(label)}`,
    );
    blocks.push(joined(lines, '\n'));
  }
  const foot = card.kind === 'notice' ? [] : footOf(card);
  if (foot.length > 0) blocks.push(fmt(foot.join('\n')));
  return blocks;
}

function contextOf(context: string): RichText {
  const shown = beginning(context, CONTEXT_UNITS_MAX);
  const missing = context.length - shown.length;
  return missing > 0 ? fmt`${quote(shown)}\n${WORDS.contextCut(missing)}` : quote(shown);
}

function footOf(card: Card): string[] {
  const foot: string[] = [];
  const until = card.expires_at ? clockWords(card.expires_at) : null;
  if (card.multi_select) foot.push(WORDS.chooseSeveral);
  if (card.default_answer !== undefined) foot.push(WORDS.byDefault(preview(card.default_answer, 200), until));
  else if (until) foot.push(WORDS.expires(until));
  return foot;
}

function headerOf(card: Card, icon: string, botName: string, [part, parts]: [number, number]): RichText {
  const { title, project } = card.session;
  const name = preview(title.includes(project) ? title : `${title} · ${project}`, TITLE_CHARS_MAX);
  const count = parts > 1 ? ` ${WORDS.part(part, parts)}` : '';
  return fmt`${iconOf(icon, card.question_id, botName)} ${bold(name)}${count}`;
}

function iconFor(card: Card): string {
  return card.kind === 'notice' ? ICONS.notice[card.level ?? 'info'] : ICONS[card.kind];
}

/** Options stand numbered in the text when a button cannot say all there is to say. */
function isNumbered(card: Card): boolean {
  return card.options.some(
    ({ label, description }) => description || [...label].length > BUTTON_CHARS_MAX - 4 || !VISIBLE.test(label),
  );
}

function rowsOf(buttons: readonly Row[number][]): Row[] {
  const width = buttons.every(({ text }) => text.length <= HALF_BUTTON_CHARS_MAX) ? 2 : 1;
  const rows: Row[] = [];
  for (let at = 0; at < buttons.length; at += width) rows.push(buttons.slice(at, at + width));
  return rows;
}

/** A button; its text is cut to what a phone can show. */
export function button(text: string, callback_data: string): Row[number] {
  return { text: preview(text, BUTTON_CHARS_MAX), callback_data };
}
