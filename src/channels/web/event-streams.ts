import type { ServerResponse } from 'node:http';
import type { PageEvents } from './wire.ts';

// Enough for anybody who reads; the whole inbox at the start comes on top.
const UNREAD_BYTES_MAX = 1024 * 1024;
const STREAMS_MAX = 64;
const RETRY_MS = 1_000;
const KEEP_ALIVE_MS = 15_000;

interface Stream {
  readonly response: ServerResponse;
  readonly unreadMax: number;
}

/** The event streams of all open pages. A page that does not read is cut off; it comes again by itself, and starts anew. */
export class EventStreams {
  readonly #streams = new Set<Stream>();
  #keepAlive: NodeJS.Timeout | undefined;
  /** Another one after every `close`: who was let in before it does not come in after it. */
  era = 0;

  /** How many pages are open. */
  get size(): number {
    return this.#streams.size;
  }

  get full(): boolean {
    return this.#streams.size >= STREAMS_MAX;
  }

  /** Starts a stream with the first event; resolves when that is on its way, or the page has gone. */
  open(response: ServerResponse, inbox: PageEvents['inbox']): Promise<void> {
    const first = textOf('inbox', inbox);
    const stream = { response, unreadMax: UNREAD_BYTES_MAX + Buffer.byteLength(first) };
    response.on('close', () => this.#streams.delete(stream));
    response.on('error', () => this.#streams.delete(stream));
    // Ended by a hub that leaves, its connection is of no more use.
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'close' });
    this.#streams.add(stream);
    this.#keepAlive ??= setInterval(() => this.#sendText(': alive\n\n'), KEEP_ALIVE_MS).unref();
    return new Promise((resolve) => {
      response.on('close', () => resolve());
      response.write(`retry: ${RETRY_MS}\n\n${first}`, () => resolve());
    });
  }

  /** Tells all open pages. */
  send<E extends keyof PageEvents>(event: E, data: PageEvents[E]): void {
    if (this.#streams.size > 0) this.#sendText(textOf(event, data));
  }

  /** Ends all streams; others may be opened after it. */
  close(): void {
    for (const { response } of this.#streams) response.end();
    this.#streams.clear();
    this.era += 1;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }

  #sendText(text: string): void {
    for (const { response, unreadMax } of this.#streams) {
      response.write(text);
      if (response.writableLength > unreadMax) response.destroy();
    }
  }
}

function textOf<E extends keyof PageEvents>(event: E, data: PageEvents[E]): string {
  // JSON holds no line break, so one data line is all.
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
