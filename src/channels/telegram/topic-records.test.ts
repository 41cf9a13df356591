import { describe, expect, it } from 'vitest';
import { session } from '../../../test/support/memory-desk.ts';
import { silentLog } from '../../../test/support/silent-log.ts';
import { StateFile } from '../../runtime/state-file.ts';
import { TopicRecords } from './topic-records.ts';

describe('a topic', () => {
  it("is one session's: who was taken for its owner by its name only has it no more", () => {
    const records = new TopicRecords(new StateFile(null, silentLog));
    const [one, two] = [session('same', 1).id, session('same', 2).id];
    const record = { thread: 5, name: 'same', mood: 'open' } as const;
    records.set('-1', one, record);
    records.set('-1', two, record);
    expect(records.sessionAt('-1', 5)).toBe(two);
    expect(records.get('-1', one)?.thread).toBeNull();
    records.set('-2', one, record);
    expect(records.sessionAt('-1', 5)).toBe(two);
  });
});
