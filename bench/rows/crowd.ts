import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHubFile } from '../../src/runtime/hub-probe.ts';
import { now } from '../support/clock.ts';
import { type Crowd, startCrowd } from '../support/crowd.ts';
import { TELLS_USAGE, usageOf } from '../support/processes.ts';
import { bar, type Row } from '../support/row.ts';
import { inScene } from '../support/scene.ts';
import type { Size } from '../support/size.ts';
import { distribution } from '../support/stats.ts';
import { takeoverRow, takeoversIn } from './takeover.ts';

const ANSWER_MS_MAX = 60_000;

interface Asked {
  readonly question_id: string;
  readonly answer?: string;
}

/** Many sessions ask many questions at once and all are answered; then their hub is killed again and again. */
export function crowd(size: Size, seed: number): Promise<Row[]> {
  return inScene(async (scene) => {
    const { sessions, questions } = size.crowd;
    const all = await startCrowd(scene, sessions);
    const rows = [await askAll(all, questions, seed)];
    const rounds = await takeoversIn(
      [{ ...all, clients: all.sessions.map(({ client }) => client) }],
      size.takeoverRounds,
    );
    rows.push(takeoverRow(sessions, rounds));
    return rows;
  });
}

async function askAll(all: Crowd, questions: number, seed: number): Promise<Row> {
  const { bot, number, sessions } = all;
  const count = sessions.length * questions;
  const before = processorTimes(all);
  const answering = bot.call('answerAll', { number, count, seed });
  const began = now();
  const asked = await Promise.all(
    sessions.flatMap(({ client }, s) =>
      Array.from({ length: questions }, (_, q) => {
        const options = [`left ${s}.${q}`, `right ${s}.${q}`];
        const question = { question: `Question ${s}.${q}: which way?`, options };
        return unlessLost(client.call<Asked>('ask_blocking_question', question));
      }),
    ),
  );
  const took = now() - began;
  const calls = Object.entries(await bot.call('calls', { number })).map(([method, times]) => `${method} ${times}`);
  const used = processorTimes(all).map(([who, ms], index) => [who, ms - (before[index]?.[1] ?? 0)] as const);
  const given = new Map(Object.entries(await answering));
  const there = asked.filter((each) => each !== null);
  const right = there.filter(({ question_id, answer }) => answer !== undefined && given.get(question_id) === answer);
  const lost = count - there.length;
  const twice = sessions
    .map(({ place }) => place.sessionsDirectory)
    .filter((directory, index, directories) => directories.indexOf(directory) === index)
    .reduce((sum, directory) => sum + answeredTwice(directory), 0);
  return {
    name: `${sessions.length} sessions x ${questions} questions at once`,
    unit: 'ms',
    measured: distribution([took]),
    bars: [bar('wrong, lost or twice', count - right.length + twice, 0, `of ${count}`)],
    facts: {
      right: right.length,
      wrong: there.length - right.length,
      lost,
      twice,
      seed,
      ...Object.fromEntries(used),
      calls: calls.join(', '),
    },
  };
}

/** Milliseconds that each kind of process has used so far: who is in the way when many ask at once. */
function processorTimes({ home, bot, sessions }: Crowd): (readonly [string, number])[] {
  if (!TELLS_USAGE) return [];
  const sum = (pids: readonly number[]): number => pids.reduce((ms, pid) => ms + usageOf(pid).cpu, 0);
  return [
    ['ms of processor time: hub', sum([readHubFile(home)?.pid ?? 0])],
    ['sessions', sum(sessions.map(({ client }) => client.pid))],
    ['Bot API and person', sum([bot.process.pid ?? 0])],
    ['bench', sum([process.pid])],
  ];
}

/** Null for a call that had no result in time. */
function unlessLost<T>(call: Promise<T>): Promise<T | null> {
  return Promise.race([
    call,
    new Promise<null>((resolve) => {
      setTimeout(() => resolve(null), ANSWER_MS_MAX).unref();
    }),
  ]);
}

/** How many answers in the session files are not the first of their question. */
function answeredTwice(directory: string): number {
  const answers = readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    .map((text) => JSON.parse(text))
    .filter(({ type }) => type === 'answer');
  return answers.length - new Set(answers.map(({ question_id }) => question_id)).size;
}
