import { expect } from 'vitest';
import { parseRecord } from '../../../src/domain/records.ts';
import { emptySessionState, fold } from '../../../src/domain/session-state.ts';
import type { History } from './history.ts';
import { count } from './injected.ts';
import { PROMISES } from './promises.ts';

const CONFIRMED = /^(Recorded|Was recorded)|Your answer is kept/m;
const HAS_IT = /Claude has it/;
const WRITTEN = /Claude has it|written down/;
const NOTHING_SENT = /nothing was sent/;

/** What every history checks when it is over. */
export function checkHistory(history: History): void {
  const winners = winnersOf(history.logs());
  checkRead(history, winners);
  checkTold(history, winners);
  checkConfirmed(history, winners);
  checkHeard(history, winners);
  checkAllowed(history, winners);
  checkWords(history);
}

/** Per slot the records that hold it: one, unless the question went on in another file. */
function winnersOf(logs: readonly Record<string, unknown>[][]): Map<string, Record<string, unknown>[]> {
  const winners = new Map<string, Record<string, unknown>[]>();
  for (const log of logs) {
    const ids = new Set<unknown>();
    const slots = new Set<unknown>();
    for (const record of log) {
      if (ids.has(record.event_id)) continue;
      ids.add(record.event_id);
      if (typeof record.slot !== 'string' || slots.has(record.slot)) continue;
      slots.add(record.slot);
      winners.set(record.slot, [...(winners.get(record.slot) ?? []), record]);
    }
  }
  return winners;
}

/** Who reads a log takes the first claim for the answer, whatever stands behind it. */
function checkRead(history: History, winners: ReadonlyMap<string, Record<string, unknown>[]>): void {
  for (const log of history.logs()) {
    const records = log.map((record) => parseRecord(JSON.stringify(record))).filter((record) => record !== null);
    for (const [id, { answer }] of records.reduce(fold, emptySessionState()).questions) {
      const firsts = (winners.get(`outcome:${id}`) ?? []).map(({ event_id }) => event_id);
      if (answer) expect(firsts, `the answer that is read for ${id}`).toContain(answer.event_id);
    }
  }
}

/** What a store told its process is what every reader sees. */
function checkTold(history: History, winners: ReadonlyMap<string, Record<string, unknown>[]>): void {
  // Whose file was destroyed cannot be told from the record alone.
  if (history.destroyed.size > 0) return;
  const ids = new Set(
    history
      .logs()
      .flat()
      .map(({ event_id }) => event_id),
  );
  for (const { store } of history.stores) {
    const lost = store.told.filter(({ id, holder }) => id === holder && !ids.has(id));
    const wrong = store.told.filter(
      ({ slot, holder }) => slot !== undefined && !winners.get(slot)?.some(({ event_id }) => event_id === holder),
    );
    expect({ lost, wrong }, 'what stores told their processes').toEqual({ lost: [], wrong: [] });
    count('checked', PROMISES.told, store.told.length);
  }
}

/** What a person was told is recorded is what every reader sees, and nothing else was confirmed for the question. */
function checkConfirmed(history: History, winners: ReadonlyMap<string, Record<string, unknown>[]>): void {
  for (const given of history.person.given) {
    if (!CONFIRMED.test(given.told() ?? '')) continue;
    const question = history.questions.find(({ number }) => given.number === number);
    if (question && history.destroyed.has(question.session)) continue;
    if (!question && history.destroyed.size > 0) continue;
    const holders = [
      ...(winners.get(`outcome:${given.question}`) ?? []),
      ...(winners.get(`late:${given.question}`) ?? []),
    ];
    const answers = holders.filter(({ type }) => type === 'answer').map(({ answer }) => answer);
    expect(answers, `confirmed to the person for ${given.question}`).toContain(given.answer);
    count('checked', PROMISES.confirmed);
  }
}

/** What Claude was told is an answer to that very question, always the same, and the one that every reader sees. */
function checkHeard(history: History, winners: ReadonlyMap<string, Record<string, unknown>[]>): void {
  for (const question of history.questions) {
    const answers = new Set(question.heard.flatMap(({ answer }) => (answer === undefined ? [] : [answer])));
    expect(answers.size, `answers to ${question.text}: ${[...answers].join()}`).toBeLessThanOrEqual(1);
    for (const heard of question.heard) {
      if (heard.answer === undefined) continue;
      const meant = history.person.given.some(
        (given) => given.question === heard.question_id && given.answer === heard.answer,
      );
      expect(meant, `${heard.answer} was given to ${question.text}`).toBe(true);
      count('checked', PROMISES.meant);
      if (history.destroyed.has(question.session)) continue;
      const holders = [
        ...(winners.get(`outcome:${heard.question_id}`) ?? []),
        ...(winners.get(`late:${heard.question_id}`) ?? []),
      ];
      expect(
        holders.map(({ answer }) => answer),
        `what Claude has of ${question.text}`,
      ).toContain(heard.answer);
      count('checked', PROMISES.heard);
    }
    if (question.session.alive) count('checked', PROMISES.returns);
  }
}

/** What was allowed to run was allowed by a person, for this very command; what is dangerous, with all of it in sight. */
function checkAllowed(history: History, winners: ReadonlyMap<string, Record<string, unknown>[]>): void {
  for (const { number, session, how, decision } of history.questions) {
    if (decision === null) continue;
    const fits = history.person.given.filter((given) => given.number === number && behaviorOf(given) === decision);
    const counted = how === 'dangerous permission' && decision === 'allow' ? fits.filter(({ second }) => second) : fits;
    expect(counted.length, `${decision} of build-${number} was said by the person`).toBeGreaterThan(0);
    count('checked', PROMISES.decided);
    if (history.destroyed.has(session)) continue;
    const command = new RegExp(`build-${number}\\b`);
    const holders = history
      .questionIds(({ context }) => command.test(String(context)))
      .flatMap((id) => winners.get(`outcome:${id}`) ?? []);
    expect(
      holders.map(({ answer }) => behaviorOf({ answer: String(answer) })),
      `the answer in the file for build-${number}`,
    ).toContain(decision);
  }
}

const behaviorOf = ({ answer }: { answer: string }): 'allow' | 'deny' =>
  answer.startsWith('Allow') ? 'allow' : 'deny';

/** A word comes to its session once, and the person is told so only then. */
function checkWords(history: History): void {
  for (const { text, by, session: id, told } of history.person.words) {
    const session = history.sessions.find(({ ids }) => ids.includes(id));
    // An update is confirmed to Telegram when nothing of it can be lost any more.
    const unsaid = by === 'telegram' && told() === null && !history.updatesLost;
    if (unsaid && session?.alive && !history.destroyed.has(session)) {
      const written = history
        .logs()
        .flat()
        .map((record) => record.text);
      expect(written, `${text}, of which nothing was said`).toContain(text);
    }
    for (const [other, heard] of history.heardWords) {
      const times = heard.filter((each) => each === text).length;
      expect(times, `times that ${text} was heard`).toBeLessThanOrEqual(other === session ? 1 : 0);
      if (other !== session || history.destroyed.has(other)) continue;
      if (HAS_IT.test(told() ?? '')) expect(times, `${text}, of which Claude was said to have it`).toBe(1);
      // An update that came again may have found a session that was not known at first, or is in the archive by now.
      const refused = NOTHING_SENT.test(told() ?? '') && !WRITTEN.test(told() ?? '');
      if (refused && other.alive) expect(times, `${text}, which was said not to be sent`).toBe(0);
    }
    if (told() !== null) count('checked', PROMISES.words);
  }
}
