import type { BotApiHandlers } from '../bot-api-process.ts';
import { now, sleep } from './clock.ts';
import { usageOf } from './processes.ts';
import type { Remote } from './remote.ts';
import { type Distribution, distribution } from './stats.ts';
import type { StdioClient } from './stdio-client.ts';
import { countCalls } from './system-calls.ts';

/** What the last question leaves to do is done by then. */
export const REST_MS = 10;

/** Who asks, and the phone on which it is answered. */
export interface Askers {
  readonly session: StdioClient;
  readonly bot: Remote<BotApiHandlers>;
  readonly number: number;
}

/** Milliseconds: tool call to card, press to tool's result, press to a card that says "delivered". */
export interface Played {
  readonly ask: number;
  readonly answer: number;
  readonly settled: number;
}

/** One question from the tool call to the settled card. */
export async function playQuestion({ session, bot, number }: Askers, text: string): Promise<Played> {
  const playing = bot.call('play', { number, text });
  // Whoever plays has begun to wait by then, and takes no processor from those who are measured.
  await sleep(REST_MS);
  const askedAt = now();
  const asking = session.call<{ answer: string }>('ask_blocking_question', { question: text, options: ['Yes', 'No'] });
  // Both at once: what nobody can press is never answered.
  const [result, { arrivedAt, pressedAt, settledAt }] = await Promise.all([asking, playing]);
  if (result.answer !== 'Yes') throw new Error(`The answer was ${result.answer}.`);
  return { ask: arrivedAt - askedAt, answer: result.at - pressedAt, settled: settledAt - pressedAt };
}

/** What one question costs, with all that follows from it: milliseconds, and system calls. */
export interface Cost {
  readonly ask: Distribution;
  readonly answer: Distribution;
  readonly hubCpu: number;
  readonly sessionCpu: number;
  readonly hubCalls: number;
  readonly sessionCalls: number;
}

/** Plays so many questions one at a time, then some more whose system calls are counted. */
export async function costOf(askers: Askers, hub: number, count: number): Promise<Cost> {
  const pids = [hub, askers.session.pid];
  const play = async (times: number): Promise<Played[]> => {
    const played: Played[] = [];
    for (let time = 0; time < times; time += 1) {
      played.push(await playQuestion(askers, `Question ${now()}: shall it go on?`));
      await sleep(REST_MS);
    }
    return played;
  };
  const before = pids.map((pid) => usageOf(pid).cpu);
  const played = await play(count);
  const [hubCpu = 0, sessionCpu = 0] = pids.map((pid, index) => (usageOf(pid).cpu - (before[index] ?? 0)) / count);
  const counted = Math.ceil(count / 3);
  const counters = await Promise.all(pids.map(countCalls));
  await play(counted);
  const [hubCalls = 0, sessionCalls = 0] = (await Promise.all(counters.map((end) => end()))).map((n) => n / counted);
  return {
    ask: distribution(played.map(({ ask }) => ask)),
    answer: distribution(played.map(({ answer }) => answer)),
    hubCpu,
    sessionCpu,
    hubCalls,
    sessionCalls,
  };
}
