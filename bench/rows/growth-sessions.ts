import { readHubFile } from '../../src/runtime/hub-probe.ts';
import { startCrowd } from '../support/crowd.ts';
import { type Growth, growthOf } from '../support/growth.ts';
import { memoryOf } from '../support/processes.ts';
import { costOf } from '../support/question.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';

/** What one question costs while more and more other sessions live on the same hub. */
export function growthSessions({ growth }: Size): Promise<Growth[]> {
  return inScene(async (scene) => {
    const crowd = await startCrowd(scene, 1);
    const [first] = crowd.sessions;
    const hub = readHubFile(crowd.home)?.pid ?? 0;
    if (!first) throw new Error('There is one session.');
    const askers = { session: first.client, bot: crowd.bot, number: crowd.number };
    await costOf(askers, hub, growth.warmUps);
    const points = [];
    for (const size of growth.sessions) {
      await crowd.grow(size);
      points.push({ ...(await costOf(askers, hub, growth.questions)), rss: memoryOf(hub).rss });
    }
    return [
      growthOf('sessions', 'live sessions on one hub', growth.sessions, points, {
        ask: ['ask', 'ms', 'constant'],
        answer: ['answer', 'ms', 'constant'],
        hubCpu: ['processor time of the hub for one question', 'ms', 'constant'],
        hubCalls: ['system calls of the hub for one question', 'calls', 'constant'],
        rss: ['memory of the hub (RSS)', 'MB', 'linear'],
      }),
    ];
  });
}
