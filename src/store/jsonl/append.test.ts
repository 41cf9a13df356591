import { appendFileSync, copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { givenAnswer, metadataDraft, newQuestion, newSession, noteDraft } from '../../../test/support/records.ts';
import { StorePlace } from '../../../test/support/store-places.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { Draft } from '../../domain/records.ts';
import { type RecordLine, recordLine } from '../record-line.ts';
import { appendLine } from './append.ts';
import { LogIndex } from './log-index.ts';
import type { OpenLog } from './open-log.ts';

/** Lets somebody else act at the worst moment: after this writer has looked at the log, before it writes. */
class DisturbedIndex extends LogIndex {
  private readonly disturb: () => void;
  private times: number;

  constructor(disturb: () => void, times = 1) {
    super();
    this.disturb = disturb;
    this.times = times;
  }

  override catchUp(log: OpenLog): boolean {
    const done = super.catchUp(log);
    if (this.times > 0) this.disturb();
    this.times -= 1;
    return done;
  }
}

const line = (draft: Draft, now = 0): RecordLine => recordLine(draft, { role: 'hub', pid: 1 }, now);

function newLog(): string {
  const path = join(temporaryDirectory(), 'log.jsonl');
  writeFileSync(path, line(metadataDraft(newSession())).text);
  return path;
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('an append disturbed in its worst moment', () => {
  it('loses the slot to a claim that came in between, and names it', () => {
    const path = newLog();
    const question = newQuestion();
    const first = givenAnswer(question, 'first');
    const index = new DisturbedIndex(() => appendFileSync(path, line(first).text));
    expect(appendLine(path, line(givenAnswer(question, 'second')), index)).toMatchObject({
      status: 'slot_taken',
      holder: { event_id: first.id },
    });
  });

  it('is written again, with its time, when a torn line swallowed it', () => {
    const path = newLog();
    const index = new DisturbedIndex(() => appendFileSync(path, '{"torn":'));
    const note = line(noteDraft(1), 12_345);
    expect(appendLine(path, note, index)).toEqual({ status: 'stored', repeated: false });
    expect(lines(path).slice(1)).toEqual([`{"torn":${note.text.trimEnd()}`, note.text.trimEnd()]);
  });

  it('is closed when the log was archived in between', () => {
    const path = newLog();
    const index = new DisturbedIndex(() => renameSync(path, `${path}.archived`));
    expect(appendLine(path, line(noteDraft(1)), index)).toEqual({ status: 'closed' });
  });

  it('is closed when the log was archived after it was found to be stored already', () => {
    const path = newLog();
    appendLine(path, line(noteDraft(1)), new LogIndex());
    const index = new DisturbedIndex(() => renameSync(path, `${path}.archived`));
    expect(appendLine(path, line(noteDraft(1)), index)).toEqual({ status: 'closed' });
  });

  it('goes into the log that replaced the one it had opened', () => {
    const path = newLog();
    const index = new DisturbedIndex(() => {
      copyFileSync(path, `${path}.new`);
      renameSync(`${path}.new`, path);
    });
    expect(appendLine(path, line(noteDraft(1)), index)).toEqual({ status: 'stored', repeated: false });
    expect(lines(path)).toHaveLength(2);
  });

  it('is stored when the log was cut short in between', () => {
    const path = newLog();
    appendLine(path, line(noteDraft(1)), new LogIndex());
    const index = new DisturbedIndex(() => truncateSync(path, 10));
    expect(appendLine(path, line(noteDraft(2)), index)).toEqual({ status: 'stored', repeated: false });
    expect(lines(path).at(-1)).toBe(line(noteDraft(2)).text.trimEnd());
  });

  it('gives up with an error when another program rewrites the log under every write, and confirms nothing', () => {
    const path = newLog();
    const original = readFileSync(path);
    const rewrite = (): void => {
      writeFileSync(`${path}.new`, original);
      renameSync(`${path}.new`, path);
    };
    const index = new DisturbedIndex(rewrite, Number.POSITIVE_INFINITY);
    expect(() => appendLine(path, line(noteDraft(1)), index)).toThrow(
      expect.objectContaining({ code: 'IO', message: expect.stringContaining('nothing was confirmed') }),
    );
  });
});

describe('many appends to one session', () => {
  it('let everything else have a turn while they wait for one another', async () => {
    const { store, session } = await new StorePlace().withSession();
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    }, 0);
    const before = performance.now();
    await Promise.all(Array.from({ length: 2_000 }, (_, number) => store.append(session, noteDraft(number))));
    clearInterval(others);
    // An append that syncs takes a fraction of a millisecond, or some; two in a row of a tenth of a second are a slow disk.
    expect(turns).toBeGreaterThan((performance.now() - before) / 100);
  });

  it('cost one that comes alone no turn', async () => {
    const { store, session } = await new StorePlace().withSession();
    await store.append(session, noteDraft('first'));
    await sleep(30);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await store.append(session, noteDraft('alone'));
    expect(turned).toBe(false);
  });
});
