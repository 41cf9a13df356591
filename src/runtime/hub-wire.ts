import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import * as z from 'zod';
import { parseSessionId, type SessionId, UUID } from '../domain/ids.ts';

// What the hub and its peers say to each other over the local socket: one JSON object a line. The socket only says
// "look now" and "I live"; whatever counts is in the session files. Unknown types and fields are for the future and
// passed over, so that any two versions can live together.

// Far above any message; a peer that sends more without a newline is broken.
const LINE_BYTES_MAX = 64 * 1024;
// A peer that does not read (stopped, hung) must not fill the memory of the one that writes.
const UNREAD_BYTES_MAX = 256 * 1024;

const sessionId = z
  .string()
  .regex(UUID)
  .transform((text): SessionId => parseSessionId(text));
const nullableText = z.string().nullable().catch(null);

/** How one channel of the hub is. `since` is ISO 8601; `detail` one plain sentence without secrets. */
export interface ChannelReport {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly since: string;
  /** How many chats get a card of a new question right now; a hub of an older version does not say. */
  readonly chats?: number | undefined;
  /** It has only just begun: whether it will be ok is not known yet. */
  readonly connecting?: boolean | undefined;
}

const channelReport = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  since: z.string(),
  chats: z.number().optional().catch(undefined),
  connecting: z.boolean().optional().catch(undefined),
});
const channelReports = z.array(channelReport).catch([]);

const hubInfo = z.object({
  pid: z.number().int().positive(),
  process_started_at: nullableText,
  host: z.string().catch(''),
  boot_id: nullableText,
  pid_namespace: nullableText,
  version: z.string(),
  /** ISO 8601. */
  since: z.string().catch(''),
});

/** Who the hub is: enough to compare versions, and to know its process beyond doubt. */
export type HubInfo = z.infer<typeof hubInfo>;

const fromHub = z.discriminatedUnion('type', [
  /** The first word on every connection; without channels while they are being loaded. */
  z.object({ type: z.literal('hub'), ...hubInfo.shape, channels: channelReports.optional() }),
  z.object({ type: z.literal('channels'), channels: channelReports }),
  /** The session's file may have news. */
  z.object({ type: z.literal('look') }),
  z.object({ type: z.literal('pong') }),
  /** The hub makes room for a newer one: do not start another. */
  z.object({ type: z.literal('leaving') }),
]);

const toHub = z.discriminatedUnion('type', [
  /** This connection is that of a living session; said again when the session has a new id. */
  z.object({ type: z.literal('session'), session: sessionId, sessions_directory: z.string().min(1) }),
  /** The session's file has news. */
  z.object({ type: z.literal('look'), session: sessionId, sessions_directory: z.string().min(1) }),
  /** `presence.json` has news: somebody is away, or back. */
  z.object({ type: z.literal('presence') }),
  z.object({ type: z.literal('ping') }),
  /** A hub of this newer version is ready to take over. */
  z.object({ type: z.literal('leave'), version: z.string() }),
]);

export type FromHub = z.infer<typeof fromHub>;
export type ToHub = z.infer<typeof toHub>;

/** Reads the text in which a hub left word of itself; null when it is none. */
export function parseHubInfo(text: string): HubInfo | null {
  const value = parseJson(text);
  return hubInfo.safeParse(value).data ?? null;
}

/** Says something to the other end. A peer that has not read for long is cut off; a closed one hears nothing. */
export function send(socket: Socket, message: FromHub | ToHub): void {
  if (socket.destroyed || !socket.writable) return;
  socket.write(`${JSON.stringify(message)}\n`);
  if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
}

/** Calls `onMessage` for every message that a session, or a command, sends. */
export function listenToPeer(socket: Socket, onMessage: (message: ToHub) => void): void {
  listen(socket, (value) => toHub.safeParse(value).data, onMessage);
}

/** Calls `onMessage` for every message that the hub sends. */
export function listenToHub(socket: Socket, onMessage: (message: FromHub) => void): void {
  listen(socket, (value) => fromHub.safeParse(value).data, onMessage);
}

/** A peer that sends what is no JSON object, or no end of it, is cut off. Nothing it sends can throw here. */
function listen<M>(socket: Socket, parse: (value: unknown) => M | undefined, onMessage: (message: M) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (socket.destroyed) return;
      const value = parseJson(line);
      if (typeof value !== 'object' || value === null) {
        socket.destroy();
        return;
      }
      const message = parse(value);
      if (message) onMessage(message);
    }
    if (rest.length > LINE_BYTES_MAX) socket.destroy();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller decides what broken text means.
  }
}
