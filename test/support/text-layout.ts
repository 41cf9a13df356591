import type { Entity } from './bot-api/wire.ts';

// Lays text out in lines without a font at hand: the widths of Helvetica's letters, in thousandths of the size.

const SANS_WIDTHS = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const OTHER_WIDTH = 556;
const EMOJI_WIDTH = 1_250;
const MONO_WIDTH = 602;
const BOLD_FACTOR = 1.06;
const SANS_SIZE = 15;
const MONO_SIZE = 13;

export interface Style {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly strike?: boolean;
  readonly mono?: boolean;
  readonly link?: boolean;
}

interface Run {
  readonly text: string;
  readonly style: Style;
  readonly width: number;
}

export interface Line {
  readonly runs: readonly Run[];
  readonly width: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How wide a text is, in pixels. */
export function measure(text: string, style: Style, size = style.mono ? MONO_SIZE : SANS_SIZE): number {
  let sum = 0;
  for (const { segment } of segmenter.segment(text)) sum += widthOf(segment, style);
  return (sum / 1000) * size * (style.bold && !style.mono ? BOLD_FACTOR : 1);
}

function widthOf(segment: string, { mono }: Style): number {
  if (/\p{Extended_Pictographic}/u.test(segment)) return EMOJI_WIDTH;
  if (mono) return MONO_WIDTH;
  return SANS_WIDTHS[(segment.codePointAt(0) ?? 0) - 32] ?? OTHER_WIDTH;
}

/** A text with entities in lines of at most `widthMax` pixels, broken between words where that can be. */
export function layOut(text: string, entities: readonly Entity[], widthMax: number): Line[] {
  const lines: Line[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    lines.push(...wrap(line, offset, entities, widthMax));
    offset += line.length + 1;
  }
  return lines;
}

function wrap(line: string, offset: number, entities: readonly Entity[], widthMax: number): Line[] {
  const lines: Line[] = [];
  let from = 0;
  let to = 0;
  for (const piece of line.match(/\s*\S+\s*?|\s+/gu) ?? ['']) {
    for (const part of fits(line.slice(from, to) + piece) ? [piece] : breakable(piece)) {
      if (to > from && !fits(line.slice(from, to) + part)) {
        lines.push(lineOf(from, to));
        from = to + (part.length - part.trimStart().length);
      }
      to += part.length;
    }
  }
  lines.push(lineOf(from, to));
  return lines;

  function fits(part: string): boolean {
    return measure(part, styleAt(offset + from, entities)) <= widthMax;
  }

  /** A word that is longer than a line is broken anywhere. */
  function breakable(piece: string): string[] {
    return measure(piece, styleAt(offset + to, entities)) <= widthMax ? [piece] : [...piece];
  }

  function lineOf(start: number, end: number): Line {
    const runs = runsOf(line.slice(start, end).trimEnd(), offset + start, entities);
    return { runs, width: runs.reduce((sum, { width }) => sum + width, 0) };
  }
}

function runsOf(text: string, offset: number, entities: readonly Entity[]): Run[] {
  const edges = new Set([0, text.length]);
  for (const entity of entities) {
    for (const edge of [entity.offset - offset, entity.offset + entity.length - offset]) {
      if (edge > 0 && edge < text.length) edges.add(edge);
    }
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(1).map((end, n) => {
    const start = sorted[n] ?? 0;
    const style = styleAt(offset + start, entities);
    const piece = text.slice(start, end);
    return { text: piece, style, width: measure(piece, style) };
  });
}

function styleAt(offset: number, entities: readonly Entity[]): Style {
  const types = entities
    .filter((entity) => entity.offset <= offset && offset < entity.offset + entity.length)
    .map(({ type }) => type);
  return {
    bold: types.includes('bold'),
    italic: types.includes('italic'),
    strike: types.includes('strikethrough'),
    mono: types.includes('code') || types.includes('pre'),
    link: types.includes('text_link'),
  };
}
