import { useRef, useState } from 'preact/hooks';
import { Confirm } from './confirm.tsx';
import { draftOf, keepDraft } from './drafts.ts';
import { focusNext } from './focus.ts';
import type { Entry } from './inbox-state.ts';
import { Limit } from './limit.tsx';
import { Options } from './options.tsx';
import { type Given, sendAnswer } from './send-answer.ts';

/** What a person does with an open card: options to press or to mark, and a field to write in. */
export function AnswerForm({ entry }: { entry: Entry }) {
  const { card, sending } = entry;
  const id = card.question_id;
  const [draft, setDraft] = useState(() => draftOf(id));
  const confirming = sending && 'confirming' in sending ? sending.confirming : undefined;
  const [pressed, press] = useState<number | null>(null);
  const busy = sending?.step === 'sending' || sending?.step === 'retrying';

  const change = (next: Partial<typeof draft>) => {
    const whole = { ...draft, ...next };
    keepDraft(id, whole);
    setDraft(whole);
  };
  const send = async (given: Given, byKeyboard: boolean) => {
    if (busy) return;
    const took = await sendAnswer(id, given);
    if (took) focusNext(id, byKeyboard);
  };

  if (confirming) {
    return (
      <Confirm
        id={id}
        confirming={confirming}
        busy={busy}
        message={sending?.step === 'confirm' ? sending.message : 'Sending …'}
      />
    );
  }
  const denies = card.kind === 'permission';
  return (
    <div class="form" aria-busy={busy}>
      {card.options.length > 0 && (
        <Options
          card={card}
          busy={busy}
          pressed={busy ? pressed : null}
          marks={draft.marks}
          onMark={(marks) => change({ marks })}
          onSend={(options, byKeyboard) => {
            press(card.multi_select ? null : (options[0] ?? null));
            void send({ options }, byKeyboard);
          }}
        />
      )}
      {card.allow_text && (
        <TextField
          label={denies ? `Deny, and say why to ${card.session.title}` : `Your answer to ${card.session.title}`}
          placeholder={denies ? 'Deny and say why' : card.options.length > 0 ? 'Or write an answer' : 'Write an answer'}
          button={denies ? 'Deny' : 'Send'}
          text={draft.text}
          busy={busy}
          onText={(text) => change({ text })}
          onSend={(text, byKeyboard) => void send({ text }, byKeyboard)}
        />
      )}
      <div class="foot">
        {sending ? (
          <p class="sending" data-step={sending.step}>
            {sending.step === 'sending' ? 'Sending …' : sending.message}
          </p>
        ) : (
          <Limit card={card} />
        )}
      </div>
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  /** What the button says. */
  readonly button: string;
  readonly text: string;
  readonly busy: boolean;
  onText(text: string): void;
  onSend(text: string, byKeyboard: boolean): void;
}

/** Enter sends, Shift+Enter begins a new line; while it is sent the text stays and cannot be changed. */
function TextField({ label, placeholder, button, text, busy, onText, onSend }: TextFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const empty = text.trim() === '';
  return (
    <form
      class="text-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!empty) onSend(text, document.activeElement === field.current);
      }}
    >
      <textarea
        ref={field}
        aria-label={label}
        placeholder={placeholder}
        rows={1}
        enterkeyhint="send"
        readOnly={busy}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          if (!empty) onSend(text, true);
        }}
      />
      <button type="submit" class="button send" disabled={empty || busy}>
        {button}
      </button>
    </form>
  );
}
