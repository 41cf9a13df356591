import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ON_EVERY_RESPONSE } from './responses.ts';

// Loopback: the inbox is for the person in front of this machine.
const HOST = '127.0.0.1';
// A browser opens six, each page keeps one for its events.
const CONNECTIONS_MAX = 200;
const REQUEST_MS_MAX = 10_000;
// Who opens connections and says nothing must not keep others out for long.
const SILENT_MS_MAX = 2_000;
const LOOK_MS = 500;
// Longer than an answer takes to be written down.
const FINISH_MS_MAX = 2_000;

/** A running server. */
export interface WebServer {
  readonly port: number;
  /** Lets go of the port at once, and of the connections when what is under way is done. */
  close(): Promise<void>;
}

/**
 * Listens at the first of the ports that can be had. `onError` is told of what goes wrong with it later.
 *
 * @throws Error of the system for the last one when none can be had.
 */
export async function listenForBrowsers(
  ports: readonly number[],
  serve: (request: IncomingMessage, response: ServerResponse) => void,
  onError: (error: Error) => void,
): Promise<WebServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_MS_MAX,
      headersTimeout: SILENT_MS_MAX,
      connectionsCheckingInterval: LOOK_MS,
      // Who names no host is turned away at the door, as whoever names a wrong one.
      requireHostHeader: false,
    },
    serve,
  );
  server.on('checkExpectation', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseUnread(socket, error.code));
  server.maxConnections = CONNECTIONS_MAX;
  // An upgrade or a CONNECT has no listener: Node closes the connection.
  const port = await listen(server, ports);
  // E.g. no descriptor left for a new connection: those that are there go on.
  server.on('error', onError);
  return {
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), FINISH_MS_MAX);
      await closed;
      clearTimeout(timer);
    },
  };
}

const UNREAD_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what cannot be read as a request, and was shown to nobody. Into an answer that has begun nothing is written. */
function refuseUnread(socket: Duplex & { bytesWritten?: number }, code = ''): void {
  if (!socket.writable || socket.bytesWritten) return void socket.destroy();
  const status = UNREAD_STATUS[code] ?? 400;
  const headers = Object.entries({ ...ON_EVERY_RESPONSE, connection: 'close', 'content-length': '0' });
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  // Who is cut off for saying nothing would not end its side, either.
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'), () => socket.destroy());
}

async function listen(server: Server, ports: readonly number[]): Promise<number> {
  let failure: unknown = new Error('no port to listen at');
  for (const port of ports) {
    try {
      return await listenAt(server, port);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function listenAt(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
