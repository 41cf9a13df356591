import type { SeenMessage } from './bot-api/chats.ts';
import type { Entity } from './bot-api/wire.ts';
import { type Line, layOut, measure, type Style } from './text-layout.ts';

// A phone that shows what the bot has sent: drawn from messages as the Bot API keeps them, text, entities and buttons.

const WIDTH = 400;
const BUBBLE_X = 12;
const BUBBLE_WIDTH = 344;
const PADDING = 12;
const TEXT_WIDTH = BUBBLE_WIDTH - 2 * PADDING;
const LINE_HEIGHT = 20;
const MONO_LINE_HEIGHT = 18;
const BUTTON_HEIGHT = 34;
const GAP = 4;
/** Lines of an expandable block quote that show before somebody presses it. */
const FOLDED_LINES = 3;

const COLOURS = {
  wall: '#dfe7ee',
  bubble: '#ffffff',
  own: '#e3fbd3',
  text: '#0f1419',
  faint: '#707579',
  link: '#2481cc',
  quote: '#e9f3fb',
  code: '#f2f4f6',
  button: '#b3c5d3',
};
const SANS = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** A message in the picture: one of the bot's, or what the person wrote. */
export type Shown = SeenMessage | { readonly own: string };

interface Drawn {
  readonly svg: string;
  readonly height: number;
}

/** A picture of a chat as SVG; `title` says what it shows, `top` is what is pinned there. */
export function phonePicture(title: string, messages: readonly Shown[], top?: SeenMessage): string {
  const parts: string[] = [];
  let y = 12;
  if (top) {
    parts.push(at(0, 0, pinnedBar(top)));
    y += 48;
  }
  for (const message of messages) {
    const { svg, height } = 'own' in message ? ownBubble(message.own) : botBubble(message);
    parts.push(at(0, y, svg));
    y += height + 10;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 2}" viewBox="0 0 ${WIDTH} ${y + 2}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="12" fill="${COLOURS.wall}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function pinnedBar(message: SeenMessage): string {
  const [line = ''] = (message.text ?? '').split('\n');
  return [
    box(0, 0, WIDTH, 46, COLOURS.bubble, 12),
    `<rect x="14" y="8" width="3" height="30" rx="1.5" fill="${COLOURS.link}"/>`,
    words(26, 20, 'Pinned message', { bold: true, colour: COLOURS.link, size: 13 }),
    words(26, 37, line, { colour: COLOURS.text, size: 13 }),
  ].join('');
}

function ownBubble(text: string): Drawn {
  const lines = layOut(text, [], TEXT_WIDTH);
  const width = Math.max(...lines.map(({ width: each }) => each)) + 2 * PADDING;
  const height = lines.length * LINE_HEIGHT + 14;
  const x = WIDTH - 12 - width;
  const body = at(x + PADDING, 7, textLines(lines));
  return { svg: box(x, 0, width, height, COLOURS.own, 14) + body, height };
}

function botBubble(message: SeenMessage): Drawn {
  const inner: string[] = [];
  let y = 9;
  const add = ({ svg, height }: Drawn) => {
    inner.push(at(BUBBLE_X + PADDING, y, svg));
    y += height;
  };
  const reply = message.reply_to_message;
  if (reply) add(replyHeader(reply.from?.is_bot ? 'Switchboard' : 'You', reply.text ?? reply.caption ?? ''));
  if (message.document) add(documentRow(message.document));
  const text = message.text ?? message.caption ?? '';
  for (const block of blocksOf(text, message.entities ?? message.caption_entities ?? [])) add(drawBlock(block));
  y += 7;
  const bubble = box(BUBBLE_X, 0, BUBBLE_WIDTH, y, COLOURS.bubble, 14);
  const buttons = keyboard(message, y + GAP);
  return { svg: bubble + inner.join('') + buttons.svg, height: y + buttons.height };
}

function replyHeader(name: string, text: string): Drawn {
  const [line = ''] = text.split('\n');
  const short = line.length > 42 ? `${line.slice(0, 41)}…` : line;
  const svg = [
    box(0, 0, TEXT_WIDTH, 40, COLOURS.quote, 4),
    `<rect width="3" height="40" rx="1.5" fill="${COLOURS.link}"/>`,
    words(10, 17, name, { bold: true, colour: COLOURS.link, size: 13 }),
    words(10, 33, short, { colour: COLOURS.text, size: 13 }),
  ].join('');
  return { svg, height: 48 };
}

function documentRow({ file_name, file_size }: NonNullable<SeenMessage['document']>): Drawn {
  const svg = [
    `<circle cx="20" cy="20" r="20" fill="${COLOURS.link}"/>`,
    '<path d="M13 11h9l6 6v12h-15z" fill="#fff"/>',
    words(52, 17, file_name, { bold: true, colour: COLOURS.text, size: 14 }),
    words(52, 34, `${(file_size / 1024).toFixed(1)} KB`, { colour: COLOURS.faint, size: 13 }),
  ].join('');
  return { svg, height: 48 };
}

function keyboard(message: SeenMessage, top: number): Drawn {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  const parts = rows.flatMap((row, n) => {
    const width = (BUBBLE_WIDTH - GAP * (row.length - 1)) / row.length;
    return row.map(({ text }, column) => {
      const x = BUBBLE_X + column * (width + GAP);
      const y = top + n * (BUTTON_HEIGHT + GAP);
      const label = words(x + width / 2, y + 22, fitted(text, width - 16), {
        colour: '#fff',
        size: 14,
        middle: true,
        bold: true,
      });
      return box(x, y, width, BUTTON_HEIGHT, '#7d97ab', 8) + label;
    });
  });
  return { svg: parts.join(''), height: rows.length * (BUTTON_HEIGHT + GAP) };
}

/** What a button has room for. */
function fitted(text: string, width: number): string {
  const bold: Style = { bold: true };
  if (measure(text, bold, 14) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && measure(`${characters.join('')}…`, bold, 14) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

interface Block {
  readonly kind: 'text' | 'pre' | 'quote' | 'folded';
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly language?: string | undefined;
}

const KINDS: Readonly<Record<string, Block['kind']>> = {
  pre: 'pre',
  blockquote: 'quote',
  expandable_blockquote: 'folded',
};

/** Cuts a text where a block begins or ends that stands apart from the lines around it. */
function blocksOf(text: string, entities: readonly Entity[]): Block[] {
  const outer = entities.filter(
    (entity) =>
      KINDS[entity.type] &&
      !entities.some(
        (o) =>
          o !== entity &&
          KINDS[o.type] &&
          o.offset <= entity.offset &&
          o.length > entity.length &&
          o.offset + o.length >= entity.offset + entity.length,
      ),
  );
  const blocks: Block[] = [];
  let from = 0;
  const add = (to: number, kind: Block['kind'], own?: Entity) => {
    // The line break beside a block is the block's own.
    const piece = kind === 'text' ? text.slice(from, to).replace(from > 0 ? /^\n/ : /^(?!)/, '') : text.slice(from, to);
    const start = to - text.slice(from, to).length + (text.slice(from, to).length - piece.length);
    const shown = kind === 'text' && to < text.length ? piece.replace(/\n$/, '') : piece;
    if (shown !== '' || kind !== 'text') {
      const inside = entities
        .filter((entity) => entity !== own && entity.offset < to && entity.offset + entity.length > start)
        .map((entity) => ({ ...entity, offset: entity.offset - start }));
      blocks.push({ kind, text: shown, entities: inside, language: own?.language });
    }
    from = to;
  };
  for (const entity of outer) {
    if (entity.offset > from) add(entity.offset, 'text');
    add(entity.offset + entity.length, KINDS[entity.type] ?? 'text', entity);
  }
  if (from < text.length) add(text.length, 'text');
  return blocks;
}

function drawBlock({ kind, text, entities, language }: Block): Drawn {
  if (kind === 'pre') return drawCode(text, language);
  if (kind === 'text') {
    const lines = layOut(text, entities, TEXT_WIDTH);
    return { svg: textLines(lines), height: lines.length * LINE_HEIGHT };
  }
  const all = layOut(text, entities, TEXT_WIDTH - 24);
  const folded = kind === 'folded' && all.length > FOLDED_LINES;
  const lines = folded ? all.slice(0, FOLDED_LINES) : all;
  const height = lines.length * LINE_HEIGHT + 8;
  const svg = [
    box(0, 2, TEXT_WIDTH, height, COLOURS.quote, 4),
    `<rect y="2" width="3" height="${height}" rx="1.5" fill="${COLOURS.link}"/>`,
    at(12, 5, textLines(lines)),
    folded
      ? `<path d="M${TEXT_WIDTH - 18} ${height - 10}l5 5l5 -5" fill="none" stroke="${COLOURS.link}" stroke-width="2"/>`
      : '',
  ].join('');
  return { svg, height: height + 6 };
}

function drawCode(text: string, language: string | undefined): Drawn {
  const lines = layOut(text, [{ type: 'code', offset: 0, length: text.length }], TEXT_WIDTH - 20);
  const head = language ? 20 : 0;
  const height = lines.length * MONO_LINE_HEIGHT + 12 + head;
  const svg = [
    box(0, 2, TEXT_WIDTH, height, COLOURS.code, 4),
    `<rect y="2" width="3" height="${height}" rx="1.5" fill="${COLOURS.faint}"/>`,
    language ? words(12, 18, language, { bold: true, colour: COLOURS.faint, size: 12 }) : '',
    at(12, 6 + head, textLines(lines, MONO_LINE_HEIGHT)),
  ].join('');
  return { svg, height: height + 6 };
}

function textLines(lines: readonly Line[], lineHeight = LINE_HEIGHT): string {
  return lines
    .map(({ runs }, n) => {
      let x = 0;
      return runs
        .map(({ text, style, width }) => {
          const svg = words(x, n * lineHeight + 15, text, {
            ...style,
            colour: style.link ? COLOURS.link : COLOURS.text,
            size: style.mono ? 13 : 15,
            width,
          });
          x += width;
          return svg;
        })
        .join('');
    })
    .join('\n');
}

function words(
  x: number,
  y: number,
  text: string,
  look: Style & { colour: string; size: number; middle?: boolean; width?: number },
): string {
  if (text.trim() === '') return '';
  const attributes = [
    `x="${round(x)}" y="${round(y)}" font-size="${look.size}" fill="${look.colour}"`,
    `font-family="${look.mono ? MONO : SANS}"`,
    look.bold ? 'font-weight="600"' : '',
    look.italic ? 'font-style="italic"' : '',
    look.strike ? 'text-decoration="line-through"' : '',
    look.middle ? 'text-anchor="middle"' : '',
    // Fonts differ; the layout shall not.
    look.width ? `textLength="${round(look.width)}" lengthAdjust="spacingAndGlyphs"` : '',
  ];
  return `<text ${attributes.filter(Boolean).join(' ')} xml:space="preserve">${escaped(text)}</text>`;
}

function box(x: number, y: number, width: number, height: number, fill: string, radius: number): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fill}"/>`;
}

function at(x: number, y: number, svg: string): string {
  return `<g transform="translate(${round(x)} ${round(y)})">${svg}</g>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
