import { type Button, badRequest, type InlineKeyboard } from './wire.ts';

const CALLBACK_BYTES_MAX = 64;
const BUTTONS_IN_ROW_MAX = 8;
const BUTTONS_MAX = 100;
const KEYBOARD_BYTES_MAX = 10_000;

/** What a `reply_markup` asks for: buttons under the message, or that the person replies. */
export type Markup =
  | { readonly kind: 'none' }
  | { readonly kind: 'buttons'; readonly keyboard: InlineKeyboard }
  | { readonly kind: 'force_reply' };

/** Judges a `reply_markup`; an empty keyboard is none. */
export function checkMarkup(markup: unknown): Markup {
  if (markup === undefined) return { kind: 'none' };
  if (typeof markup !== 'object' || markup === null) throw badRequest('object expected as reply markup');
  if ('force_reply' in markup) {
    if (markup.force_reply !== true) throw badRequest('force_reply must be true');
    return { kind: 'force_reply' };
  }
  if (!('inline_keyboard' in markup) || !Array.isArray(markup.inline_keyboard)) {
    throw badRequest('the stand-in knows inline keyboards and force_reply only');
  }
  const rows = (markup.inline_keyboard as Button[][]).filter((row) => row.length > 0);
  checkSize(rows);
  for (const button of rows.flat()) checkButton(button);
  return rows.length === 0 ? { kind: 'none' } : { kind: 'buttons', keyboard: { inline_keyboard: rows } };
}

function checkSize(rows: readonly (readonly Button[])[]): void {
  if (rows.some((row) => row.length > BUTTONS_IN_ROW_MAX)) {
    throw badRequest(`more than ${BUTTONS_IN_ROW_MAX} buttons in a row`);
  }
  if (rows.flat().length > BUTTONS_MAX || Buffer.byteLength(JSON.stringify(rows)) > KEYBOARD_BYTES_MAX) {
    throw badRequest('reply markup is too long');
  }
}

function checkButton(button: Button): void {
  if (typeof button.text !== 'string' || button.text.trim() === '' || !button.text.isWellFormed()) {
    throw badRequest('can\'t parse inline keyboard button: Field "text" must be a non-empty String');
  }
  const actions = [button.callback_data, button.url].filter((action) => action !== undefined);
  if (actions.length !== 1) throw badRequest('text buttons are unallowed in the inline keyboard');
  if (button.callback_data !== undefined) {
    const bytes = Buffer.byteLength(button.callback_data);
    if (bytes < 1 || bytes > CALLBACK_BYTES_MAX) throw badRequest('BUTTON_DATA_INVALID');
  }
  if (button.url !== undefined && !isPublicUrl(button.url)) {
    throw badRequest(`inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
  }
}

function isPublicUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'tg:') return true;
  return /^https?:$/.test(protocol) && hostname.includes('.') && hostname !== '127.0.0.1';
}
