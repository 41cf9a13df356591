import type { LongFileHandlers } from '../long-file-process.ts';
import { LONG_FILE_PROCESS } from '../support/programs.ts';
import { type Row, ratioBar } from '../support/report.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';

// Near 1: a change costs what changed. What follows the length of the file would be a thousand.
const BAR = 1.5;

/** What one more record costs in a long file, against a file of 100 records: append, sync, read on, fold. */
export function longFile(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const { records, changes } = size.longFile;
    const worker = await scene.startRemote<LongFileHandlers>(LONG_FILE_PROCESS);
    const directory = scene.place().sessionsDirectory;
    const { firstRead, firstAppend, short, long } = await worker.call('change', { directory, records, changes });
    const measured = distribution(long);
    const floor = distribution(short);
    const row: Row = {
      name: `one more record in a file of ${records}`,
      unit: 'ms',
      measured,
      floor: { name: 'in a file of 100', distribution: floor },
      bars: [ratioBar('p50', measured, floor, BAR)],
      facts: { 'first read of the whole file': firstRead, 'first append to it': firstAppend },
    };
    return [row];
  });
}
