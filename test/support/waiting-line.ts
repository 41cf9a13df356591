import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeenMessage } from './bot-api/chats.ts';
import { hubsIn, untilOneHub } from './hub-pid.ts';
import { type Line, startLine } from './line.ts';
import type { McpPlace, McpProcess } from './mcp-client.ts';
import { openCard } from './phone.ts';
import { until } from './switchboard.ts';

/** What Claude is told of a question. */
export interface Asked {
  readonly question_id: string;
  readonly status: string;
  readonly answer?: string;
}

/** Asks a question, with the options Yes and No unless told otherwise, and waits for its end. */
export async function ask(session: McpProcess, question: string, more: object = {}): Promise<Asked> {
  const result = await session.call('ask_blocking_question', { question, options: ['Yes', 'No'], ...more });
  if (result.isError) throw new Error(JSON.stringify(result.content));
  return result.structuredContent as unknown as Asked;
}

/** A whole line with one question that waits. */
export interface WaitingLine extends Line {
  readonly session: McpProcess;
  readonly asked: Promise<Asked>;
  readonly card: SeenMessage;
  /** The session's file. */
  readonly path: string;
}

/** Asks and waits until the card is on the phone, the file says so, the bot polls, and no hub but one is there. */
export async function waitingLine(
  question: string,
  { place, timings }: { place?: McpPlace; timings?: Record<string, number> } = {},
): Promise<WaitingLine> {
  const line = await startLine(timings);
  const session = await line.start(place ? { place } : {});
  const asked = ask(session, question);
  // Some tests kill the asker; what its call comes to then is of no interest.
  asked.catch(() => undefined);
  const card = await openCard(line.api, line.owner, question);
  const path = join(session.sessionsDirectory, `${await session.session()}.jsonl`);
  await until(
    () => readFileSync(path, 'utf8').includes('"question_shown"'),
    () => 'the card to be written down',
  );
  await line.api.waitFor(() => line.api.polled);
  await untilOneHub(line.place.home);
  return { ...line, session, asked, card, path };
}

/** The pids of the hubs of a line. */
export function hubsOf({ place }: Line): number[] {
  return hubsIn(place.home);
}

/** The cards with this text that can be answered now, newest first. */
export function openCards({ owner }: Line, question: string): SeenMessage[] {
  return owner
    .messages()
    .filter(({ text, reply_markup }) => text?.includes(question) && reply_markup)
    .reverse();
}
