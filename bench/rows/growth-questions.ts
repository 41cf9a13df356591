import { readHubFile } from '../../src/runtime/hub-probe.ts';
import { type Growth, growthOf } from '../support/growth.ts';
import { memoryOf } from '../support/processes.ts';
import { costOf } from '../support/question.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';

const AT_ONCE = 20;

/** What one more question costs while more and more others of the same session are open. */
export function growthQuestions({ growth }: Size): Promise<Growth[]> {
  return inScene(async (scene) => {
    const bot = await scene.startBotApi();
    const { number, env } = await bot.call('open');
    const place = scene.place();
    const session = await scene.startSession(place, env);
    await bot.call('polled', { number });
    const hub = readHubFile(place.home)?.pid ?? 0;
    const askers = { session, bot, number };
    await costOf(askers, hub, growth.warmUps);
    const points = [];
    let open = 0;
    for (const size of growth.openQuestions) {
      // The one that is measured is open, too.
      while (open < size - 1) {
        const some = Math.min(AT_ONCE, size - 1 - open);
        await Promise.all(Array.from({ length: some }, (_, index) => askAside(open + index)));
        open += some;
      }
      await bot.call('quiet', { number });
      const cost = await costOf(askers, hub, growth.questions);
      points.push({ ...cost, sessionRss: memoryOf(session.pid).rss, rss: memoryOf(hub).rss });
    }
    return [
      growthOf('questions', 'open questions of one session', growth.openQuestions, points, {
        ask: ['ask', 'ms', 'constant'],
        answer: ['answer', 'ms', 'constant'],
        hubCpu: ['processor time of the hub for one question', 'ms', 'constant'],
        sessionCpu: ['processor time of the session for one question', 'ms', 'constant'],
        hubCalls: ['system calls of the hub for one question', 'calls', 'constant'],
        sessionCalls: ['system calls of the session for one question', 'calls', 'constant'],
        rss: ['memory of the hub (RSS)', 'MB', 'linear'],
        sessionRss: ['memory of the session (RSS)', 'MB', 'linear'],
      }),
    ];

    function askAside(index: number): Promise<unknown> {
      const question = `Aside ${index}: which of the two?`;
      return session.call('ask_blocking_question', { question, options: ['Left', 'Right'], wait: false });
    }
  });
}
