import type { LongFileHandlers } from '../long-file-process.ts';
import { LONG_FILE_PROCESS } from '../support/programs.ts';
import { type Row, ratioBar } from '../support/row.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';

// Near 1: a change costs what changed. What follows the length of the file would be a thousand.
const BAR = 1.5;
const SHORT_RECORDS = 100;

/** What one more record costs in a long file, against a file of 100 records: append, sync, read on, fold. */
export function longFile(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const { records, changes } = size.longFile;
    const worker = await scene.startRemote<LongFileHandlers>(LONG_FILE_PROCESS);
    const directory = scene.place().sessionsDirectory;
    const short = await worker.call('open', { directory, records: SHORT_RECORDS });
    const long = await worker.call('open', { directory, records });
    const append = async (file: number) => (await worker.call('append', { file, changes: 1 }))[0] ?? 0;
    const firstAppend = await append(long.file);
    const samples = { short: [] as number[], long: [] as number[] };
    for (let index = 0; index < changes; index += 1) {
      samples.short.push(await append(short.file));
      samples.long.push(await append(long.file));
    }
    const measured = distribution(samples.long);
    const floor = distribution(samples.short);
    const row: Row = {
      name: `one more record in a file of ${records}`,
      unit: 'ms',
      measured,
      floor: { name: `in a file of ${SHORT_RECORDS}`, distribution: floor },
      bars: [ratioBar('p50', measured, floor, BAR)],
      facts: { 'first read of the whole file': long.firstRead, 'first append to it': firstAppend },
    };
    return [row];
  });
}
