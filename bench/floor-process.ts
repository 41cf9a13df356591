import { closeSync, fdatasyncSync, openSync, readSync, watch, writeSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { now } from './support/clock.ts';
import { serve } from './support/remote.ts';

// The floor of ask and answer, in three processes as in life: one appends and syncs, one is woken by its watch and
// makes a request, one serves it. Which of the three this is, the first argument says.

// About what a card takes on the wire, and what Telegram answers.
const REQUEST_BYTES = 700;
const ANSWER_BYTES = 400;

/** When the append began, when it was synced, when the watch woke the other process, when the answer was there. */
export interface FloorSample {
  readonly began: number;
  readonly synced: number;
  readonly woken: number;
  readonly answered: number;
}

/** The process that appends. The log lies where nobody watches; a line in `bell` says that it is synced. */
function appender() {
  return {
    append({ log, bell, line }: { log: string; bell: string; line: string }): void {
      const fds = [openSync(log, 'a'), openSync(bell, 'a')] as const;
      const began = now();
      writeSync(fds[0], line);
      fdatasyncSync(fds[0]);
      writeSync(fds[1], `${JSON.stringify({ began, synced: now() })}\n`);
      for (const fd of fds) closeSync(fd);
    },
  };
}

/** The process that watches the bell's directory and makes the request. */
function watcher() {
  const agent = new Agent({ keepAlive: true });
  let heard = 0;
  let waiting: ((sample: FloorSample) => void) | null = null;
  const post = (url: string, done: () => void): void => {
    const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
    outgoing.on('response', (response) => response.resume().on('end', done));
    outgoing.end(JSON.stringify({ text: 'x'.repeat(REQUEST_BYTES) }));
  };
  return {
    watch({ bell, url }: { bell: string; url: string }): void {
      const fd = openSync(bell, 'r');
      const buffer = Buffer.alloc(4096);
      watch(dirname(bell), (_event, name) => {
        if (name !== basename(bell)) return;
        const woken = now();
        const bytes = readSync(fd, buffer, 0, buffer.length, heard);
        if (bytes === 0) return;
        heard += bytes;
        const rung = JSON.parse(buffer.toString('utf8', 0, bytes));
        post(url, () => waiting?.({ ...rung, woken, answered: now() }));
      });
    },
    next(): Promise<FloorSample> {
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
  };
}

/** The process that serves. */
function server() {
  const http = createServer((incoming, response) => {
    incoming.resume().on('end', () => response.end(JSON.stringify({ ok: true, result: 'x'.repeat(ANSWER_BYTES) })));
  });
  return {
    listen(): Promise<string> {
      return new Promise((resolve) => {
        http.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`));
      });
    },
  };
}

const ROLES = { append: appender, watch: watcher, serve: server };
export type AppenderHandlers = ReturnType<typeof appender>;
export type WatcherHandlers = ReturnType<typeof watcher>;
export type ServerHandlers = ReturnType<typeof server>;

serve(ROLES[process.argv[2] as keyof typeof ROLES]());
