import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import {
  askInput,
  askOutput,
  checkInput,
  checkOutput,
  labelInput,
  labelOutput,
  markInput,
  markOutput,
  notifyInput,
  notifyOutput,
} from './tool-schemas.ts';

/** One tool: what its callers are told, and the schemas that hold at both ends. */
interface ToolDefinition {
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly annotations: NonNullable<Tool['annotations']>;
  readonly _meta?: Record<string, unknown>;
}

/** The tools, in the order in which they are listed. */
export const TOOLS = {
  ask_blocking_question: {
    title: 'Ask the person a question and wait for the answer',
    description:
      'Asks the person you work for, on their phone or wherever they are, and waits until they answer (or timeout_minutes ' +
      'pass). Use it for decisions and facts that only a person has. Ask several independent questions in one message: ' +
      'they wait side by side. With wait: false it returns at once.',
    input: askInput,
    output: askOutput,
    // Claude Code runs the calls of one message one after the other unless they are read-only: a question that waits
    // must not hold up its siblings. It changes nothing in the workspace.
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    // Claude Code offers other tools only after a search; the one that stands for asking must be there from the start.
    _meta: {
      'anthropic/alwaysLoad': true,
      'anthropic/searchHint':
        'ask the human user a question, choice or permission and wait for the answer (Telegram, phone)',
    },
  },
  check_question_answers: {
    title: 'Fetch answers to questions asked before',
    description:
      'Hands out answers that came since you last looked: to questions asked with wait: false, after an interrupted wait, ' +
      'and late ones to expired questions. Waits for the first one for up to wait_seconds.',
    input: checkInput,
    output: checkOutput,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: {
      'anthropic/searchHint': 'fetch answers of the human user to questions asked before, wait for late answers',
    },
  },
  mark_question_answered: {
    title: 'Tell that a question was answered elsewhere',
    description:
      'The person answered here in the terminal, or the question no longer matters: takes it off their phone. ' +
      'Harmless when it is over already.',
    input: markInput,
    output: markOutput,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    _meta: { 'anthropic/searchHint': 'close a pending question to the human user that was answered in the terminal' },
  },
  notify_user: {
    title: 'Tell the person something',
    description:
      'Sends the person a message that needs no answer: a milestone, a failure, the end of a long job. Returns at once.',
    input: notifyInput,
    output: notifyOutput,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: { 'anthropic/searchHint': 'send the human user a one-way notification or message (Telegram, phone)' },
  },
  set_session_label: {
    title: 'Name this session',
    description:
      'Names this session on everything the person sees, e.g. the feature or phase you work on. Without a label they see ' +
      'project and branch.',
    input: labelInput,
    output: labelOutput,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    _meta: { 'anthropic/searchHint': 'name or label this session for the human user (feature, phase, task)' },
  },
} as const satisfies Record<string, ToolDefinition>;

export type ToolName = keyof typeof TOOLS;
export type ToolInput<N extends ToolName> = z.infer<(typeof TOOLS)[N]['input']>;
export type ToolOutput<N extends ToolName> = z.infer<(typeof TOOLS)[N]['output']>;

/** Tells the name of a tool from any other text. */
export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(TOOLS, name);
}

/** The tools as `tools/list` answers. */
export function listedTools(): Tool[] {
  return Object.entries<ToolDefinition>(TOOLS).map(
    ([name, { title, description, input, output, annotations, _meta }]) => ({
      name,
      title,
      description,
      inputSchema: jsonSchema(input, 'input'),
      outputSchema: jsonSchema(output, 'output'),
      annotations,
      ...(_meta ? { _meta } : {}),
    }),
  );
}

// Draft 7 is what the official clients' validators read. `$schema` says nothing to a model and costs it tokens.
function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): Tool['inputSchema'] {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io });
  return rest as Tool['inputSchema'];
}
