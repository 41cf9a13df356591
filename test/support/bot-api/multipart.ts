import type { Payload } from './wire.ts';

/** A file as a bot uploads it. */
export interface Upload {
  readonly name: string;
  readonly content: Buffer;
}

// In a form everything is text: objects must be written out as JSON.
const JSON_FIELDS = ['caption_entities', 'reply_parameters', 'reply_markup'];
const FLAGS = ['disable_notification', 'disable_content_type_detection'];

/** Reads a request's body: JSON, or a form with files. */
export function readPayload(body: Buffer, contentType = ''): Payload {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/.exec(contentType)?.[1];
  if (boundary === undefined) return JSON.parse(body.toString('utf8') || '{}') as Payload;
  const parts = splitAll(body, Buffer.from(`\r\n--${boundary}`));
  // The library says the method once more in the form; Telegram takes it from the address.
  const { method: _, ...payload } = Object.fromEntries(parts.slice(0, -1).map(readPart));
  return payload;
}

function splitAll(body: Buffer, separator: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  // The first boundary has no line before it.
  let rest = Buffer.concat([Buffer.from('\r\n'), body]);
  for (let at = rest.indexOf(separator); at >= 0; at = rest.indexOf(separator)) {
    parts.push(rest.subarray(0, at));
    rest = rest.subarray(at + separator.length);
  }
  return [...parts, rest].slice(1);
}

function readPart(part: Buffer): [string, unknown] {
  const end = part.indexOf('\r\n\r\n');
  const head = part.subarray(0, end).toString('utf8');
  const content = part.subarray(end + 4);
  const name = /name="([^"]+)"/.exec(head)?.[1] ?? '';
  const filename = /filename="([^"]+)"/.exec(head)?.[1];
  if (filename !== undefined) return [name, { name: filename, content } satisfies Upload];
  return [name, fieldValue(name, content.toString('utf8'))];
}

function fieldValue(name: string, text: string): unknown {
  if (FLAGS.includes(name)) return text === 'true';
  if (!JSON_FIELDS.includes(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // Refused by whoever wants an object there.
  }
}
