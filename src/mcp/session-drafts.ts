import { v4 } from 'uuid';
import type { EventId, SessionId } from '../domain/ids.ts';
import type { Draft, RecordBody } from '../domain/records.ts';

type Metadata = Extract<RecordBody, { type: 'session_metadata' }>;

/** What the first record says of this process and its client. */
export type SessionFacts = Omit<Metadata, 'type' | 'session_id' | 'label' | 'git_branch'>;

/** The first record of a session. */
export function metadataDraft(
  session_id: SessionId,
  facts: SessionFacts,
  names: { label?: string | undefined; git_branch?: string | undefined },
): Draft<Metadata> {
  const { label, git_branch } = names;
  return {
    id: v4() as EventId,
    body: {
      type: 'session_metadata',
      session_id,
      ...facts,
      ...(label === undefined ? {} : { label }),
      ...(git_branch === undefined ? {} : { git_branch }),
    },
  };
}

/** Something that happened to the session as a whole. */
export function systemDraft(event: string, reason?: string, detail?: string): Draft {
  return {
    id: v4() as EventId,
    body: {
      type: 'system',
      event,
      ...(reason === undefined ? {} : { reason }),
      ...(detail === undefined ? {} : { detail }),
    },
  };
}
