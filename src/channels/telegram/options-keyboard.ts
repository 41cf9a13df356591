import type { InlineKeyboardMarkup } from 'telegraf/types';
import { preview } from '../../domain/text.ts';
import type { Card } from '../../relay/channel.ts';
import { decodeAction, encodeAction } from './callback-data.ts';
import { BUTTONS, ICONS } from './words.ts';

export type Row = InlineKeyboardMarkup['inline_keyboard'][number];

// What a phone shows of a button that has a row to itself, and half a row.
const BUTTON_CHARS_MAX = 40;
const HALF_BUTTON_CHARS_MAX = 16;
/** The box of an option that can be marked, and the space after it. */
const BOX_CHARS = 3;
/** Rows of options that a phone shows together with the end of the question; more go in pages. */
const OPTION_ROWS_MAX = 8;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** A button; its text is cut to what a phone can show. */
export function button(text: string, callback_data: string): Row[number] {
  return { text: preview(text, BUTTON_CHARS_MAX), callback_data };
}

/** Options stand numbered in the text when their buttons cannot say all there is to say, or not all at once. */
export function isNumbered(card: Card): boolean {
  if (card.kind === 'permission') return false;
  return card.options.some(({ label, description }) => description || !fits(label)) || pagesOf(card).length > 1;
}

/**
 * The answer ways of an open question; of a multiple choice with the marked options, by index. `page`: of the options,
 * from 0. Undefined: there are none.
 */
export function keyboardOf(card: Card, marked: ReadonlySet<number>, page = 0): InlineKeyboardMarkup | undefined {
  if (card.kind === 'notice') return undefined;
  const { question_id: question } = card;
  const pages = pagesOf(card);
  const shown = Math.min(page, pages.length - 1);
  const rows: Row[] = [...(pages[shown] ?? [])].map((row) => row.map((option) => optionButton(card, option, marked)));
  if (pages.length > 1) rows.push(turnRow(card, pages, shown, marked));
  if (card.multi_select) {
    rows.push([button(BUTTONS.done(marked.size), encodeAction({ verb: 'done', question }))]);
  }
  const write = card.kind === 'permission' ? BUTTONS.denyWhy : BUTTONS.write;
  if (card.allow_text) rows.push([button(write, encodeAction({ verb: 'write', question }))]);
  return rows.length > 0 ? { inline_keyboard: rows } : undefined;
}

/** The page on which an option stands, from 0. */
export function pageOfOption(card: Card, option: number): number {
  return Math.max(
    0,
    pagesOf(card).findIndex((rows) => rows.flat().includes(option)),
  );
}

/** The options that a keyboard says are marked, those of its other pages included. */
export function marksIn(keyboard: InlineKeyboardMarkup): Set<number> {
  const marks = new Set<number>();
  for (const each of keyboard.inline_keyboard.flat()) {
    const action = 'callback_data' in each ? decodeAction(each.callback_data) : null;
    if (action?.verb === 'unmark') marks.add(action.option);
    if (action?.verb === 'options_page') for (const option of unpackMarks(action.marks)) marks.add(option);
  }
  return marks;
}

/** Option indexes in rows in pages. */
function pagesOf(card: Card): number[][][] {
  const indexes = [...card.options.keys()].filter((option) => !card.withheld?.includes(option));
  const room = HALF_BUTTON_CHARS_MAX - (card.multi_select ? BOX_CHARS : 0);
  const short = card.options.every(
    ({ label }, option) => fits(label) && nameOf(card, label, option, false).length <= room,
  );
  const rows = chunks(indexes, short ? 2 : 1);
  const pages = Math.ceil(rows.length / OPTION_ROWS_MAX);
  return pages <= 1 ? [rows] : chunks(rows, Math.ceil(rows.length / pages));
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

function optionButton(card: Card, option: number, marked: ReadonlySet<number>): Row[number] {
  const { question_id: question, multi_select } = card;
  const name = nameOf(card, card.options[option]?.label ?? '', option, isNumbered(card));
  if (!multi_select) return button(name, encodeAction({ verb: 'answer', question, option }));
  const on = marked.has(option);
  const action = encodeAction({ verb: on ? 'unmark' : 'mark', question, option });
  return button(`${on ? ICONS.marked : ICONS.unmarked} ${name}`, action);
}

function nameOf(card: Card, label: string, option: number, numbered: boolean): string {
  const described = card.kind !== 'permission' && card.options.some(({ description }) => description);
  return numbered || described ? `${option + 1}. ${label}` : label;
}

function turnRow(card: Card, pages: number[][][], shown: number, marked: ReadonlySet<number>): Row {
  const turn = (page: number, words: (from: number, to: number) => string): Row => {
    const options = pages[page]?.flat() ?? [];
    const [first] = options;
    const last = options.at(-1);
    if (first === undefined || last === undefined) return [];
    const { question_id: question } = card;
    const data = encodeAction({ verb: 'options_page', question, page, marks: packMarks(marked) });
    return [button(words(first + 1, last + 1), data)];
  };
  return [...turn(shown - 1, BUTTONS.optionsBefore), ...turn(shown + 1, BUTTONS.optionsAfter)];
}

/** Can a button say this label, with its number and its box before it, as it is? */
function fits(label: string): boolean {
  return VISIBLE.test(label) && preview(label, BUTTON_CHARS_MAX - 6) === label;
}

// One bit an option: what several pages of options have marked fits into one button's data.
function packMarks(marks: ReadonlySet<number>): number {
  return [...marks].reduce((sum, option) => sum + 2 ** option, 0);
}

function unpackMarks(packed: number): number[] {
  return Array.from({ length: 49 }, (_, option) => option).filter(
    (option) => Math.floor(packed / 2 ** option) % 2 === 1,
  );
}
