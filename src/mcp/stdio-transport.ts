import type { Readable, Writable } from 'node:stream';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ErrorCode, type JSONRPCMessage, type RequestId } from '@modelcontextprotocol/sdk/types.js';

// The largest sensible call is a context of 200,000 characters, each at most 6 bytes of JSON.
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
// Clients write a request's id first or last. Of a line that is too long only its ends are kept, to say so to its caller.
const ENDS_BYTES = 256;
const ID_FIRST = /^\s*\{"jsonrpc":\s*"2\.0",\s*"id":\s*(\d+|"[^"\\]*")/;
const ID_LAST = /"id":\s*(\d+|"[^"\\]*")\s*\}\s*$/;

/** Why a client is gone. */
export type EndReason = 'stdin_closed' | 'stdout_closed';

/** A transport that tells, once, that the client is gone. */
export interface EndingTransport extends Transport {
  onended?: (reason: EndReason) => void;
}

/**
 * MCP over stdin and stdout. Differs from the SDK's own in three ways that the receipts and the clean end need: `send`
 * resolves when the bytes have left the process and rejects when they cannot, `onended` tells that the client is gone,
 * and a line that is no message, or too long, is skipped instead of closing the connection; a request that is too long is
 * told so, since its caller would wait for ever.
 */
export class StdioTransport implements EndingTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  onended?: (reason: EndReason) => void;
  private readonly input: Readable;
  private readonly output: Writable;
  private parts: Buffer[] = [];
  private bytes = 0;
  private skipped: { readonly head: string; tail: Buffer } | null = null;

  constructor(input: Readable, output: Writable) {
    this.input = input;
    this.output = output;
  }

  async start(): Promise<void> {
    this.input.on('data', this.onData);
    this.input.once('end', this.onInputEnd);
    this.input.once('close', this.onInputEnd);
    this.input.on('error', this.onInputError);
    this.output.on('error', this.onOutputError);
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.output.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    this.input.off('data', this.onData);
    this.input.off('end', this.onInputEnd);
    this.input.off('close', this.onInputEnd);
    this.input.pause();
    this.parts = [];
    this.onclose?.();
  }

  private readonly onInputEnd = (): void => this.ended('stdin_closed');

  private readonly onInputError = (error: Error): void => {
    this.onerror?.(error);
    this.ended('stdin_closed');
  };

  // Without a listener, EPIPE of a client that is gone would end the process before it has said so in its file.
  private readonly onOutputError = (error: Error): void => {
    this.onerror?.(error);
    this.ended('stdout_closed');
  };

  private ended(reason: EndReason): void {
    const onended = this.onended;
    delete this.onended;
    onended?.(reason);
  }

  private readonly onData = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.keep(chunk.subarray(from, end));
      this.endLine();
      from = end + 1;
    }
    this.keep(chunk.subarray(from));
  };

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    this.bytes += part.length;
    if (this.skipped) {
      this.skipped.tail = Buffer.concat([this.skipped.tail, part.subarray(-ENDS_BYTES)]).subarray(-ENDS_BYTES);
      return;
    }
    this.parts.push(part);
    if (this.bytes <= LINE_BYTES_MAX) return;
    const line = Buffer.concat(this.parts);
    this.parts = [];
    this.skipped = { head: line.toString('utf8', 0, ENDS_BYTES), tail: Buffer.from(line.subarray(-ENDS_BYTES)) };
    this.onerror?.(new Error(`A message of over ${LINE_BYTES_MAX} bytes was skipped.`));
  }

  private endLine(): void {
    const line = Buffer.concat(this.parts).toString('utf8').trim();
    const { skipped, bytes } = this;
    this.parts = [];
    this.bytes = 0;
    this.skipped = null;
    if (skipped) this.refuseTooLong(`${skipped.head}\n${skipped.tail.toString('utf8')}`, bytes);
    if (skipped || line === '') return;
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch (cause) {
      this.onerror?.(new Error('A line that is no MCP message was skipped.', { cause }));
      return;
    }
    this.onmessage?.(message);
  }

  private refuseTooLong(ends: string, bytes: number): void {
    const id = (ID_FIRST.exec(ends) ?? ID_LAST.exec(ends))?.[1];
    if (id === undefined) return;
    const message = `The message has ${bytes} bytes, the limit is ${LINE_BYTES_MAX}; nothing was done. Send less.`;
    const error = { code: ErrorCode.InvalidRequest, message };
    this.send({ jsonrpc: '2.0', id: JSON.parse(id) as RequestId, error }).catch((cause: unknown) => {
      this.onerror?.(new Error('A refusal could not be sent.', { cause }));
    });
  }
}
