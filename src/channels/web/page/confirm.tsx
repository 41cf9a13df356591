import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { cardElement, focusCard, focusNext } from './focus.ts';
import type { Confirming } from './inbox-state.ts';
import { RichText } from './rich-text.tsx';
import { cancelConfirming, sendConfirmed } from './send-answer.ts';

interface ConfirmProps {
  readonly id: string;
  readonly confirming: Confirming;
  readonly busy: boolean;
  readonly message: string;
}

/**
 * The second step of a dangerous permission: all of it, why it is dangerous, and a yes that no key falls on by itself. It
 * stands in the place of the options, so their keys do nothing meanwhile.
 */
export function Confirm({ id, confirming, busy, message }: ConfirmProps) {
  const region = useRef<HTMLFieldSetElement>(null);
  const { card, dangers, given, pin: asksPin } = confirming;
  const option = 'options' in given ? card.options[given.options[0] ?? 0] : undefined;
  const label = option?.label ?? '';
  useEffect(() => {
    if (!asksPin) region.current?.focus();
  }, []);
  const cancel = () => {
    cancelConfirming(id);
    const element = cardElement(id);
    if (element) focusCard(element);
  };
  const send = async (pin: string | undefined, byKeyboard: boolean) => {
    if (await sendConfirmed(id, confirming, pin)) focusNext(id, byKeyboard);
  };
  return (
    <fieldset
      ref={region}
      class="confirm"
      tabIndex={-1}
      aria-labelledby={`confirm-${id}`}
      aria-describedby={`dangers-${id}`}
      aria-busy={busy}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        cancel();
      }}
    >
      <h3 id={`confirm-${id}`}>{label}? This is dangerous.</h3>
      <ul id={`dangers-${id}`} class="dangers">
        {dangers.map((danger) => (
          <li key={danger}>{danger}</li>
        ))}
      </ul>
      {/* As it is, but for the fences of code: what is seen here is what is allowed. */}
      {card.context && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long one is scrolled by keys
        <section class="whole" tabIndex={0} aria-label="All of it">
          <RichText text={card.context} inline={false} />
        </section>
      )}
      {option?.description !== undefined && <p class="option-description">{option.description}</p>}
      <ConfirmForm
        yes={`Yes, ${label.toLowerCase()}`}
        asksPin={asksPin}
        busy={busy}
        message={message}
        onNo={cancel}
        onYes={(pin, byKeyboard) => void send(pin, byKeyboard)}
      />
    </fieldset>
  );
}

interface ConfirmFormProps {
  readonly yes: string;
  readonly asksPin: boolean;
  readonly busy: boolean;
  readonly message: string;
  onNo(): void;
  onYes(pin: string | undefined, byKeyboard: boolean): void;
}

function ConfirmForm({ yes, asksPin, busy, message, onNo, onYes }: ConfirmFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const [pin, setPin] = useState('');
  const ready = !busy && (!asksPin || pin !== '');
  useEffect(() => field.current?.focus(), []);
  // One that was wrong is typed anew. At once: a moment later it would take away what is typed by then.
  useLayoutEffect(() => {
    if (!busy) setPin('');
  }, [message]);
  return (
    <form
      class="confirm-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onYes(pin, document.activeElement === field.current);
      }}
    >
      {asksPin && (
        <label class="pin">
          PIN
          <input
            ref={field}
            type="password"
            inputMode="numeric"
            autocomplete="off"
            value={pin}
            readOnly={busy}
            onInput={(event) => setPin(event.currentTarget.value)}
          />
        </label>
      )}
      <button type="button" class="button" onClick={onNo} disabled={busy}>
        No
      </button>
      <button
        type={asksPin ? 'submit' : 'button'}
        class="button danger"
        disabled={!ready}
        onClick={asksPin ? undefined : (event) => onYes(undefined, event.detail === 0)}
      >
        {yes}
      </button>
      <p class="sending" data-step={busy ? 'sending' : 'confirm'}>
        {message}
      </p>
    </form>
  );
}
