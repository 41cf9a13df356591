import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hubAddress } from '../../src/runtime/hub-address.ts';
import { probeHub, readHubFile } from '../../src/runtime/hub-probe.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import { now, until } from '../support/clock.ts';
import { SWITCHBOARD } from '../support/programs.ts';
import { bar, type Row } from '../support/row.ts';
import { inScene, kill, type Place } from '../support/scene.ts';
import { writeArchive, writeSession } from '../support/session-files.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';

const BAR_MS = 2_000;

/** A hub that starts over many session files: from spawn until it has said how many questions are pending. */
export function hubStart(size: Size): Promise<Row[]> {
  return inScene(async (scene) => {
    const { archived, live, rounds } = size.hubStart;
    const bot = await scene.startBotApi();
    const place = scene.place();
    writeArchive(place.sessionsDirectory, archived);
    registerProject(place.home, place.sessionsDirectory);
    const listed: number[] = [];
    const answered: number[] = [];
    for (let time = 0; time < rounds; time += 1) {
      writeLive(place, live);
      const { number, env } = await bot.call('open');
      const began = now();
      scene.spawn([SWITCHBOARD, 'hub', '--background'], place, env);
      await until('the hub', async () => (await probeHub(hubAddress(place.home), 500)).found === 'hub');
      answered.push(now() - began);
      listed.push((await bot.call('listed', { number, count: live })) - began);
      kill(readHubFile(place.home)?.pid ?? 0);
    }
    const measured = distribution(listed);
    const row: Row = {
      name: `hub start: ${archived} archived, ${live} live files`,
      unit: 'ms',
      measured,
      bars: [bar('max', measured.max, BAR_MS, 'ms')],
      facts: { 'until it answers on its socket': distribution(answered) },
    };
    return [row];
  });
}

/** Replaces the live files by new ones that no channel has shown anything of. */
function writeLive({ sessionsDirectory }: Place, count: number): void {
  for (const name of readdirSync(sessionsDirectory)) {
    if (name.endsWith('.jsonl')) rmSync(join(sessionsDirectory, name));
  }
  for (let index = 0; index < count; index += 1) writeSession(sessionsDirectory, true);
}
