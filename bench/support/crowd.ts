import type { BotApiHandlers } from '../bot-api-process.ts';
import type { Remote } from './remote.ts';
import type { Place, Scene } from './scene.ts';
import type { StdioClient } from './stdio-client.ts';

interface Member {
  readonly client: StdioClient;
  readonly place: Place;
}

/** Many sessions of one person: half of them in one project, the others in projects of their own. */
export interface Crowd {
  readonly bot: Remote<BotApiHandlers>;
  readonly number: number;
  readonly home: string;
  readonly sessions: readonly Member[];
  /** Starts sessions until there are so many, two at a time; all have the hub's ear when this resolves. */
  grow(count: number): Promise<void>;
}

/** A crowd of so many sessions. */
export async function startCrowd(scene: Scene, count: number): Promise<Crowd> {
  const bot = await scene.startBotApi();
  const { number, env } = await bot.call('open');
  const shared = scene.place();
  const sessions: Member[] = [];
  const start = async (index: number): Promise<Member> => {
    const place = index % 2 === 0 ? shared : scene.place(shared.home);
    return { client: await scene.startSession(place, env), place };
  };
  const grow = async (wanted: number): Promise<void> => {
    while (sessions.length < wanted) {
      const next = [sessions.length, sessions.length + 1].filter((index) => index < wanted);
      sessions.push(...(await Promise.all(next.map(start))));
    }
  };
  await grow(count);
  await bot.call('polled', { number });
  return { bot, number, home: shared.home, sessions, grow };
}
