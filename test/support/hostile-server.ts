import { once } from 'node:events';
import { createServer, request as forward, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { BotApi } from './bot-api/bot-api.ts';

/** What comes instead of the answer to a method, or to a file (`file`). */
export type Instead = (response: ServerResponse) => void;

/** A server between the bot and the Bot API that tells the bot what a test wants. */
export interface HostileServer {
  readonly root: string;
  /** The path of every request, in order. */
  readonly paths: string[];
  /** The next calls of a method get this, one each. */
  next(method: string, ...instead: Instead[]): void;
  /** How many calls are still to get something else. */
  readonly left: number;
}

/** Starts one in front of the Bot API; it ends with the test. */
export async function hostileServer(api: BotApi): Promise<HostileServer> {
  const paths: string[] = [];
  const orders: { method: string; instead: Instead }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    const method = path.startsWith('/file/') ? 'file' : (path.split('/').at(-1) ?? '');
    const at = orders.findIndex((order) => order.method === method);
    const order = at < 0 ? undefined : orders.splice(at, 1)[0];
    if (order) {
      request.resume();
      return order.instead(response);
    }
    const { headers } = request;
    const onward = forward(`${api.root}${path}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    next: (method, ...instead) => void orders.push(...instead.map((each) => ({ method, instead: each }))),
    get left() {
      return orders.length;
    },
  };
}

/** A server that nobody has any business with: what it was asked for. */
export async function bystander(): Promise<{ readonly root: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{"ok":true,"result":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
