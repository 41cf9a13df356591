import type { Readable, Writable } from 'node:stream';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

// The largest sensible call is a context of 200,000 characters, each at most 6 bytes of JSON.
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Why a client is gone. */
export type EndReason = 'stdin_closed' | 'stdout_closed';

/** A transport that tells, once, that the client is gone. */
export interface EndingTransport extends Transport {
  onended?: (reason: EndReason) => void;
}

/**
 * MCP over stdin and stdout. Differs from the SDK's own in three ways that the receipts and the clean end need: `send`
 * resolves when the bytes have left the process and rejects when they cannot, `onended` tells that the client is gone,
 * and a line that is no message, or endless, is skipped instead of closing the connection.
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
  private skipping = false;

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
    if (this.skipping || part.length === 0) return;
    this.bytes += part.length;
    if (this.bytes <= LINE_BYTES_MAX) {
      this.parts.push(part);
      return;
    }
    this.parts = [];
    this.skipping = true;
    this.onerror?.(new Error(`A message of over ${LINE_BYTES_MAX} bytes was skipped.`));
  }

  private endLine(): void {
    const line = Buffer.concat(this.parts).toString('utf8').trim();
    this.parts = [];
    this.bytes = 0;
    const skipped = this.skipping;
    this.skipping = false;
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
}
