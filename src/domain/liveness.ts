import type { SessionMetadata } from './records.ts';
import type { SessionState } from './session-state.ts';

/** A session whose owner has written nothing for this long is over, whatever its process does. */
export const SILENCE_MS_MAX = 24 * 60 * 60_000;

/** Three heartbeats: a session that lives, wherever it does, has written within that time. */
export const THREE_HEARTBEATS_MS = 15 * 60_000;

/** What this machine says of a process id: gone, a zombie, or alive since `started_at` (null: cannot tell). */
export type ProcessFacts = 'absent' | 'zombie' | { readonly started_at: string | null };

/** Where a process runs; null where the system does not say. */
export interface ProcessPlace {
  readonly host: string;
  readonly boot_id: string | null;
  readonly pid_namespace: string | null;
}

/** Who judges, and what it can see. */
export interface Observer extends ProcessPlace {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When this machine was started, in the same time as `now`; null where the system does not say. */
  readonly booted_at: number | null;
  /** Looks at a process whose pid means something here. */
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
  const observable = sharePids(metadata, observer);
  if (observable && isGone(metadata, observer.process(metadata.pid))) return { reason: 'process_gone' };
  const wroteAt = Date.parse(state.ownerWroteAt ?? metadata.timestamp);
  if (endedWithBoot(metadata, wroteAt, observer)) return { reason: 'process_gone' };
  if (observer.silence_unreliable) return null;
  if (!(observer.now - wroteAt > SILENCE_MS_MAX)) return null;
  // An answer that its living session has not had yet is not put away.
  return observable && hasUndeliveredAnswer(state) ? null : { reason: 'silent' };
}

/**
 * Does a pid of the one place mean the same process in the other? A boot's id is random, so who has the same one runs on
 * the same kernel, whatever the host is called by then: laptops are renamed by the networks that they join. Where boot
 * or namespace are not known, the host's name must do.
 */
export function sharePids(one: ProcessPlace, other: ProcessPlace): boolean {
  if (one.boot_id !== other.boot_id || one.pid_namespace !== other.pid_namespace) return false;
  return (one.boot_id !== null && one.pid_namespace !== null) || one.host === other.host;
}

/**
 * Did the session end with an earlier boot of this machine? The host's name alone does not say so: another machine of the
 * same name may share the directory. But a session that lives there goes on writing, so one that has written since this
 * machine was started is none of its earlier boots, and one that has just written may yet do so. That this machine slept
 * is no excuse for silence: such a session did not sleep along with it.
 */
function endedWithBoot(metadata: SessionMetadata, wroteAt: number, observer: Observer): boolean {
  const { boot_id, host, now } = observer;
  if (metadata.host !== host || metadata.boot_id === null || boot_id === null) return false;
  if (metadata.boot_id === boot_id || now - wroteAt <= THREE_HEARTBEATS_MS) return false;
  // Asked for last: it is a file to be read, and most sessions are of this boot.
  const { booted_at } = observer;
  return booted_at !== null && wroteAt < booted_at;
}

/** Does any answer still wait for its session to take it? */
function hasUndeliveredAnswer(state: SessionState): boolean {
  for (const question of state.questions.values()) {
    if (question.answer && !question.deliveredAt) return true;
    if (question.lateAnswer && !question.lateDeliveredAt) return true;
  }
  return false;
}

function isGone(metadata: SessionMetadata, facts: ProcessFacts): boolean {
  if (facts === 'absent' || facts === 'zombie') return true;
  return (
    metadata.process_started_at !== null &&
    facts.started_at !== null &&
    metadata.process_started_at !== facts.started_at
  );
}
