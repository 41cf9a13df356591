import type { LongFileHandlers } from '../long-file-process.ts';
import { type Growth, growthOf } from '../support/growth.ts';
import { memoryOf, usageOf } from '../support/processes.ts';
import { LONG_FILE_PROCESS } from '../support/programs.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';
import { countCalls } from '../support/system-calls.ts';

const WARM_UPS = 50;

/** What one more record costs in longer and longer session files, each in a process of its own, all in turns. */
export function growthRecords({ growth }: Size): Promise<Growth[]> {
  return inScene(async (scene) => {
    const files = [];
    for (const records of growth.records) {
      const worker = await scene.startRemote<LongFileHandlers>(LONG_FILE_PROCESS);
      const pid = worker.process.pid ?? 0;
      const { file, firstRead } = await worker.call('open', { directory: scene.place().sessionsDirectory, records });
      const change = (changes: number) => worker.call('append', { file, changes });
      await change(WARM_UPS);
      files.push({ pid, change, firstRead, samples: [] as number[], cpu: 0 });
    }
    for (let round = 0; round < growth.changeRounds; round += 1) {
      for (const file of files) {
        const before = usageOf(file.pid).cpu;
        file.samples.push(...(await file.change(growth.changes)));
        file.cpu += usageOf(file.pid).cpu - before;
      }
    }
    const points = [];
    for (const { pid, change, firstRead, samples, cpu } of files) {
      const counted = await countCalls(pid);
      await change(growth.changes);
      points.push({
        change: distribution(samples),
        changeCpu: cpu / samples.length,
        changeCalls: (await counted()) / growth.changes,
        firstRead,
        rss: memoryOf(pid).rss,
      });
    }
    return [
      growthOf('records', 'records in a session file', growth.records, points, {
        change: ['one more record: append, sync, read on, fold', 'ms', 'constant'],
        changeCpu: ['processor time of one more record', 'ms', 'constant'],
        changeCalls: ['system calls of one more record', 'calls', 'constant'],
        firstRead: ['first read of the whole file', 'ms', 'linear'],
        rss: ['memory of the process that has read it (RSS)', 'MB', 'linear'],
      }),
    ];
  });
}
