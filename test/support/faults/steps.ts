import type { Fault } from '../bot-api/faults.ts';
import { kill } from '../switchboard.ts';
import { openLater } from '../telegram-line.ts';
import type { FaultLine } from './fault-line.ts';
import { standStill } from './power.ts';

/** A line that stands still at a step. */
export interface Held {
  /** What the call meets that is held, instead of going well. */
  instead: Fault | null;
  /** Lets the line go on. */
  release(): void;
}

/** One moment on the way of a question: brings a line there, and holds it. */
export interface Step {
  readonly name: string;
  /** Does a call to Telegram stand still here? */
  readonly calls: boolean;
  reach(line: FaultLine): Promise<Held>;
}

/** Holds the next call of a method, before or after it happened, once `go` has led to it. */
export async function heldCall(
  line: FaultLine,
  method: string,
  when: 'hold' | 'held answer',
  go: () => void,
): Promise<Held> {
  const { opened: until, open } = openLater();
  const held: Held = { instead: null, release: open };
  const before = line.api.calls(method).length;
  line.api.fail(method, when === 'hold' ? { kind: 'hold', until, instead: () => held.instead } : { kind: when, until });
  go();
  await line.api.waitFor(() => line.api.calls(method).length > before);
  return held;
}

/** Presses, and holds the result of the asking tool, or the asker right after it. */
async function heldResult(line: FaultLine, then?: 'stand still'): Promise<Held> {
  line.control({ out: { text: '"status":"answered"', ...(then ? { then } : {}) } });
  line.press('Yes');
  await line.held();
  return { instead: null, release: () => line.control({ out: null }) };
}

/** Holds processes that stand still until they are told to go on. One that waits for a processor goes on for a while. */
export async function stopped(pids: readonly number[]): Promise<Held> {
  await standStill(() => [...pids]);
  return {
    instead: null,
    release: () => {
      for (const pid of pids) kill(pid, 'SIGCONT');
    },
  };
}

export const nothing: Held = { instead: null, release: () => undefined };

/** Asks, and waits until the card is on the phone and the file says so. */
export async function shown(line: FaultLine): Promise<void> {
  line.ask();
  await line.api.waitFor(() => line.openCards().length > 0);
  await line.written('"question_shown"');
  await line.api.waitFor(() => line.api.polled);
}

/** Every step of ask, show, answer, deliver, settle at which the line can be made to stand still. */
export const STEPS: readonly Step[] = [
  {
    name: 'asked: in the file, and no hub has read it',
    calls: false,
    reach: async (line) => {
      const held = await stopped(line.hubs);
      line.ask();
      await line.written('"type":"question"');
      return held;
    },
  },
  {
    name: 'being shown: the card is on its way to Telegram',
    calls: true,
    reach: (line) => heldCall(line, 'sendMessage', 'hold', () => line.ask()),
  },
  {
    name: 'shown: the card is on the phone, the hub has not heard so',
    calls: false,
    reach: async (line) => {
      const held = await heldCall(line, 'sendMessage', 'held answer', () => line.ask());
      await line.api.waitFor(() => line.openCards().length > 0);
      return held;
    },
  },
  {
    name: 'waiting: shown and written down',
    calls: false,
    reach: async (line) => {
      await shown(line);
      return nothing;
    },
  },
  {
    name: 'answered: the press is on its way to the hub',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const held = await stopped(line.hubs);
      line.press('Yes');
      return held;
    },
  },
  {
    name: 'recorded: in the file, and the asking session does not know',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const held = await stopped([line.asker.pid]);
      line.press('Yes');
      await line.written('"type":"answer"');
      return held;
    },
  },
  {
    name: 'being confirmed: the person has not been told',
    calls: true,
    reach: async (line) => {
      await shown(line);
      return heldCall(line, 'answerCallbackQuery', 'hold', () => void line.press('Yes'));
    },
  },
  {
    name: 'being settled: the edit of the card is on its way',
    calls: true,
    reach: async (line) => {
      await shown(line);
      return heldCall(line, 'editMessageText', 'hold', () => void line.press('Yes'));
    },
  },
  {
    name: 'settled: the card has changed, the hub has not heard so',
    calls: false,
    reach: async (line) => {
      await shown(line);
      return heldCall(line, 'editMessageText', 'held answer', () => void line.press('Yes'));
    },
  },
  {
    name: 'being delivered: Claude does not have the answer yet',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const held = await heldResult(line);
      await line.written('"stage":"ended"');
      return held;
    },
  },
  {
    name: 'delivered: Claude has the answer, and the file does not say so',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const held = await heldResult(line, 'stand still');
      await line.api.waitFor(() => line.result !== null);
      return held;
    },
  },
  {
    name: 'over: delivered, settled and written down',
    calls: false,
    reach: async (line) => {
      await shown(line);
      line.press('Yes');
      await line.api.waitFor(() => line.result !== null);
      await line.written('"stage":"delivered"');
      await line.api.waitFor(() => line.api.unconfirmed === 0);
      return nothing;
    },
  },
];
