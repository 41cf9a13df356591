import { Receipts } from './receipts.ts';
import { createServer } from './server.ts';
import type { SessionOptions, SessionRoom } from './session-room.ts';
import type { EndingTransport } from './stdio-transport.ts';

/** What one `switchboard mcp` is made of. */
export interface McpOptions extends SessionOptions {
  readonly transport: EndingTransport;
  /** Ends the session; its reason, a text, is written down. */
  readonly signal: AbortSignal;
}

// A client that never lists tools still gets its session this long after the handshake.
const LIST_WAIT_MS = 100;

/** Serves one MCP client until it is gone or the signal aborts; then the session's end is in its file, or 100 ms are over. */
export async function runMcp(options: McpOptions): Promise<void> {
  const { log, transport, signal } = options;
  const receipts = new Receipts();
  let loading: Promise<SessionRoom> | null = null;
  // Loaded and opened only after the client has its list of tools: Claude Code waits for that at every start.
  const room = (): Promise<SessionRoom> => {
    loading ??= import('./session-room.ts')
      .then(({ sessionRoom }) => sessionRoom(options, () => server.getClientVersion()))
      .catch((error: unknown) => {
        // E.g. an upgrade that has replaced the program's files this very moment: the next call tries again.
        loading = null;
        throw error;
      });
    return loading;
  };
  const start = (): void => {
    room().then(
      (opened) => opened.start(),
      (error: unknown) =>
        log.error({ error: String(error) }, 'the session could not be started; tried again by the next call'),
    );
  };
  const server = createServer({
    version: options.version,
    receipts,
    log,
    onReady: start,
    handlers: async () => (await room()).handlers,
    hidden: async () => (await room()).hidden,
  });
  server.oninitialized = () => void setTimeout(start, LIST_WAIT_MS).unref();
  const ended = new Promise<string>((resolve) => {
    transport.onended = resolve;
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true });
    if (signal.aborted) resolve(String(signal.reason));
  });
  await server.connect(receipts.watch(transport));
  const reason = await ended;
  if (loading)
    await room().then(
      (opened) => opened.end(reason),
      () => undefined,
    );
  await server.close();
}
