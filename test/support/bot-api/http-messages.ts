import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiRefusal } from './wire.ts';

/** The body of a request, whole. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Answers as the Bot API does: a result, or a refusal. */
export function send(response: ServerResponse, result: unknown): void {
  if (response.destroyed) return;
  const refused = result instanceof ApiRefusal;
  response.statusCode = refused ? result.code : 200;
  if (refused && result.code >= 500) {
    // Gateways before Telegram answer in HTML.
    response.setHeader('content-type', 'text/html').end(`<html><body>${result.code} ${result.message}</body></html>`);
    return;
  }
  const body = refused
    ? { ok: false, error_code: result.code, description: result.message, parameters: result.parameters }
    : { ok: true, result };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}
