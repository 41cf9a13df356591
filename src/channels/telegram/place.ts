import type { Outgoing } from './card-message.ts';

/** Where something is said: a chat, and in a forum the topic; null is General, or a chat without topics. */
export interface Place {
  readonly chat: string;
  readonly thread: number | null;
}

/** The same messages in a topic. */
export function inThread(drafts: readonly Outgoing[], thread: number | null | undefined): readonly Outgoing[] {
  return thread == null ? drafts : drafts.map((draft) => ({ ...draft, thread }));
}
