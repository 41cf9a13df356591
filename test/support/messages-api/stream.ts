import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { TextBlock, ToolUseBlock } from './wire.ts';

/** A message of the model. */
export type Reply = readonly (TextBlock | ToolUseBlock)[];

/** Sends a reply as the events of the streaming API. */
export function stream(response: ServerResponse, model: string, reply: Reply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  send('message_start', { message: { ...envelope(model), content: [], stop_reason: null } });
  send('ping', {});
  for (const [index, block] of reply.entries()) {
    const { start, delta } = pieces(block);
    send('content_block_start', { index, content_block: start });
    send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  send('message_delta', {
    delta: { stop_reason: stopReason(reply), stop_sequence: null },
    usage: { output_tokens: 9 },
  });
  send('message_stop', {});
  response.end();
}

/** The same reply as one message, for whoever did not ask for a stream. */
export function whole(model: string, reply: Reply): object {
  return { ...envelope(model), content: reply, stop_reason: stopReason(reply) };
}

function envelope(model: string): object {
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model,
    stop_sequence: null,
    usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  };
}

function stopReason(reply: Reply): string {
  return reply.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

function pieces(block: TextBlock | ToolUseBlock): { start: object; delta: object } {
  if (block.type === 'text') return { start: { ...block, text: '' }, delta: { type: 'text_delta', text: block.text } };
  const partial_json = JSON.stringify(block.input);
  return { start: { ...block, input: {} }, delta: { type: 'input_json_delta', partial_json } };
}
