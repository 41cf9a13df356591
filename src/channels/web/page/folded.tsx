import { useState } from 'preact/hooks';
import { RichText } from './rich-text.tsx';
import { textBlocks } from './text-blocks.ts';

// What is folded away must be worth a press: the fold shows six lines, and of a permission thirteen, which a person is to
// read before they allow it.
const FOLDS = { usual: { chars: 420, lines: 9 }, late: { chars: 1_200, lines: 24 } } as const;

interface FoldedProps {
  readonly text: string;
  /** How the text is called on the button. */
  readonly what: string;
  /** `late`: only what is really long is folded, and shows more of itself. */
  readonly fold?: keyof typeof FOLDS;
  /** Fetches the whole text where `text` is only its beginning. */
  readonly fetchWhole?: (() => Promise<string>) | undefined;
}

/** A text that shows its beginning when it is long, and all of it at the press of a button. */
export function Folded({ text, what, fold = 'usual', fetchWhole }: FoldedProps) {
  const [open, show] = useState(false);
  const [whole, keepWhole] = useState<string | null>(null);
  const [failure, say] = useState('');
  const most = FOLDS[fold];
  const wide = fetchWhole !== undefined || text.length > most.chars;
  const lines = wide ? 0 : linesOf(text);
  if (!wide && lines <= most.lines) return <RichText text={text} />;
  const unfold = async () => {
    show(!open);
    if (open || whole !== null || !fetchWhole) return;
    try {
      keepWhole(await fetchWhole());
      say('');
    } catch (error) {
      say(`Only the beginning is here. ${error instanceof Error ? error.message : ''}`);
    }
  };
  const size = wide ? `${text.length.toLocaleString('en-GB')} characters` : `${lines} lines`;
  return (
    <>
      <div class={open ? undefined : 'folded'} data-fold={fold}>
        <RichText text={whole ?? text} />
      </div>
      {open && failure !== '' && <p class="failure">{failure}</p>}
      <button type="button" class="more" aria-expanded={open} onClick={() => void unfold()}>
        {open ? `Less of the ${what}` : `The whole ${what}${fetchWhole ? '' : ` (${size})`}`}
      </button>
    </>
  );
}

/** How many lines there are to see, however wide. */
function linesOf(text: string): number {
  return textBlocks(text).reduce((lines, { words }) => lines + words.split('\n').length, 0);
}
