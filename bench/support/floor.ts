import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppenderHandlers, FloorSample, ServerHandlers, WatcherHandlers } from '../floor-process.ts';
import { FLOOR_PROCESS } from './programs.ts';
import type { Scene } from './scene.ts';

// About the length of a question's record.
const LINE = `${JSON.stringify({ text: 'x'.repeat(480) })}\n`;

/** One synced append, then one wake-up by a watch, then one HTTP round trip on loopback: between three processes. */
export interface Floor {
  sample(): Promise<FloorSample>;
}

/** Starts the processes of the floor. */
export async function startFloor(scene: Scene): Promise<Floor> {
  const { project } = scene.place();
  const log = join(project, 'log/log.jsonl');
  const bell = join(project, 'bell/bell.jsonl');
  for (const path of [log, bell]) {
    mkdirSync(join(path, '..'));
    writeFileSync(path, '');
  }
  const [appender, watcher, server] = await Promise.all([
    scene.startRemote<AppenderHandlers>(FLOOR_PROCESS, 'append'),
    scene.startRemote<WatcherHandlers>(FLOOR_PROCESS, 'watch'),
    scene.startRemote<ServerHandlers>(FLOOR_PROCESS, 'serve'),
  ]);
  const url = await server.call('listen');
  await watcher.call('watch', { bell, url });
  return {
    sample: async () => {
      const sample = watcher.call('next');
      await appender.call('append', { log, bell, line: LINE });
      return sample;
    },
  };
}
