import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../src/domain/records.ts';
import { settledCard } from '../support/phone.ts';
import { kill, until } from '../support/switchboard.ts';
import { openCards, type WaitingLine, waitingLine } from '../support/waiting-line.ts';

/** Puts something into the place of the file while its owner cannot act. */
function inItsPlace({ path, session }: WaitingLine, put: (path: string) => void): void {
  kill(session.pid, 'SIGSTOP');
  rmSync(path);
  put(path);
  kill(session.pid, 'SIGCONT');
}

function replaceBy({ path }: WaitingLine, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const firstLines = (path: string, count: number): string =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, count)
    .map((line) => `${line}\n`)
    .join('');

// Some of these are found by the slow look alone.
const QUICK = { slowLook: 300 };

const DAMAGES: [string, (line: WaitingLine) => void][] = [
  ['deleted', ({ path }) => rmSync(path)],
  ['emptied', ({ path }) => truncateSync(path, 0)],
  ['cut off within a line', ({ path }) => truncateSync(path, readFileSync(path).length - 300)],
  ['cut off behind its first line', ({ path }) => truncateSync(path, firstLines(path, 1).length)],
  ['replaced by an older copy', (line) => replaceBy(line, firstLines(line.path, 2))],
  ['replaced by garbage', (line) => replaceBy(line, 'garbage\n'.repeat(500))],
  ['replaced by a directory', (line) => inItsPlace(line, (path) => mkdirSync(path))],
  ['replaced by a link to a file elsewhere', (line) => inItsPlace(line, (path) => symlinkSync('/etc/hostname', path))],
  ['removed with its whole directory', ({ path }) => renameSync(dirname(path), `${dirname(path)}.old`)],
];

describe('a question that waits', () => {
  it.each(DAMAGES)('is still answered from the phone when its file is %s', async (_what, damage) => {
    const line = await waitingLine('Still there?', { timings: QUICK });
    damage(line);
    await answerByAnyCard(line, 'Still there?');
  });

  it('is answered when it is pressed in the very moment in which its file is deleted', async () => {
    const line = await waitingLine('Just now?');
    rmSync(line.path);
    const press = line.owner.presses(line.card, 'Yes');
    expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^Recorded/);
    expect(await line.asked).toMatchObject({ answer: 'Yes' });
  });

  it.each(DAMAGES.filter(([what]) => ['deleted', 'emptied', 'replaced by garbage'].includes(what)))(
    'is not said to be over while its session is stopped and its file is %s, and is answered when that goes on',
    async (_what, damage) => {
      const line = await waitingLine('Still there?', { timings: QUICK });
      kill(line.session.pid, 'SIGSTOP');
      damage(line);
      for (const _again of [1, 2]) {
        const press = line.owner.presses(line.card, 'Yes');
        const { text } = await line.api.waitFor(() => press.answer);
        expect(text).toMatch(/^No running session asks this at the moment.*the question comes back/);
      }
      const press = line.owner.presses(line.card, 'Write an answer');
      expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^No running session asks this at the moment/);
      kill(line.session.pid, 'SIGCONT');
      await answerByAnyCard(line, 'Still there?');
    },
  );

  it('comes back by itself as soon as its directory can be made again', async () => {
    const line = await waitingLine('Mended?', { timings: QUICK });
    const directory = dirname(line.path);
    kill(line.session.pid, 'SIGSTOP');
    renameSync(directory, `${directory}.old`);
    writeFileSync(directory, 'in the way');
    kill(line.session.pid, 'SIGCONT');
    await until(
      () => /could not (read|follow)/.test(line.session.stderr),
      () => 'the session to notice',
    );
    rmSync(directory);
    await answerByAnyCard(line, 'Mended?');
  });
});

describe('an answer that was confirmed', () => {
  it('is written again by the hub when it is cut off from the file before the session has read it', async () => {
    const line = await waitingLine('Cut off?', { timings: QUICK });
    const hasAnswer = () => recordsIn(line.path).some(({ type, answer }) => type === 'answer' && answer === 'Yes');
    kill(line.session.pid, 'SIGSTOP');
    const press = line.owner.presses(line.card, 'Yes');
    expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^Recorded/);
    await settledCard(line.api, line.owner, 'Cut off?', 'Yes');
    const lines = readFileSync(line.path, 'utf8').split('\n');
    const answer = lines.findIndex((text) => text.includes('"type":"answer"'));
    truncateSync(line.path, Buffer.byteLength(lines.slice(0, answer + 1).join('\n')) - 30);
    await until(hasAnswer, () => `the answer in:\n${readFileSync(line.path, 'utf8')}`);
    kill(line.session.pid, 'SIGCONT');
    expect(await line.asked).toMatchObject({ status: 'answered', answer: 'Yes' });
    await settledCard(line.api, line.owner, 'Cut off?', 'delivered');
  });
});

/** The lines that are records. */
function recordsIn(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      const record = parseRecord(text);
      return record ? [record as unknown as Record<string, unknown>] : [];
    });
}

/** Presses as a person does who sees that nothing has come of it: whatever card is open, until the question is answered. */
async function answerByAnyCard(line: WaitingLine, question: string): Promise<void> {
  const answered = line.asked.then(() => true);
  await until(
    async () => {
      const [card] = openCards(line, question);
      if (card) {
        const press = line.owner.presses(card, 'Yes');
        await line.api.waitFor(() => press.answer);
      }
      return Promise.race([answered, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
    },
    () => `an answer; the phone shows ${JSON.stringify(line.owner.messages())}`,
  );
  expect(await line.asked).toMatchObject({ status: 'answered', answer: 'Yes' });
}
