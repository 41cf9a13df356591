import { Lexer, type Token, Tokenizer, type Tokens } from 'marked';

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

type Emphasis = Tokens.Em | Tokens.Strong;

class CarefulTokenizer extends Tokenizer {
  override emStrong(src: string, maskedSrc: string, prevChar = ''): Emphasis | undefined {
    const token = super.emStrong(src, maskedSrc, prevChar);
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
    return src.startsWith('~~') ? super.del(src, maskedSrc, prevChar) : undefined;
  }

  /** A backslash protects the sign after it, and stays: it may be part of a path or of a pattern. */
  override escape(src: string): Tokens.Escape | undefined {
    const token = super.escape(src);
    return token && { ...token, text: token.raw };
  }

  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    const token = super.link(src);
    return token && isSafeLink(token.href) ? (token as Tokens.Link | Tokens.Image) : undefined;
  }

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return QUOTE.test(src) ? super.blockquote(src) : undefined;
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
  return new Lexer({ gfm: true, tokenizer: new CarefulTokenizer() }).lex(source);
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
