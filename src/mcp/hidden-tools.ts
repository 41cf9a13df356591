import type { Tool } from '@modelcontextprotocol/sdk/types.js';

// Tools that Claude Code calls itself: no model sees them. Their schemas are literals, since making them out of zod would
// cost every start some time. Every field is text: hooks pass "" for what is not there, and JSON for what is no text.

const text = (description: string) => ({ type: 'string', description });

const HIDDEN = { ui: { visibility: ['app'] } };

export const HIDDEN_TOOLS = {
  claude_code_hook: {
    title: 'For the hooks of Claude Code',
    description:
      'Called by Claude Code itself. Answers with what a hook says: a JSON object, {} when it decides nothing.',
    inputSchema: {
      type: 'object',
      properties: { event: text('The name of the hook event; the other fields are those of its input.') },
      required: ['event'],
      additionalProperties: true,
    },
    // Read-only lets Claude Code have several at once: many agents may wait for a permission.
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: HIDDEN,
  },
  permission_prompt: {
    title: 'For --permission-prompt-tool',
    description:
      'Called by Claude Code itself, with --permission-prompt-tool: asks the person whether a tool may run and waits for ' +
      'the answer, {"behavior": "allow" or "deny", …} as JSON.',
    inputSchema: {
      type: 'object',
      properties: {
        tool_name: text('The tool that wants to run.'),
        input: { type: 'object', description: 'Its input.', additionalProperties: true },
        tool_use_id: text('The id of this use.'),
      },
      required: ['tool_name', 'input'],
      additionalProperties: true,
    },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: HIDDEN,
  },
} as const satisfies Record<string, Omit<Tool, 'name' | 'inputSchema'> & { inputSchema: object }>;

export type HiddenToolName = keyof typeof HIDDEN_TOOLS;

/** Tells the name of a tool that no model sees from any other text. */
export function isHiddenToolName(name: string): name is HiddenToolName {
  return Object.hasOwn(HIDDEN_TOOLS, name);
}

/** The hidden tools as `tools/list` answers. */
export function listedHiddenTools(): Tool[] {
  return Object.entries(HIDDEN_TOOLS).map(([name, tool]) => ({ name, ...tool }) as unknown as Tool);
}
