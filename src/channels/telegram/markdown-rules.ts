import { Lexer, type Token, Tokenizer, type Tokens, type TokensList } from 'marked';

// Questions come from programs that talk about code. Plain Markdown would eat the signs of `__init__`, `2*3*4`,
// `src/*.ts and test/*.ts`, `C:\_old`, `>5 users` or a merge conflict's `=======`. So these rules are Markdown's, but
// take a sign as markup only where it hardly can be anything else; all other signs stay as they were written.

// What may stand before the signs that begin an emphasis, and after those that end it. Scripts beyond U+2FFF write no
// spaces between words.
const BEFORE = /^$|^[\s([{<"'“‘«—–:,*_~-]$|^[\u{3000}-\u{10FFFF}]$/u;
const AFTER = /^$|^[\s.,;:!?)\]}>"'”’»…—–*_~-]$|^[\u{3000}-\u{10FFFF}]$/u;
// A single sign next to one of these is a pattern or an expression: `*.ts`, `*/5`, `(*p)`.
const NO_WORD_BEGINS = /^[./,;:)\]}=<>&|+%-]/;
const NO_WORD_ENDS = /[/({[=<&|+]$/;
/** A name such as `__init__`. */
const DUNDER = /^__\w+__$/;
const QUOTE = /^ {0,3}>(?=[\s>]|$)/;

/** Schemes that a link may lead to; all other links stay text. */
export function isSafeLink(href: string): boolean {
  if (!/^(https?|tg):\/\/[^\s]+$/i.test(href) || !URL.canParse(href)) return false;
  const { protocol, hostname } = new URL(href);
  // Telegram refuses web links without a dot in their host, such as those to localhost.
  return protocol === 'tg:' || /[^.]\.[^.]/.test(hostname);
}

// Where a sign leads nowhere the lexer has gone over all the rest of its text for it, so that a few thousand signs take
// seconds, in which nobody else is served. Real texts of a question's length stay below a quarter of this.
const CHARACTERS_READ_MAX = 200_000;

/** Counts the characters that are read for one text, again and again where that is so. */
class Effort {
  #read = 0;

  /** @throws Error when it is too much for any text. */
  spend(characters: number): void {
    this.#read += characters;
    if (this.#read > CHARACTERS_READ_MAX) throw new Error('Too much of this text could be markup and is not.');
  }

  /** What reading a sign costs: as much as it takes up, or the whole rest when it turns out to be none. */
  spendOn<T extends { raw: string }>(src: string, token: T | undefined): T | undefined {
    this.spend(token ? token.raw.length : src.length);
    return token;
  }
}

class BoundedLexer extends Lexer {
  readonly #effort: Effort;

  constructor(effort: Effort) {
    super({ gfm: true, tokenizer: new CarefulTokenizer(effort) });
    this.#effort = effort;
  }

  override blockTokens(src: string, tokens?: Token[], clipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, clipped?: boolean): TokensList;
  override blockTokens(src: string, tokens?: Token[], clipped?: boolean): Token[] {
    this.#effort.spend(src.length);
    return super.blockTokens(src, tokens, clipped);
  }

  override inlineTokens(src: string, tokens?: Token[]): Token[] {
    this.#effort.spend(src.length);
    return super.inlineTokens(src, tokens);
  }
}

type Emphasis = Tokens.Em | Tokens.Strong;

class CarefulTokenizer extends Tokenizer {
  readonly #effort: Effort;

  constructor(effort: Effort) {
    super();
    this.#effort = effort;
  }

  override emStrong(src: string, maskedSrc: string, prevChar = ''): Emphasis | undefined {
    if (!/^[*_]+[^\s*_]/.test(src)) return super.emStrong(src, maskedSrc, prevChar);
    const token = this.#effort.spendOn(src, super.emStrong(src, maskedSrc, prevChar));
    if (!token) return undefined;
    if (DUNDER.test(token.raw)) return verbatim(token.raw);
    const between = BEFORE.test(lastCharacter(prevChar)) && AFTER.test(firstCharacter(src.slice(token.raw.length)));
    const single = token.type === 'em' && !/^[*_]/.test(token.text);
    const pattern = single && (NO_WORD_BEGINS.test(token.text) || NO_WORD_ENDS.test(token.text));
    // All signs that stand together, else the second of two would get a chance of its own.
    return between && !pattern ? token : verbatim(/^(?:\*+|_+)/.exec(src)?.[0] ?? token.raw);
  }

  /** One tilde is a home directory or an "about". */
  override del(src: string, maskedSrc: string, prevChar?: string): Tokens.Del | undefined {
    return src.startsWith('~~') ? this.#effort.spendOn(src, super.del(src, maskedSrc, prevChar)) : undefined;
  }

  override codespan(src: string): Tokens.Codespan | undefined {
    return src.startsWith('`') ? this.#effort.spendOn(src, super.codespan(src)) : undefined;
  }

  /** A backslash protects the sign after it, and stays: it may be part of a path or of a pattern. */
  override escape(src: string): Tokens.Escape | undefined {
    const token = super.escape(src);
    return token && { ...token, text: token.raw };
  }

  /** Looks for an address in the word that it begins with. */
  override inlineText(src: string): Tokens.Text | undefined {
    this.#effort.spend(/^\S*/.exec(src)?.[0].length ?? 0);
    return super.inlineText(src);
  }

  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    const token = /^!?\[/.test(src) ? this.#effort.spendOn(src, super.link(src)) : undefined;
    return token && isSafeLink(token.href) ? (token as Tokens.Link | Tokens.Image) : undefined;
  }

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return QUOTE.test(src) ? super.blockquote(src) : undefined;
  }

  /** Every row has as many cells as the first one, however short it is. */
  override table(src: string): Tokens.Table | undefined {
    const [, head] = /^(.*)\n[\t |:-]+(?:\n|$)/.exec(src) ?? [];
    if (head === undefined) return undefined;
    this.#effort.spend(head.split('|').length * src.split('\n').length);
    return super.table(src);
  }

  // `array[i][j]` is no link, and a line of equals signs no heading.
  override reflink(): undefined {
    return undefined;
  }
  override def(): undefined {
    return undefined;
  }
  override lheading(): undefined {
    return undefined;
  }
}

/** The parts of a text as Markdown has them. May throw for texts that nest without measure. */
export function lexMarkdown(source: string): Token[] {
  return new BoundedLexer(new Effort()).lex(source);
}

/** Text in place of an emphasis; the lexer takes any token from there. */
function verbatim(raw: string): Emphasis {
  return { type: 'text', raw, text: raw, escaped: false } as unknown as Emphasis;
}

function firstCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0).replace('\0', '');
}

function lastCharacter(text: string): string {
  return [...text.slice(-2)].at(-1) ?? '';
}
