/** What of the Messages API is in use here; other fields pass through unread. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: object;
}

export interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly ContentBlock[];
  readonly is_error?: boolean;
}

export type ContentBlock = TextBlock | ToolUseBlock | ToolResultBlock | { readonly type: 'image' | 'thinking' };

export interface Message {
  /** Claude Code puts its own words between the others as `system`. */
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string | readonly ContentBlock[];
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema?: object;
}

/** The body of `POST /v1/messages`. */
export interface MessagesBody {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly system?: string | readonly TextBlock[];
  readonly stream?: boolean;
}

/** A message's content as blocks, whichever way it was sent. */
export function blocksOf({ content }: Pick<Message, 'content'>): readonly ContentBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** All text of a message or of a tool's result. */
export function textOf(content: string | readonly ContentBlock[] | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.map((block) => ('text' in block ? block.text : '')).join('\n');
}
