import type { SessionMetadata } from './records.ts';
import type { SessionState } from './session-state.ts';

/** A session whose owner has written nothing for this long is over, whatever its process does. */
export const SILENCE_MS_MAX = 24 * 60 * 60_000;

/** What this machine says of a process id: gone, a zombie, or alive since `started_at` (null: cannot tell). */
export type ProcessFacts = 'absent' | 'zombie' | { readonly started_at: string | null };

/** Who judges, and what it can see. */
export interface Observer {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly host: string;
  readonly boot_id: string | null;
  readonly pid_namespace: string | null;
  /** Looks at a process of this host, boot and pid namespace. */
  readonly process: (pid: number) => ProcessFacts;
  /** True while silence proves nothing: this machine slept, or the observer has only just started. */
  readonly silence_unreliable: boolean;
}

/** Why a session is over, or null while it lives or cannot be judged. */
export type Verdict = { readonly reason: 'ended' | 'process_gone' | 'silent' } | null;

/** Judges whether a session is over. Only what is certain counts: a doubt keeps it alive. */
export function judgeSession(state: SessionState, observer: Observer): Verdict {
  if (state.ended) return { reason: 'ended' };
  const { metadata } = state;
  if (!metadata) return null;
  const observable = isObservable(metadata, observer);
  if (observable && isGone(metadata, observer.process(metadata.pid))) return { reason: 'process_gone' };
  if (observer.silence_unreliable) return null;
  const wroteAt = Date.parse(state.ownerWroteAt ?? metadata.timestamp);
  if (!(observer.now - wroteAt > SILENCE_MS_MAX)) return null;
  // An answer that its living session has not had yet is not put away.
  return observable && hasUndeliveredAnswer(state) ? null : { reason: 'silent' };
}

/** Does any answer still wait for its session to take it? */
function hasUndeliveredAnswer(state: SessionState): boolean {
  for (const question of state.questions.values()) {
    if (question.answer && !question.deliveredAt) return true;
    if (question.lateAnswer && !question.lateDeliveredAt) return true;
  }
  return false;
}

/** A pid means something only on the host, in the boot and in the pid namespace it came from. */
function isObservable(metadata: SessionMetadata, observer: Observer): boolean {
  return (
    metadata.host === observer.host &&
    metadata.boot_id === observer.boot_id &&
    metadata.pid_namespace === observer.pid_namespace
  );
}

function isGone(metadata: SessionMetadata, facts: ProcessFacts): boolean {
  if (facts === 'absent' || facts === 'zombie') return true;
  return (
    metadata.process_started_at !== null &&
    facts.started_at !== null &&
    metadata.process_started_at !== facts.started_at
  );
}
