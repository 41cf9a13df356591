import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Update } from 'telegraf/types';
import { isUpdate } from './intake.ts';

// An update is some kilobytes; whoever sends more is not Telegram.
const BODY_BYTES_MAX = 1024 * 1024;
// Telegram opens the few that it is allowed; a proxy in front may keep some more.
const CONNECTIONS_MAX = 100;
const REQUEST_MS_MAX = 10_000;
// Who opens connections and says nothing must not keep Telegram out for long.
const SILENT_MS_MAX = 2_000;
const LOOK_MS = 500;

/** Where to listen: a host or address, and a port (0: any that is free). */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What listening for Telegram needs. */
export interface WebhookServerParts {
  readonly address: ListenAddress;
  /** The only path that is served. */
  readonly path: string;
  /** What Telegram says in `X-Telegram-Bot-Api-Secret-Token`. */
  readonly secret: string;
  /** Resolves true once nothing of the update can be lost any more; false: Telegram shall bring it again. */
  readonly take: (update: Update) => Promise<boolean>;
}

/** A running server. */
export interface WebhookServer {
  readonly port: number;
  /** Lets go of the port and of every connection. */
  close(): Promise<void>;
}

/**
 * Listens for the updates that Telegram posts. Answers 200 only when an update is safe, so that Telegram brings again
 * what was not.
 *
 * @throws Error of the system when the address cannot be had.
 */
export async function listenForWebhook(parts: WebhookServerParts): Promise<WebhookServer> {
  const secret = digest(parts.secret);
  const server = createServer(
    { requestTimeout: REQUEST_MS_MAX, headersTimeout: SILENT_MS_MAX, connectionsCheckingInterval: LOOK_MS },
    (request, response) => {
      serve(request, parts, secret).then(
        (status) => end(response, status),
        // Its sender went away in the middle: there is nobody to answer.
        () => response.destroy(),
      );
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, parts.address);
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The status to answer with. Nothing of a body is read before its sender has shown the secret. */
async function serve(request: IncomingMessage, { path, take }: WebhookServerParts, secret: Buffer): Promise<number> {
  if (request.url?.split('?')[0] !== path) return 404;
  if (request.method !== 'POST') return 405;
  const shown = request.headers['x-telegram-bot-api-secret-token'];
  if (typeof shown !== 'string' || !timingSafeEqual(digest(shown), secret)) return 401;
  const body = await readBody(request);
  if (body === null) return 413;
  const update = parseUpdate(body);
  if (!update) return 400;
  return (await take(update)) ? 200 : 503;
}

/** Null: it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return null;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseUpdate(body: string): Update | null {
  try {
    const value: unknown = JSON.parse(body);
    return isUpdate(value) ? value : null;
  } catch {
    return null; // The caller answers that it is none.
  }
}

function end(response: ServerResponse, status: number): void {
  if (status === 405) response.setHeader('allow', 'POST');
  // What is left of a body that was not read must not be taken for the next request.
  if (status !== 200) response.setHeader('connection', 'close');
  response.writeHead(status).end();
}

/** Of one length, whatever somebody sends: only such can be compared in constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
