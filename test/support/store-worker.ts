// A writer in a process of its own. Reads one JSON job from argv, tells every acknowledgement as a JSON line the moment
// it has it, and goes on until it is killed or its work is done.
import { writeSync } from 'node:fs';
import { eventIdFrom, type QuestionId, type SessionId } from '../../src/domain/ids.ts';
import { outcomeSlot } from '../../src/domain/slots.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { givenAnswer, metadataDraft, newSession, noteDraft } from './records.ts';
import { silentLog } from './silent-log.ts';

/** What a worker is to do. `name` makes its records its own. */
export type StoreJob = { readonly directory: string; readonly name: string; readonly lockStale?: number } & (
  | {
      readonly job: 'append';
      readonly session: SessionId;
      readonly count: number;
      readonly questions: readonly QuestionId[];
    }
  | { readonly job: 'append-until-closed'; readonly sessions: readonly SessionId[] }
  | { readonly job: 'open'; readonly count: number }
  | { readonly job: 'hold-lock'; readonly session: SessionId }
);

/** What a worker was told by its store. */
export interface Acknowledgement {
  readonly session: SessionId;
  readonly id: string;
  readonly status: 'stored' | 'slot_taken' | 'closed' | 'opened' | 'holding';
  readonly slot?: string;
  readonly holder?: string;
}

const job = JSON.parse(process.argv[2] ?? '') as StoreJob;
const store = new JsonlStore({
  directory: job.directory,
  writer: { role: 'mcp', pid: process.pid },
  timings: TIMINGS,
  log: silentLog,
  lock: { stale: job.lockStale ?? 10_000, deadline: 30_000 },
});

const tell = (acknowledgement: Acknowledgement): void => {
  writeSync(1, `${JSON.stringify(acknowledgement)}\n`);
};

/** Every third record claims a question's outcome, the others claim nothing. */
async function append(session: SessionId, number: number, questions: readonly QuestionId[]): Promise<void> {
  const question = number % 3 === 0 ? questions[(number / 3) % questions.length] : undefined;
  const cause = `${job.name}:${number}`;
  const draft = question ? givenAnswer(question, cause, eventIdFrom(cause)) : noteDraft(cause);
  const result = await store.append(session, draft);
  tell({
    session,
    id: draft.id,
    status: result.status,
    ...(question ? { slot: outcomeSlot(question) } : {}),
    ...(result.status === 'slot_taken' ? { holder: result.holder.event_id } : {}),
  });
}

async function appendUntilClosed(session: SessionId): Promise<void> {
  for (let number = 0; ; number += 1) {
    const draft = noteDraft(`${job.name}:${session}:${number}`);
    const { status } = await store.append(session, draft);
    tell({ session, id: draft.id, status });
    if (status === 'closed') return;
  }
}

switch (job.job) {
  case 'append':
    for (let number = 0; number < job.count; number += 1) await append(job.session, number, job.questions);
    break;
  case 'append-until-closed':
    for (const session of job.sessions) await appendUntilClosed(session);
    break;
  case 'open':
    for (let number = 0; number < job.count; number += 1) {
      const session = newSession();
      await store.open(session, metadataDraft(session, process.pid));
      tell({ session, id: metadataDraft(session).id, status: 'opened' });
    }
    break;
  case 'hold-lock':
    await store.archive(job.session, () => {
      tell({ session: job.session, id: '', status: 'holding' });
      // Held until somebody kills this process.
      return new Promise(() => setInterval(() => undefined, 60_000));
    });
    break;
  default:
    job satisfies never;
}
