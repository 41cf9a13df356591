import type { IncomingHttpHeaders } from 'node:http';
import { blocksOf, type ContentBlock, type Message, type MessagesBody, type Tool } from './wire.ts';

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** What the Messages API would refuse about a request; null when it is well made. */
export function mistakeIn(headers: IncomingHttpHeaders, body: MessagesBody): string | null {
  if (!headers['x-api-key']) return 'x-api-key header is required';
  if (headers['anthropic-version'] !== '2023-06-01') return 'anthropic-version: header is required';
  if (!headers['content-type']?.startsWith('application/json')) return 'content-type: must be application/json';
  if (typeof body.model !== 'string' || body.model === '') return 'model: Field required';
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) return 'max_tokens: must be a positive integer';
  return mistakeInTools(body.tools ?? []) ?? mistakeInMessages(body.messages);
}

function mistakeInTools(tools: readonly Tool[]): string | null {
  const names = tools.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (!TOOL_NAME.test(name)) return `tools.${index}.name: ${JSON.stringify(name)} does not match ${TOOL_NAME}`;
    if (names.indexOf(name) !== index) return `tools: Tool names must be unique: ${name}`;
  }
  return null;
}

function mistakeInMessages(messages: readonly Message[] | undefined): string | null {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required';
  const spoken = (messages as readonly Message[]).filter(({ role }) => role !== 'system');
  if (spoken[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [index, message] of spoken.entries()) {
    const mistake = mistakeInMessage(message, spoken[index - 1], spoken[index + 1]);
    if (mistake) return `messages.${index}: ${mistake}`;
  }
  return null;
}

/** Every use of a tool has its result in the very next message, and no result is without its use. */
function mistakeInMessage(message: Message, before: Message | undefined, after: Message | undefined): string | null {
  const blocks = blocksOf(message);
  if (blocks.length === 0) return 'content must not be empty';
  if (blocks.some((block) => block.type === 'text' && block.text === ''))
    return 'text content blocks must be non-empty';
  const used = message.role === 'assistant' ? ids(blocks, 'tool_use') : [];
  const unanswered = used.filter((id) => !(after && ids(blocksOf(after), 'tool_result').includes(id)));
  if (after && unanswered.length > 0) return `\`tool_use\` ids without \`tool_result\` blocks after: ${unanswered}`;
  if (!after && used.length > 0) return 'the conversation ends with a `tool_use` that has no result';
  const results = message.role === 'user' ? ids(blocks, 'tool_result') : [];
  const unknown = results.filter((id) => !(before && ids(blocksOf(before), 'tool_use').includes(id)));
  return unknown.length > 0 ? `unexpected \`tool_use_id\` in \`tool_result\` blocks: ${unknown}` : null;
}

function ids(blocks: readonly ContentBlock[], type: 'tool_use' | 'tool_result'): string[] {
  return blocks.flatMap((block) => {
    if (block.type !== type) return [];
    return 'tool_use_id' in block ? [block.tool_use_id] : 'id' in block ? [block.id] : [];
  });
}
