import { useRef, useState } from 'preact/hooks';
import type { TellRequest, TellResponse } from '../wire.ts';
import { announce } from './announcer.tsx';
import { askHub } from './hub.ts';

/** Says something to a session that has not asked, and how it went. */
export function TellForm({ session, title }: { session: string; title: string }) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [said, say] = useState<TellResponse | null>(null);
  // One text is one word, however often it is sent.
  const act = useRef({ text: '', press_id: '' });
  const send = async () => {
    if (busy || text.trim() === '') return;
    if (act.current.text !== text) act.current = { text, press_id: crypto.randomUUID() };
    setBusy(true);
    const request: TellRequest = { session_id: session, press_id: act.current.press_id, text };
    const response = await askHub<TellResponse>('/api/tell', { body: request }).catch((error: unknown) => ({
      ok: false,
      message: error instanceof Error ? error.message : String(error),
    }));
    setBusy(false);
    say(response);
    announce(response.message);
    if (!response.ok) return;
    act.current = { text: '', press_id: '' };
    setText('');
  };
  return (
    <form
      class="text-form tell"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        aria-label={`Tell ${title} something`}
        placeholder="Tell this session …"
        rows={1}
        enterkeyhint="send"
        readOnly={busy}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <button type="submit" class="button send" disabled={busy || text.trim() === ''}>
        Send
      </button>
      {(busy || said) && (
        <p class="sending" data-step={busy ? 'sending' : said?.ok ? 'taken' : 'refused'}>
          {busy ? 'Sending …' : said?.message}
        </p>
      )}
    </form>
  );
}
