import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SeenMessage } from '../bot-api/chats.ts';
import { until } from '../switchboard.ts';
import { asksAgain, type FaultLine, WITNESS_QUESTION } from './fault-line.ts';
import { count } from './injected.ts';

/** What every run checks, by the words of the table that is printed at the end. */
export const PROMISES = {
  kept: 'what was confirmed is in the file',
  right: 'the answer that Claude has is the first one in the file',
  once: 'one answer at most was confirmed for a question',
  returns: 'every tool that waits returns, or its session is over',
  delivered: 'nothing is called delivered that Claude does not have',
  settled: 'the cards are settled in the end',
  allowed: 'nothing is allowed that nobody allowed, twice where it is dangerous',
  word: 'a word reaches its session once, and no other, and is not said to be there before',
  others: 'the question of another session is untouched, and is answered afterwards',
  taken: 'every update was taken in the end',
  history: 'history: every promise of a history',
  told: 'history: what a store told a process is in the file',
  confirmed: 'history: what was confirmed to a person is in the file',
  meant: 'history: what Claude has was given to that very question',
  heard: 'history: what Claude has is what the file says',
  decided: 'history: what was allowed or denied was said so by the person',
  words: 'history: a word reaches its session once, and is not said to have before',
} as const;

/** What the faults of a run have done for good. */
export interface Consequences {
  readonly endsAsker: boolean;
  readonly destroys: boolean;
}

/** How long a person waits before pressing again when nothing comes of it. */
const PATIENCE_MS = 1_500;
const RECORDED = /^(Recorded|Was recorded)/;

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
      const refused = last?.press.answer && !RECORDED.test(last.press.answer.text ?? '');
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
  await cardsAreSettled(line, done);
  await line.api.waitFor(() => line.api.unconfirmed === 0);
  count('checked', PROMISES.taken);
  if (line.way.refusal === 'Deny') checkDecision(line, done);
  else checkAnswers(line, done);
  checkDelivered(line);
  await checkWitness(line);
}

/** Cards that the log does not know, since their sending was never confirmed, are settled when somebody presses them. */
async function cardsAreSettled(line: FaultLine, done: Consequences): Promise<void> {
  // As long as its session lives and its file was not destroyed, every card of a question is somebody's.
  const mayBeNobodys = done.destroys || done.endsAsker;
  const tried = new Map<number, number>();
  await until(
    async () => {
      const card = line.openCards().find((each) => !(mayBeNobodys && isNobodys(line, each)));
      if (!card) return true;
      const last = tried.get(card.message_id);
      // What the hub is about to settle by itself needs no press.
      if (last === undefined) tried.set(card.message_id, performance.now());
      else if (performance.now() - last > PATIENCE_MS / 2) {
        tried.set(card.message_id, performance.now());
        line.pressAnything(card);
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
  if (!last?.press.answer?.text?.startsWith('No running session asks this')) return false;
  const asked = line.records().find(({ type, question }) => type === 'question' && question === line.way.question);
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
  } else {
    // What was given before may have gone with the file; what was given and confirmed since has not.
    const since = new Set(
      confirmed.filter((each) => line.presses.indexOf(each) >= line.actsBefore).map(({ answer }) => answer),
    );
    expect(since.size, 'different answers were confirmed since').toBeLessThanOrEqual(1);
    for (const answer of since) expect(answersOf(line), 'confirmed since, and in a file').toContain(answer);
  }
  if (result === null || result instanceof Error) return;
  expect(result).toMatchObject({ status: 'answered' });
  if (done.destroys) expect(line.presses.map(({ answer }) => answer)).toContain(result.answer);
  else expect(result.answer, 'what Claude has, and what is first in the file').toBe(recorded[0]);
  count('checked', PROMISES.right);
}

/** Of an asker that was killed: what it has not handed over, it has not called so. */
function checkDelivered(line: FaultLine): void {
  if (line.result !== null && !(line.result instanceof Error)) return;
  const asked = line.records().filter(({ type, question }) => type === 'question' && question === line.way.question);
  const ids = new Set(asked.map(({ id }) => id));
  const delivered = line
    .records()
    .filter(({ type, question_id }) => type === 'answer_delivered' && ids.has(question_id));
  expect(delivered, 'answers that were called delivered, and Claude did not get').toEqual([]);
  count('checked', PROMISES.delivered);
}

/**
 * The owner sees a permission through. `allow`: says yes, and again when asked again. `deny`: may have pressed once, and
 * denies from then on.
 */
export async function decideUntilOver(line: FaultLine, will: 'allow' | 'deny', done: Consequences): Promise<void> {
  const pressedAt = new Map<number, number>();
  await until(
    () => {
      if (line.result !== null) return true;
      const again = line.asksAgain();
      const card = will === 'allow' && again ? again : line.openCards().find((each) => !asksAgain(each));
      const before = card && pressedAt.get(card.message_id);
      if (!card || (before !== undefined && performance.now() - before < PATIENCE_MS)) return false;
      pressedAt.set(card.message_id, performance.now());
      if (card === again) line.pressAgain(card);
      else line.press(will === 'allow' ? 'Allow once' : 'Deny', [card]);
      return false;
    },
    () => `the decision; the phone shows ${phone(line)}\nthe file holds\n${line.fileText()}`,
  );
  if (!done.endsAsker) expect(line.result).toMatchObject({ answer: will === 'allow' ? 'Allow once' : 'Deny' });
  count('checked', PROMISES.returns);
}

/** What Claude Code was told is what the person has said, and stands in the file. */
function checkDecision(line: FaultLine, done: Consequences): void {
  const recorded = line
    .records()
    .filter(({ type, answer }) => type === 'answer' && /^(Allow once|Deny)$/.test(String(answer)));
  const allowed = recorded.filter(({ answer }) => answer === 'Allow once');
  const second = line.presses.some((pressed) => pressed.second);
  if (!second) expect(allowed, 'answers that allow what nobody allowed').toEqual([]);
  for (const answer of allowed) expect(answer).toMatchObject({ confirmed: 'twice' });
  const { result } = line;
  if (result !== null && !(result instanceof Error) && result.answer !== undefined) {
    if (result.answer === 'Allow once') expect(second, 'somebody has said yes with all of it in sight').toBe(true);
    if (!done.destroys)
      expect(recorded[0]?.answer, 'what Claude has, and what is first in the file').toBe(result.answer);
  }
  count('checked', PROMISES.allowed);
}

/** All answers in the files, to whatever question. */
function answersOf(line: FaultLine): unknown[] {
  return line.records().flatMap(({ type, answer }) => (type === 'answer' ? [answer] : []));
}

/** The answers in the files to the asker's question, in the order in which they lie there. */
function answersTo(line: FaultLine, result: FaultLine['result']): unknown[] {
  const asked = line.records().find((record) => record.type === 'question' && record.question === line.way.question);
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
