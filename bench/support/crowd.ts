import type { BotApiHandlers } from '../bot-api-process.ts';
import type { Remote } from './remote.ts';
import type { Place, Scene } from './scene.ts';
import type { StdioClient } from './stdio-client.ts';

/** Many sessions of one person: half of them in one project, the others in projects of their own. */
export interface Crowd {
  readonly bot: Remote<BotApiHandlers>;
  readonly number: number;
  readonly home: string;
  readonly sessions: readonly { readonly client: StdioClient; readonly place: Place }[];
}

/** Starts the sessions, two at a time; all have the hub's ear when this resolves. */
export async function startCrowd(scene: Scene, count: number): Promise<Crowd> {
  const bot = await scene.startBotApi();
  const { number, env } = await bot.call('open');
  const shared = scene.place();
  const places = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? shared : scene.place(shared.home)));
  const sessions: { client: StdioClient; place: Place }[] = [];
  for (let from = 0; from < count; from += 2) {
    const some = places.slice(from, from + 2);
    const started = some.map(async (place) => ({ client: await scene.startSession(place, env), place }));
    sessions.push(...(await Promise.all(started)));
  }
  await bot.call('polled', { number });
  return { bot, number, home: shared.home, sessions };
}
