import type { Token, Tokens } from 'marked';
import { FmtString } from 'telegraf/format';
import type { MessageEntity } from 'telegraf/types';
import { beginning, preview } from '../../domain/text.ts';
import { type Entity, tidyEntities } from './entities.ts';
import { lexMarkdown } from './markdown-rules.ts';
import { plain, type RichText } from './rich-text.ts';

/** Columns of a table that a phone shows without breaking its lines. */
const TABLE_COLUMNS_MAX = 36;
/** More than the messages of one text can carry; putting them in order takes time that grows with their square. */
const ENTITIES_WRITTEN_MAX = 500;
const LANGUAGE = /^[\w+#.-]{1,20}$/;
// Signs that markup may consist of, or that stand for it here. All others must come through.
const MARKUP = /[\s*_#>\-+=~`|[\]()!:<"'\\•–☑☐]/gu;

// Most questions are one line of words. Without any of these it has no markup, and the lexer need not be asked.
const MAY_BE_MARKUP = /^\P{L}|[*_`~[\]<>#|\\&@\p{C}]|\s$|^$/u;

// Links and markup that a preview leaves out.
const SOURCE_UNITS_PER_CHARACTER = 8;

/** How Markdown is shown. */
export interface MarkdownPlace {
  /** Inside a block quote, where Telegram takes no other one. */
  readonly quoted?: boolean;
}

/**
 * Markdown as text with entities. Nothing that it says is ever lost: where that cannot be made sure, the text comes
 * back as it was written.
 */
export function fromMarkdown(source: string, { quoted = false }: MarkdownPlace = {}): RichText {
  if (!MAY_BE_MARKUP.test(source)) return new FmtString(source);
  const writer = new Writer(/^[^\S\n]*\+\s/m.test(source));
  try {
    writeBlocks(lexMarkdown(source), writer, { quoted, linked: false });
  } catch {
    return plain(source); // It nests too deeply to be read, or takes too long; it is shown whole all the same.
  }
  if (contentOf(writer.kept) !== contentOf(source)) return plain(source);
  const entities = tidyEntities(writer.entities) as MessageEntity[];
  return new FmtString(writer.text, entities.length > 0 ? entities : undefined);
}

/** The beginning of a Markdown text on one line, without its markup; only so much of it is read. */
export function markdownPreview(source: string, charsMax: number): string {
  return preview(fromMarkdown(beginning(source, SOURCE_UNITS_PER_CHARACTER * charsMax)).text, charsMax);
}

/** What a text says, without its markup; to find out whether two texts say the same. */
export function contentOf(text: string): string {
  return text.replace(MARKUP, '');
}

interface Context {
  /** A block quote is around it. */
  readonly quoted: boolean;
  /** A link is around it. */
  readonly linked: boolean;
}

/** Takes text and entities down, and beside them everything that was read, shown or not. */
class Writer {
  text = '';
  kept = '';
  readonly entities: Entity[] = [];
  /** Signs of a list stay where the text has those of a change, too. */
  readonly keepsSigns: boolean;
  #indent = '';

  constructor(keepsSigns: boolean) {
    this.keepsSigns = keepsSigns;
  }

  write(text: string, kept = text): void {
    this.text += this.#indent ? text.replaceAll('\n', `\n${this.#indent}`) : text;
    this.kept += kept;
  }

  /** Lines that begin in here are set in. */
  indented(indent: string, body: () => void): void {
    const before = this.#indent;
    this.#indent = before + indent;
    body();
    this.#indent = before;
  }

  /** All that is written in here carries the entity. */
  marked(entity: Omit<Entity, 'offset' | 'length'>, body: () => void): void {
    const offset = this.text.length;
    const at = this.entities.length;
    body();
    if (at >= ENTITIES_WRITTEN_MAX) throw new Error('More is marked up than can be shown.');
    this.entities.splice(at, 0, { ...entity, offset, length: this.text.length - offset });
  }
}

function writeBlocks(tokens: readonly Token[], writer: Writer, context: Context, linesMax = 2): void {
  let lines = 0;
  let first = true;
  for (const token of tokens as readonly Tokens.Generic[]) {
    if (token.type === 'space') {
      lines += count(token.raw);
      continue;
    }
    // A task's box stands on the line of its task.
    if (!first) writer.write('\n'.repeat(Math.min(linesMax, Math.max(1, lines))));
    writeBlock(token, writer, context);
    first = token.type === 'checkbox';
    lines = token.raw.length - withoutLastLines(token.raw).length;
  }
}

/** A pattern would go over a run of line breaks once for each of them. */
function withoutLastLines(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end -= 1;
  return text.slice(0, end);
}

function count(lines: string): number {
  return lines.split('\n').length - 1;
}

function writeBlock(token: Tokens.Generic, writer: Writer, context: Context): void {
  switch (token.type) {
    case 'heading':
      writer.marked({ type: 'bold' }, () => writeInline(token.tokens ?? [], writer, context));
      break;
    case 'code':
      writeCode(token as Tokens.Code, writer);
      break;
    case 'blockquote':
      writeQuote(token.tokens ?? [], writer, context);
      break;
    case 'list':
      writeList(token as Tokens.List, writer, context);
      break;
    case 'checkbox':
      writer.write(token.checked ? '☑ ' : '☐ ', token.raw);
      break;
    case 'table':
      writeTable(token as Tokens.Table, writer, context);
      break;
    case 'paragraph':
    case 'text':
      writeInline(token.tokens ?? [token], writer, context);
      break;
    default:
      // Rules, HTML and whatever a later parser may know stay as they were written.
      writer.write(withoutLastLines(token.raw));
  }
}

function writeCode({ lang = '', raw, text }: Tokens.Code, writer: Writer): void {
  // An entity around nothing cannot be.
  if (text.trim() === '') {
    writer.write(raw.trimEnd());
    return;
  }
  const named = LANGUAGE.test(lang);
  if (lang && !named) writer.write(`${lang}\n`);
  else writer.write('', lang);
  writer.marked({ type: 'pre', ...(named ? { language: lang } : {}) }, () => writer.write(text));
}

function writeQuote(tokens: readonly Token[], writer: Writer, context: Context): void {
  if (context.quoted) {
    writer.write('> ');
    writer.indented('> ', () => writeBlocks(tokens, writer, context));
  } else {
    writer.marked({ type: 'blockquote' }, () => writeBlocks(tokens, writer, { ...context, quoted: true }));
  }
}

function writeList({ items, ordered }: Tokens.List, writer: Writer, context: Context): void {
  for (const [index, item] of items.entries()) {
    if (index > 0) writer.write('\n');
    const sign = /^\s*(\S+)/.exec(item.raw)?.[1] ?? '';
    // The number is the writer's own: one who counts 1, 3, 7 has a reason.
    if (ordered || writer.keepsSigns) writer.write(`${sign} `);
    else if (!item.task) writer.write('• ', `${sign} `);
    writer.indented('   ', () => writeBlocks(item.tokens, writer, context, 1));
  }
}

/** A narrow table keeps its columns; of a wide one each row becomes a line. */
function writeTable({ header, rows }: Tokens.Table, writer: Writer, context: Context): void {
  const lines = [header, ...rows];
  const cells = lines.map((line) => line.map(({ tokens }) => cellText(tokens)));
  const widths = header.map((_, column) => Math.max(...cells.map((line) => [...(line[column] ?? '')].length)));
  if (widths.reduce((sum, width) => sum + width + 2, -2) <= TABLE_COLUMNS_MAX) {
    const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length);
    const aligned = cells.map((line) => line.map(pad).join('  ').trimEnd());
    const kept = lines.flat().map(({ tokens }) => cellWriter(tokens).kept);
    writer.marked({ type: 'pre' }, () => writer.write(aligned.join('\n'), kept.join(' ')));
    return;
  }
  for (const [row, line] of lines.entries()) {
    if (row > 0) writer.write('\n');
    for (const [column, { tokens }] of line.entries()) {
      if (column > 0) writer.write(' – ');
      const body = () => writeInline(tokens, writer, context);
      if (row === 0) writer.marked({ type: 'bold' }, body);
      else body();
    }
  }
}

function cellWriter(tokens: readonly Token[]): Writer {
  const writer = new Writer(false);
  writeInline(tokens, writer, { quoted: true, linked: false });
  return writer;
}

/** A cell that keeps its column, where no link can be; what a link leads to then stands beside its text. */
function cellText(tokens: readonly Token[]): string {
  const { text, entities } = cellWriter(tokens);
  return [text, ...entities.flatMap(({ url }) => (url && url !== text ? [`(${url})`] : []))]
    .join(' ')
    .replaceAll('\n', ' ');
}

function writeInline(tokens: readonly Token[], writer: Writer, context: Context): void {
  for (const token of tokens as readonly Tokens.Generic[]) {
    const inner = (within = context) => writeInline(token.tokens ?? [], writer, within);
    switch (token.type) {
      case 'strong':
        writer.marked({ type: 'bold' }, inner);
        break;
      case 'em':
        writer.marked({ type: 'italic' }, inner);
        break;
      case 'del':
        writer.marked({ type: 'strikethrough' }, inner);
        break;
      case 'codespan':
        writer.marked({ type: 'code' }, () => writer.write(token.text));
        break;
      case 'br':
        writer.write('\n');
        break;
      case 'link':
      case 'image':
        writeLink(token as Tokens.Link | Tokens.Image, writer, context);
        break;
      case 'text':
        if (token.tokens) inner();
        else writer.write(token.text);
        break;
      case 'escape':
        writer.write(token.text);
        break;
      default:
        writer.write(token.raw);
    }
  }
}

function writeLink(link: Tokens.Link | Tokens.Image, writer: Writer, context: Context): void {
  // A bare address is a link in every app by itself. A link inside another cannot be.
  const bare = link.type === 'link' && !link.raw.startsWith('[');
  if (bare || context.linked) {
    writer.write(link.raw);
    return;
  }
  const { href, title, tokens = [] } = link;
  writer.marked({ type: 'text_link', url: href }, () => {
    if (link.text.trim() === '') writer.write(href, '');
    else if (link.type === 'image') writer.write(link.text);
    else writeInline(tokens, writer, { ...context, linked: true });
  });
  writer.write('', href);
  if (title) writer.write(` (${title})`);
}
