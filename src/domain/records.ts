import * as z from 'zod';
import { type EventId, type MessageId, type QuestionId, type SessionId, UUID } from './ids.ts';

/** The version of the record format. A line of version 1 stays readable for ever. */
export const RECORD_VERSION = 1;

/** Bytes of one line with its newline, UTF-8. Keeps a single write whole and a reader's memory bounded. */
export const RECORD_BYTES_MAX = 64 * 1024;

/** Bytes of a text beside a log, UTF-8: far above the longest context that a tool takes. Nobody reads a larger one. */
export const ATTACHED_TEXT_BYTES_MAX = 4 * 1024 * 1024;

const sessionId = z.string().regex(UUID) as unknown as z.ZodType<SessionId>;
const questionId = z.string().regex(UUID) as unknown as z.ZodType<QuestionId>;
const eventId = z.string().min(1).max(128) as unknown as z.ZodType<EventId>;
const timestamp = z.iso.datetime({ offset: true });

const envelope = {
  v: z.literal(RECORD_VERSION),
  event_id: eventId,
  slot: z.string().min(1).max(300).optional(),
  timestamp,
  writer: z.string().max(100),
};

const messageId = z.string().regex(UUID) as unknown as z.ZodType<MessageId>;
const optionSchema = z.object({ label: z.string(), description: z.string().optional() });
const personSchema = z.object({ channel: z.string(), id: z.string(), name: z.string() });
const fileSchema = z.object({
  /** Absolute, as of the answer; archiving a session moves its files along with it. */
  path: z.string(),
  /** As the person's app calls it. */
  name: z.string(),
  mime: z.string().optional(),
  bytes: z.number().int().nonnegative(),
});

const permissionSchema = z.object({
  /** What wants to run, as the host calls it: `Bash`, `Edit`, `mcp__server__tool`. */
  tool: z.string(),
  /** SHA-256 of the tool's input, in hex: what was shown is what was approved. */
  input_hash: z.string(),
  cwd: z.string(),
  /** What *Allow for this session* allows, in the host's words, e.g. `Bash(git push *)`. */
  grant: z.string().optional(),
  /** Why it must be approved twice, a sentence each; absent: it need not. */
  dangers: z.array(z.string()).optional(),
});

const sessionMetadata = z.object({
  ...envelope,
  type: z.literal('session_metadata'),
  session_id: sessionId,
  pid: z.number().int(),
  process_started_at: z.string().nullable(),
  host: z.string(),
  boot_id: z.string().nullable(),
  pid_namespace: z.string().nullable(),
  cwd: z.string(),
  project_dir: z.string(),
  start_time: timestamp,
  label: z.string().optional(),
  git_branch: z.string().optional(),
  client: z.object({ name: z.string(), version: z.string() }),
  claude_session_id: z.string().optional(),
  version: z.string(),
});

const sessionUpdated = z.object({
  ...envelope,
  type: z.literal('session_updated'),
  label: z.string().optional(),
  git_branch: z.string().optional(),
  claude_session_id: z.string().optional(),
});

const heartbeat = z.object({ ...envelope, type: z.literal('heartbeat') });

const task = z.object({
  ...envelope,
  type: z.literal('task'),
  task_id: z.string(),
  title: z.string(),
  status: z.string(),
});

const question = z.object({
  ...envelope,
  type: z.literal('question'),
  id: questionId,
  kind: z.enum(['question', 'permission', 'notice']),
  question: z.string(),
  context: z.string().optional(),
  /** A file beside the session file that holds a context too long for a record. */
  context_file: z.string().optional(),
  options: z.array(optionSchema).optional(),
  multi_select: z.boolean(),
  allow_text: z.boolean(),
  default_answer: z.string().optional(),
  /** Of a notice: how loudly to tell it. */
  level: z.enum(['info', 'warning', 'error']).optional(),
  status: z.literal('pending'),
  created_at: timestamp,
  expires_at: timestamp.optional(),
  /** Not shown before, unless the person is away: somebody at the desk may answer in the terminal. */
  hold_until: timestamp.optional(),
  /** Of kind `permission`. */
  permission: permissionSchema.optional(),
});

const questionShown = z.object({
  ...envelope,
  type: z.literal('question_shown'),
  question_id: questionId,
  channel: z.string(),
  /** Where in the channel, e.g. a Telegram chat id: a question has one card a chat. */
  chat: z.string(),
  ref: z.string(),
});

const questionSettled = z.object({
  ...envelope,
  type: z.literal('question_settled'),
  question_id: questionId,
  channel: z.string(),
  chat: z.string(),
  /** How far the card tells the story: that the question ended, or also that Claude has the answer. */
  stage: z.enum(['ended', 'delivered']),
});

const answer = z.object({
  ...envelope,
  type: z.literal('answer'),
  question_id: questionId,
  answer: z.string(),
  selected: z.array(z.string()).optional(),
  /** What the person sent along, kept beside the session file. */
  files: z.array(fileSchema).optional(),
  answered_by: personSchema,
  answered_at: timestamp,
  /** Came after the question had expired: kept, and handed out by the next check. */
  late: z.boolean().optional(),
  /** Of a dangerous permission: the person has seen the whole of it and said yes again; with a PIN where one is set. */
  confirmed: z.enum(['twice', 'pin']).optional(),
});

const answerDelivered = z.object({
  ...envelope,
  type: z.literal('answer_delivered'),
  question_id: questionId,
  /** Of the late answer, not of the outcome. */
  late: z.boolean().optional(),
});

const questionClosed = z.object({
  ...envelope,
  type: z.literal('question_closed'),
  question_id: questionId,
  reason: z.enum(['withdrawn', 'expired', 'answered_elsewhere', 'session_ended']),
  /** What the answer was, when the session learned it elsewhere and says so. */
  answer: z.string().optional(),
  /** Where it was answered instead: `terminal`, at the desk. */
  where: z.string().optional(),
});

/** A person's word to a session that has not asked. */
const message = z.object({
  ...envelope,
  type: z.literal('message'),
  message_id: messageId,
  text: z.string(),
  sent_by: personSchema,
  sent_at: timestamp,
});

const messageDelivered = z.object({
  ...envelope,
  type: z.literal('message_delivered'),
  message_id: messageId,
  /** How Claude got it: `socket` (at once), `hook` or `tool` (with its next step). */
  by: z.string(),
});

const system = z.object({
  ...envelope,
  type: z.literal('system'),
  event: z.string(),
  reason: z.string().optional(),
  detail: z.string().optional(),
});

const error = z.object({
  ...envelope,
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  question_id: questionId.optional(),
  detail: z.string().optional(),
});

const knownRecord = z.discriminatedUnion('type', [
  sessionMetadata,
  sessionUpdated,
  heartbeat,
  task,
  question,
  questionShown,
  questionSettled,
  answer,
  answerDelivered,
  questionClosed,
  message,
  messageDelivered,
  system,
  error,
]);

const KNOWN_TYPES: ReadonlySet<string> = new Set(knownRecord.options.map((option) => option.shape.type.value));

// A newer writer's record: kept in the file, and ignored but for its id and slot, which bind every reader.
const foreignRecord = z.object({ v: z.unknown(), event_id: eventId, slot: envelope.slot, type: z.string(), timestamp });

export type SessionMetadata = z.infer<typeof sessionMetadata>;
export type QuestionRecord = z.infer<typeof question>;
export type QuestionShown = z.infer<typeof questionShown>;

export type AnswerRecord = z.infer<typeof answer>;
export type QuestionClosed = z.infer<typeof questionClosed>;
export type MessageRecord = z.infer<typeof message>;
export type Permission = z.infer<typeof permissionSchema>;
export type ErrorRecord = z.infer<typeof error>;
export type KnownRecord = z.infer<typeof knownRecord>;
export type Option = z.infer<typeof optionSchema>;
export type Person = z.infer<typeof personSchema>;
export type AnswerFile = z.infer<typeof fileSchema>;

/** A record of a type or version that this program does not know. */
export interface ForeignRecord {
  readonly event_id: EventId;
  readonly slot?: string | undefined;
  readonly type: string;
  readonly timestamp: string;
  readonly foreign: true;
}

export type SessionRecord = KnownRecord | ForeignRecord;

/** Tells a newer writer's record from those this program understands. */
export function isForeign(record: SessionRecord): record is ForeignRecord {
  return 'foreign' in record && record.foreign === true;
}

/** Reads one complete line of a session file. Returns null, and never throws, for a line that is no record. */
export function parseRecord(line: string): SessionRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const known = knownRecord.safeParse(value);
  if (known.success) return known.data;
  const foreign = foreignRecord.safeParse(value);
  if (!foreign.success) return null;
  const { event_id, slot, type, timestamp: at, v } = foreign.data;
  // A damaged record of a known type must not pass for a foreign one and take a slot.
  if (v === RECORD_VERSION && KNOWN_TYPES.has(type)) return null;
  return { event_id, ...(slot === undefined ? {} : { slot }), type, timestamp: at, foreign: true };
}

type Body<R> = R extends KnownRecord ? { [K in keyof R as K extends keyof Assigned ? never : K]: R[K] } : never;

/** What only the store assigns, and the two keys a draft carries beside its body. */
interface Assigned {
  v: unknown;
  event_id: unknown;
  slot: unknown;
  timestamp: unknown;
  writer: unknown;
}

/** The content of a record, without what the store assigns. */
export type RecordBody = Body<KnownRecord>;

/** A record to be: its id, the slot it claims, its content. The store adds version, time and writer. */
export interface Draft<B extends RecordBody = RecordBody> {
  readonly id: EventId;
  readonly slot?: string;
  readonly body: B;
}
