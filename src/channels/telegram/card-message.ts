import { bold, code, fmt } from 'telegraf/format';
import type { InlineKeyboardMarkup } from 'telegraf/types';
import { allowingOptions, GRANT_CHARS_MAX } from '../../domain/permission.ts';
import { beginning, preview } from '../../domain/text.ts';
import type { Card } from '../../relay/channel.ts';
import { encodeAction } from './callback-data.ts';
import { fromMarkdown, markdownPreview } from './markdown.ts';
import { button, isNumbered, keyboardOf } from './options-keyboard.ts';
import { iconOf, pinIconOf } from './question-link.ts';
import { joined, MESSAGE_UNITS_MAX, pack, quoted, type RichText, richBeginning } from './rich-text.ts';
import { BUTTONS, clockWords, closedWords, decisionWords, ICONS, WORDS, whoWords } from './words.ts';

/** A message to be: `buttons` lie under it, `forceReply` opens the keyboard for a reply, `silent` makes no sound. */
export interface Outgoing {
  readonly text: RichText;
  readonly buttons?: InlineKeyboardMarkup | undefined;
  readonly forceReply?: string | undefined;
  readonly silent?: boolean | undefined;
  /** The topic it goes to; a reply goes where the message is that it replies to. */
  readonly thread?: number | undefined;
  /** Goes as a document; the text is its caption. */
  readonly file?: { readonly name: string; readonly content: string } | undefined;
}

const TITLE_CHARS_MAX = 120;
// The title, its icon and "(2 of 3)" stand above every part.
const HEADER_UNITS_MAX = 2 * TITLE_CHARS_MAX + 40;
/** Characters of a context that stand open on the card; a longer one is folded. */
const OPEN_CONTEXT_CHARS_MAX = 1_000;
/** Characters of a context that the card holds; a longer one goes along as a file. */
const CARD_CONTEXT_CHARS_MAX = MESSAGE_UNITS_MAX;
/** What the card shows of a context that is in a file, or would have to be but cannot be sent. */
const FILE_BEGINNING_UNITS_MAX = 500;
const UNFILED_BEGINNING_UNITS_MAX = 12_000;
/** Telegram's limit for the text beside a file is 1,024. */
const CAPTION_QUESTION_CHARS_MAX = 300;
const SETTLED_QUESTION_UNITS_MAX = 1_500;
const SETTLED_ANSWER_UNITS_MAX = 1_500;
/** A settled permission still says what it was about. */
const SETTLED_CONTEXT_UNITS_MAX = 800;
const DANGER_CHARS_MAX = 500;
/** What the options of our own sessions may take up; those that a file has beyond have their buttons. */
const OPTIONS_UNITS_MAX = 10_000;
/** *Allow for this session* is one. */
const GRANTS_MAX = 3;

/**
 * An open question, or a notice, as messages; the answer ways are under the last one, which is also the only one that
 * may make a sound. `filed`: whether a long context goes along as the file that `contextFile` makes.
 */
export function cardMessages(card: Card, botName: string, { filed = true } = {}): Outgoing[] {
  // What cannot be shown cannot be allowed.
  const cut = card.kind === 'permission' && !isWhole(card, filed);
  const blocks = [...blocksOf(card, filed), ...(cut ? [fmt(WORDS.notInSight)] : [])];
  const bodies = pack(blocks, MESSAGE_UNITS_MAX - HEADER_UNITS_MAX);
  const buttons = keyboardOf(cut ? { ...card, withheld: allowingOptions(card.options) } : card, new Set());
  const hushed = card.kind === 'notice' && (card.level ?? 'info') === 'info';
  return bodies.map((body, index) => {
    const last = index === bodies.length - 1;
    const text = joined([headerOf(card, iconFor(card), botName, [index + 1, bodies.length]), body], '\n');
    return { text, ...(last && buttons ? { buttons } : {}), ...(hushed || !last ? { silent: true } : {}) };
  });
}

/** The context as a file, when it is too long for the card; it stands above the card. Else null. */
export function contextFile(card: Card, botName: string): Outgoing | null {
  const { context = '' } = card;
  if (context.length <= CARD_CONTEXT_CHARS_MAX) return null;
  const about = markdownPreview(card.question, CAPTION_QUESTION_CHARS_MAX);
  return {
    text: joined([headerOf(card, ICONS.file, botName, [1, 1]), WORDS.contextFile(about)], '\n'),
    file: { name: 'context.md', content: context },
    silent: true,
  };
}

/** A question that has ended: what was asked, how it ended, no buttons. */
export function settledMessage(card: Card, botName: string): Outgoing {
  const { state } = card;
  const icon = state.status === 'answered' ? ICONS.answered : ICONS.closed;
  const lines: (RichText | string)[] = [
    headerOf(card, icon, botName, [1, 1]),
    richBeginning(fromMarkdown(card.question), SETTLED_QUESTION_UNITS_MAX),
    ...settledContext(card),
    '',
  ];
  if (state.status === 'answered') {
    const decision = decisionWords(card);
    if (decision === null) lines.push(fmt`${bold(WORDS.answer)}${beginning(state.answer, SETTLED_ANSWER_UNITS_MAX)}`);
    else lines.push(bold(beginning(decision, SETTLED_ANSWER_UNITS_MAX)));
    lines.push(WORDS.byWhom(whoWords(state.answered_by), clockWords(state.answered_at), state.delivered));
  } else if (state.status === 'closed') {
    lines.push(closedWords(card.kind, state));
  }
  return { text: joined(lines, '\n') };
}

/** All that a chat is still told that is shown no questions any more, e.g. that of a former owner: neither how it ended, nor by whom. */
export function endedMessage(): Outgoing {
  return { text: fmt(WORDS.ended) };
}

function settledContext({ kind, context }: Card): RichText[] {
  if (kind !== 'permission' || !context) return [];
  return [quoted(fromMarkdown(beginning(context, SETTLED_CONTEXT_UNITS_MAX), { quoted: true }), { folded: true })];
}

/** All of a dangerous permission once more, with what is dangerous about it, and the buttons of the second step. */
export function confirmMessages(card: Card, option: number, botName: string, { filed = true } = {}): Outgoing[] {
  const { question_id: question } = card;
  const label = card.options[option]?.label ?? '';
  const blocks: RichText[] = [
    fmt`${bold(WORDS.confirm(label))}\n${dangersOf(card).join('\n')}`,
    fromMarkdown(card.question),
  ];
  // Open, however long it is: what is allowed is in sight.
  if (card.context) blocks.push(contextOf(card.context, filed, CARD_CONTEXT_CHARS_MAX));
  const whole = isWhole(card, filed);
  if (!whole) blocks.push(fmt(WORDS.notInSight));
  const grant = card.options[option]?.description;
  if (grant) blocks.push(grantOf(label, grant));
  const bodies = pack(blocks, MESSAGE_UNITS_MAX - HEADER_UNITS_MAX);
  const buttons = {
    inline_keyboard: [
      ...(whole ? [[button(BUTTONS.yes(label), encodeAction({ verb: 'confirm', question, option }))]] : []),
      [button(BUTTONS.no, encodeAction({ verb: 'unconfirm', question }))],
    ],
  };
  return bodies.map((body, index) => ({
    text: joined([headerOf(card, ICONS.danger, botName, [index + 1, bodies.length]), body], '\n'),
    ...(index === bodies.length - 1 ? { buttons } : { silent: true }),
  }));
}

/** The prompt that asks for the PIN. Its reply is a PIN and nothing else. */
export function pinMessage(card: Card, option: number, botName: string): Outgoing {
  const words = WORDS.pinPrompt(
    card.options[option]?.label ?? '',
    preview(card.session.title, TITLE_CHARS_MAX),
    markdownPreview(card.question, 300),
  );
  const pinFor = { question: card.question_id, option };
  return { text: fmt`${pinIconOf(ICONS.permission, pinFor, botName)} ${words}`, forceReply: WORDS.pinPlaceholder };
}

/** The prompt that asks for a text. It can never be edited, since it forces a reply. */
export function promptMessage(card: Card, botName: string): Outgoing {
  const denies = card.kind === 'permission';
  const words = (denies ? WORDS.denyPrompt : WORDS.prompt)(
    preview(card.session.title, TITLE_CHARS_MAX),
    markdownPreview(card.question, 300),
  );
  return {
    text: fmt`${iconOf(ICONS.write, card.question_id, botName)} ${words}`,
    forceReply: denies ? WORDS.denyPlaceholder : WORDS.promptPlaceholder,
  };
}

function blocksOf(card: Card, filed: boolean): RichText[] {
  const blocks: RichText[] = [fromMarkdown(card.question)];
  if (card.context) blocks.push(contextOf(card.context, filed));
  if (card.kind === 'permission') blocks.push(...permissionBlocks(card));
  if (isNumbered(card)) blocks.push(optionList(card));
  const foot = card.kind === 'notice' ? [] : footOf(card);
  if (foot.length > 0) blocks.push(fmt(foot.join('\n')));
  return blocks;
}

function optionList({ options, options_left_out = 0 }: Card): RichText {
  const lines: RichText[] = [];
  let units = 0;
  for (const [index, { label, description }] of options.entries()) {
    const line = fmt`${index + 1}. ${bold(label)}${description ? `: ${description}` : ''}`;
    units += line.text.length + 1;
    if (units > OPTIONS_UNITS_MAX) break;
    lines.push(line);
  }
  const missing = options.length - lines.length + options_left_out;
  return joined([...lines, ...(missing > 0 ? [WORDS.moreOptions(missing)] : [])], '\n');
}

/** What makes it dangerous, and what *Allow for this session* allows. */
function permissionBlocks(card: Card): RichText[] {
  const dangers = dangersOf(card);
  const grants = card.options.filter(({ description }) => description).slice(0, GRANTS_MAX);
  return [
    ...(dangers.length > 0 ? [fmt`${bold(WORDS.dangerous)}\n${dangers.join('\n')}`] : []),
    ...grants.map(({ label, description = '' }) => grantOf(label, description)),
  ];
}

function grantOf(label: string, grant: string): RichText {
  return fmt`${bold(WORDS.grants(label))}${code(beginning(grant, GRANT_CHARS_MAX))}`;
}

function dangersOf({ permission }: Card): string[] {
  return (permission?.dangers ?? []).map((danger) => `${ICONS.danger} ${preview(danger, DANGER_CHARS_MAX)}`);
}

function contextOf(context: string, filed: boolean, openMax = OPEN_CONTEXT_CHARS_MAX): RichText {
  if (context.length <= CARD_CONTEXT_CHARS_MAX) {
    return quoted(fromMarkdown(context, { quoted: true }), { folded: context.length > openMax });
  }
  const shown = beginning(context, filed ? FILE_BEGINNING_UNITS_MAX : UNFILED_BEGINNING_UNITS_MAX);
  const body = quoted(fromMarkdown(shown, { quoted: true }), { folded: !filed });
  const missing = context.length - shown.length;
  return fmt`${body}\n${filed ? WORDS.contextInFile(context.length) : WORDS.contextCut(missing)}`;
}

/** Is all of the context there, on the card or as a file? */
function isWhole({ context = '' }: Card, filed: boolean): boolean {
  return filed || context.length <= UNFILED_BEGINNING_UNITS_MAX;
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
