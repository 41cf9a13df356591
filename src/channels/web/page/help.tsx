import { useEffect, useRef } from 'preact/hooks';
import { useValue, Value } from './value.ts';

const asked = new Value(0);

const KEYS = [
  [['j', 'k'], 'the next card, the one before (also ↓ and ↑)'],
  [['1', '–', '9'], 'press that option of the card, or mark it'],
  [['Enter'], 'go to the text field; in it: send; with marks: send them'],
  [['Shift', 'Enter'], 'a new line in the text'],
  [['Esc'], 'leave the text, take back what is to be confirmed, close this help'],
  [['/'], 'search (on the pages of sessions)'],
  [['?'], 'this help'],
] as const;

/** Shows what the keys do. */
export function openHelp(): void {
  asked.set(asked.now + 1);
}

export function Help() {
  const times = useValue(asked);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (times > 0 && !dialog.current?.open) dialog.current?.showModal();
  }, [times]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>{keys.map((key) => (key === '–' ? ' – ' : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
