import { useState } from 'preact/hooks';
import { RichText } from './rich-text.tsx';

const CHARS_MAX = 420;
const LINES_MAX = 7;

interface FoldedProps {
  readonly text: string;
  /** How the text is called on the button. */
  readonly what: string;
  /** Fetches the whole text where `text` is only its beginning. */
  readonly fetchWhole?: (() => Promise<string>) | undefined;
}

/** A text that shows its beginning when it is long, and all of it at the press of a button. */
export function Folded({ text, what, fetchWhole }: FoldedProps) {
  const [open, show] = useState(false);
  const [whole, keepWhole] = useState<string | null>(null);
  const [failure, say] = useState('');
  const long =
    fetchWhole !== undefined || text.length > CHARS_MAX || text.split('\n', LINES_MAX + 1).length > LINES_MAX;
  if (!long) return <RichText text={text} />;
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
  const size = fetchWhole ? '' : ` (${text.length.toLocaleString('en-GB')} characters)`;
  return (
    <>
      <div class={open ? undefined : 'folded'}>
        <RichText text={whole ?? text} />
      </div>
      {open && failure !== '' && <p class="failure">{failure}</p>}
      <button type="button" class="more" aria-expanded={open} onClick={() => void unfold()}>
        {open ? `Less of the ${what}` : `The whole ${what}${size}`}
      </button>
    </>
  );
}
