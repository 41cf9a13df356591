import { useEffect, useState } from 'preact/hooks';
import { useValue, Value } from './value.ts';

const CHARS_MAX = 300;
const QUIET_MS = 4_000;

const said = new Value<readonly string[]>([]);

/** Has a screen reader say a sentence, when it has finished what it is saying. */
export function announce(sentence: string): void {
  const short = sentence.length > CHARS_MAX ? `${sentence.slice(0, CHARS_MAX - 1)}…` : sentence;
  said.set([...said.now.slice(-4), short]);
}

/** The live region: in the page from its start, or nothing that comes into it would be said. */
export function Announcer() {
  const sentences = useValue(said);
  const [shown, show] = useState<readonly string[]>([]);
  useEffect(() => {
    show(sentences);
    if (sentences.length === 0) return;
    // What stays would be read as a part of the page.
    const timer = setTimeout(() => said.set([]), QUIET_MS);
    return () => clearTimeout(timer);
  }, [sentences]);
  return (
    <div class="unseen" role="status" aria-live="polite">
      {shown.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
