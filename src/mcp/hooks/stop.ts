import type { QuestionId } from '../../domain/ids.ts';
import { wellFormed } from '../../domain/text.ts';
import { newCard } from '../new-question.ts';
import type { ToolCall } from '../tool-call.ts';
import { type HookInput, jsonList } from './hook-input.ts';
import type { HookRoom } from './hook-room.ts';
import { PERSON_SECONDS } from './hook-settings.ts';

// Claude Code goes on at most 8 times in a row because a Stop hook says so; one is left for hooks of others.
const BLOCKS_MAX = 7;

/** The end of Claude's turns: hands out what is not delivered yet, and shows that it has finished. */
export class Stops {
  private readonly room: HookRoom;
  private blocks = 0;
  /** The card that says that Claude has finished, while it is open. */
  private card: QuestionId | null = null;
  private waiting: AbortController | null = null;
  /** The turns that have begun, and how the last one did: one that begins before a card is written finds none to close. */
  private turns = 0;
  private typed = true;

  constructor(room: HookRoom) {
    this.room = room;
  }

  /** Does a card say that Claude has finished? */
  get shown(): boolean {
    return this.card !== null;
  }

  /** Returns what Claude shall do next, or null when it may rest. Throws as the store does. */
  async onStop(input: HookInput, call: ToolCall): Promise<string | null> {
    const { turns } = this;
    if (input.text('stop_hook_active') !== 'true') this.blocks = 0;
    const words = this.mayBlock ? this.room.deliveries.take(call, 'hook') : null;
    if (words === null && !(await this.isWanted(input))) return null;
    const next = words ?? (await this.show(input, call, turns));
    if (next !== null) this.blocks += 1;
    return next;
  }

  /** A new turn begins, so nobody is to be asked any more what comes next. `typed`: by somebody at the desk. */
  onPrompt(typed: boolean): void {
    const { card } = this;
    this.turns += 1;
    this.typed = typed;
    this.card = null;
    if (this.waiting) this.waiting.abort();
    else if (card !== null) void this.close(card, typed);
  }

  private get mayBlock(): boolean {
    return this.blocks < BLOCKS_MAX;
  }

  private get isAway(): Promise<boolean> {
    return this.room.host.isAway(this.room.session.id);
  }

  private async isWanted(input: HookInput): Promise<boolean> {
    const { settings, headless } = this.room.host;
    // A run without a terminal ends here anyway.
    if (settings.finishedCard === 'off' || headless) return false;
    const tasks = jsonList(input.text('background_tasks')) ?? [];
    if (tasks.some((task) => (task as { status?: unknown } | null)?.status === 'running')) return false;
    await this.room.session.ready();
    return settings.finishedCard === 'on' || (await this.isAway);
  }

  /** `turn`: the one that has ended. */
  private async show(input: HookInput, call: ToolCall, turn: number): Promise<string | null> {
    if (this.turns !== turn) return null;
    const { questions, timings } = this.room;
    const timeoutMs = (PERSON_SECONDS / 60) * timings.minute;
    const last = wellFormed(input.text('last_assistant_message')).trim();
    const card = newCard(
      {
        kind: 'question',
        question: 'I have finished. What shall I do next?',
        ...(last ? { context: last } : {}),
        multi_select: false,
        allow_text: true,
      },
      timeoutMs,
    );
    await questions.show(card, timeoutMs, true);
    if (this.turns !== turn) {
      await this.close(card.id, this.typed);
      return null;
    }
    this.card = card.id;
    // At the desk the terminal must not be held up; what is answered then goes into the session by itself.
    return this.mayBlock && (await this.isAway) ? this.untilAnswered(card.id, call) : null;
  }

  private async untilAnswered(id: QuestionId, call: ToolCall): Promise<string | null> {
    const { questions, session, timings } = this.room;
    const over = new AbortController();
    this.waiting = over;
    const end = (): void => over.abort();
    call.signal.addEventListener('abort', end, { once: true });
    const back = async (): Promise<void> => {
      if (!(await this.isAway)) end();
    };
    const watch = setInterval(() => void back(), timings.slowLook).unref();
    try {
      const ended = await questions.untilEnded(id, {
        signal: over.signal,
        progress: null,
        whenSent: (sent, lost) => call.whenSent(sent, lost),
      });
      this.card = null;
      if (!ended.answer) return null;
      const files = (ended.answer.files ?? []).map(({ path }) => `\nAttached: ${path}`).join('');
      return `The person you work for (${ended.answer.answered_by.name}) says: ${ended.answer.answer}${files}`;
    } catch (error) {
      if (!over.signal.aborted) throw error;
      this.card = null;
      if (!session.ended) await this.close(id, true);
      return null;
    } finally {
      clearInterval(watch);
      call.signal.removeEventListener('abort', end);
      this.waiting = null;
    }
  }

  private close(id: QuestionId, typed: boolean): Promise<void> {
    const { questions } = this.room;
    return typed ? questions.settleInTerminal(id) : questions.withdraw(id);
  }
}
