import type { PageCard } from '../wire.ts';

/** The digit keys reach no further. */
const KEYS_MAX = 9;

interface OptionsProps {
  readonly card: PageCard;
  readonly busy: boolean;
  /** The option that is being sent. */
  readonly pressed: number | null;
  readonly marks: readonly number[];
  onMark(marks: readonly number[]): void;
  onSend(options: readonly number[], byKeyboard: boolean): void;
}

/** The options of a card: pressing one answers; with several allowed it marks, and Send answers. */
export function Options({ card, busy, pressed, marks, onMark, onSend }: OptionsProps) {
  const { options, options_left_out: left = 0, multi_select: several, default_answer } = card;
  const toggle = (index: number) =>
    onMark(marks.includes(index) ? marks.filter((mark) => mark !== index) : [...marks, index].sort((a, b) => a - b));
  const roomy = options.some(({ label, description }) => description !== undefined || label.length > 24);
  return (
    <>
      <fieldset class={roomy ? 'options roomy' : 'options'} aria-label={several ? 'Mark options' : 'Options'}>
        {options.map(({ label, description }, index) => (
          <button
            key={index}
            type="button"
            class="option"
            {...(several ? { role: 'checkbox', 'aria-checked': marks.includes(index) } : {})}
            aria-disabled={busy}
            disabled={card.withheld?.includes(index)}
            data-pressed={pressed === index ? '' : undefined}
            onClick={(event) => {
              if (busy) return;
              if (several) toggle(index);
              // A click without a count is a key.
              else onSend([index], event.detail === 0);
            }}
          >
            <span class="option-key" aria-hidden="true" data-mark={several ? '' : undefined}>
              {several && marks.includes(index) ? '✓' : index < KEYS_MAX ? index + 1 : ''}
            </span>
            <span class="option-words">
              <span class="option-label">{label}</span>
              {label === default_answer && <span class="option-default"> default</span>}
              {description !== undefined && <span class="option-description">{description}</span>}
            </span>
          </button>
        ))}
      </fieldset>
      {left > 0 && <p class="option-description">… and {left} more</p>}
      {several && (
        <button
          type="button"
          class="button done"
          disabled={busy || marks.length === 0}
          onClick={(event) => onSend(marks, event.detail === 0)}
        >
          {marks.length > 0 ? `Send ${marks.length} marked` : 'Send marked'}
        </button>
      )}
    </>
  );
}
