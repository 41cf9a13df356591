import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SeenMessage } from '../bot-api/chats.ts';
import { until } from '../switchboard.ts';
import { type FaultLine, QUESTION, WITNESS_QUESTION } from './fault-line.ts';
import { count } from './injected.ts';

/** What every run checks, by the words of the table that is printed at the end. */
export const PROMISES = {
  kept: 'what was confirmed is in the file',
  right: 'the answer that Claude has is the first one in the file',
  once: 'one answer at most was confirmed for a question',
  returns: 'every tool that waits returns, or its session is over',
  settled: 'the cards are settled in the end',
  others: 'the question of another session is untouched, and is answered afterwards',
  taken: 'every update was taken in the end',
  history: 'history: every promise of a history',
  told: 'history: what a store told a process is in the file',
  confirmed: 'history: what was confirmed to a person is in the file',
  meant: 'history: what Claude has was given to that very question',
  heard: 'history: what Claude has is what the file says',
} as const;

/** What the faults of a run have done for good. */
export interface Consequences {
  readonly endsAsker: boolean;
  readonly destroys: boolean;
}

/** How long a person waits before pressing again when nothing comes of it. */
const PATIENCE_MS = 1_500;
const RECORDED = /^Recorded/;

/**
 * The owner does as a person does who sees the phone: presses what can be pressed until the question has ended, each time
 * with another answer than the first press, so that two that count would be noticed.
 */
export async function answerUntilOver(line: FaultLine, done: Consequences): Promise<void> {
  let pressedAt = performance.now();
  let looked = line.presses.length > 0 ? line.presses.at(-1)?.card.message_id : undefined;
  await until(
    () => {
      if (line.result !== null) return true;
      const [card] = line.openCards();
      const last = line.presses.at(-1);
      const refused = last?.press.answer && !RECORDED.test(last.press.answer.text);
      const impatient = performance.now() - pressedAt > PATIENCE_MS;
      if (card && (!last || refused || impatient || card.message_id !== looked)) {
        line.press(line.presses.length === 0 ? 'Yes' : 'No');
        looked = card.message_id;
        pressedAt = performance.now();
      }
      return false;
    },
    () => `the end of the question; the phone shows ${phone(line)}\nthe file holds\n${line.fileText()}`,
  );
  if (!done.endsAsker) expect(line.result, 'the tool has returned').not.toBeInstanceOf(Error);
  count('checked', PROMISES.returns);
}

/** Checks every promise about the asker's question, then that the witness has been left alone. */
export async function checkPromises(line: FaultLine, done: Consequences): Promise<void> {
  await cardsAreSettled(line);
  await line.api.waitFor(() => line.api.unconfirmed === 0);
  count('checked', PROMISES.taken);
  checkAnswers(line, done);
  await checkWitness(line);
}

/** Cards that the log does not know, since their sending was never confirmed, are settled when somebody presses them. */
async function cardsAreSettled(line: FaultLine): Promise<void> {
  const tried = new Map<number, number>();
  await until(
    async () => {
      const card = line.openCards().find((each) => !isNobodys(line, each));
      if (!card) return true;
      const last = tried.get(card.message_id);
      // What the hub is about to settle by itself needs no press.
      if (last === undefined) tried.set(card.message_id, performance.now());
      else if (performance.now() - last > PATIENCE_MS / 2) {
        tried.set(card.message_id, performance.now());
        line.press('No', [card]);
      }
      await sleep(5);
      return false;
    },
    () => `the cards to be settled; the phone shows ${phone(line)}`,
  );
  count('checked', PROMISES.settled);
}

/**
 * A card that no log knows any more: sent by a hub that did not live to write it down, or of a log that was destroyed with
 * nobody left to write it again. Pressed, it says that nobody asks this; it keeps its buttons, since another hub on this
 * token may know it.
 */
function isNobodys(line: FaultLine, { message_id }: SeenMessage): boolean {
  const last = line.presses.findLast(({ card }) => card.message_id === message_id);
  if (!last?.press.answer?.text.startsWith('No running session asks this')) return false;
  const asked = line.records().find(({ type, question }) => type === 'question' && question === QUESTION);
  return !isAskedIn(line.records(), asked?.id, message_id);
}

/** Do these records tell both of the question and of the message that shows it? */
export function isAskedIn(log: readonly Record<string, unknown>[], question: unknown, message: number): boolean {
  const isThere = log.some(({ type, id }) => type === 'question' && id === question);
  const shown = log.filter(({ type, question_id }) => type === 'question_shown' && question_id === question);
  return isThere && shown.some(({ ref }) => String(ref).split(/\D+/).includes(String(message)));
}

function checkAnswers(line: FaultLine, done: Consequences): void {
  const confirmed = line.presses.filter(({ press }) => RECORDED.test(press.answer?.text ?? ''));
  const given = new Set(confirmed.map(({ answer }) => answer));
  const { result } = line;
  const recorded = answersTo(line, result);
  if (!done.destroys) {
    expect(given.size, 'different answers were confirmed').toBeLessThanOrEqual(1);
    count('checked', PROMISES.once);
    if (given.size > 0) expect([...given], 'confirmed, and first in the file').toEqual([recorded[0]]);
    count('checked', PROMISES.kept, given.size);
  }
  if (result === null || result instanceof Error) return;
  expect(result).toMatchObject({ status: 'answered' });
  if (done.destroys) expect(line.presses.map(({ answer }) => answer)).toContain(result.answer);
  else expect(result.answer, 'what Claude has, and what is first in the file').toBe(recorded[0]);
  count('checked', PROMISES.right);
}

/** The answers in the files to the asker's question, in the order in which they lie there. */
function answersTo(line: FaultLine, result: FaultLine['result']): unknown[] {
  const asked = line.records().find((record) => record.type === 'question' && record.question === QUESTION);
  const id = result instanceof Error || result === null ? asked?.id : result.question_id;
  return line
    .records()
    .filter((record) => record.type === 'answer' && record.question_id === id && record.slot === `outcome:${id}`)
    .map(({ answer }) => answer);
}

async function checkWitness(line: FaultLine): Promise<void> {
  const before = line.records().filter((record) => record.type === 'question' && record.question === WITNESS_QUESTION);
  const ids = new Set(before.map(({ id }) => id));
  const answered = line.records().filter((record) => record.type === 'answer' && ids.has(record.question_id));
  expect(answered, 'answers to the question of another session').toEqual([]);
  const card = await line.api.waitFor(() => line.openCards(WITNESS_QUESTION)[0]);
  line.owner.presses(card, 'Left');
  expect(await line.witnessed).toMatchObject({ status: 'answered', answer: 'Left' });
  count('checked', PROMISES.others);
}

function phone({ owner }: FaultLine): string {
  return JSON.stringify(
    owner.messages().map(({ message_id, text, reply_markup }) => [message_id, text, !!reply_markup]),
  );
}
