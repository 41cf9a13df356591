import { describe, expect, it } from 'vitest';
import { mcpBench } from '../support/mcp-bench.ts';

// Frozen on purpose: sessions of other versions, hooks and permission rules know the tools by these names and shapes.
// A change here is a change for everybody who uses Switchboard; CHANGELOG.md says so too.
const INSTRUCTIONS = [
  'Switchboard reaches the person you work for when they are not at this terminal: questions appear on their phone, and their answer comes back to you.',
  '',
  'When to ask (ask_blocking_question): before something that cannot be undone, when requirements allow several readings that lead to different work, when only a person has what is missing (a decision, a preference, a fact). Do not ask what you can find out or decide yourself, and do not ask twice: asking the same text again while it is open attaches to the question that is already there.',
  '',
  'How to ask:',
  '- One decision a question, in words that make sense on a phone without the terminal in view. Put code, diffs and error texts into "context".',
  '- Give "options" (2 to 12) when the answers are known; the person taps one. They may still write another answer unless allow_text is false.',
  '- Give "default_answer" when going on with a sensible choice is better than waiting for ever; it is used when nobody answers within timeout_minutes (30 unless you say otherwise).',
  '- Several independent questions: ask them in one message, they wait side by side. To go on working meanwhile: wait: false, then check_question_answers.',
  '- Call set_session_label once with what you work on ("checkout refactoring"), so that the person knows which session asks.',
  '',
  'What comes back: status "answered" with the answer; "expired" means that nobody answered (a late answer is kept: check_question_answers hands it out); "withdrawn", "answered_elsewhere" and "session_ended" mean that the question is over. An answer by channel "default" is your own default, not a person\'s word.',
  '',
  'If the person answers in the terminal instead, call mark_question_answered so that the question disappears from their phone. For news that need no answer use notify_user.',
].join('\n');

const TOOLS = [
  {
    name: 'ask_blocking_question',
    title: 'Ask the person a question and wait for the answer',
    description:
      'Asks the person you work for, on their phone or wherever they are, and waits until they answer (or timeout_minutes pass). Use it for decisions and facts that only a person has. Ask several independent questions in one message: they wait side by side. With wait: false it returns at once.',
    inputSchema: {
      type: 'object',
      properties: {
        question: {
          type: 'string',
          description:
            'What the person shall decide or tell, complete in itself: they read it on a phone, without the terminal.',
          minLength: 1,
          maxLength: 8000,
        },
        context: {
          type: 'string',
          description:
            'What they need to know to answer: code, a diff, an error, what you have tried. Shown below the question.',
          maxLength: 200000,
        },
        options: {
          type: 'array',
          items: {
            anyOf: [
              {
                type: 'string',
                description: 'The answer in a few words.',
                minLength: 1,
                maxLength: 200,
              },
              {
                type: 'object',
                properties: {
                  label: {
                    type: 'string',
                    description: 'The answer in a few words.',
                    minLength: 1,
                    maxLength: 200,
                  },
                  description: {
                    type: 'string',
                    description: 'What choosing it means.',
                    maxLength: 500,
                  },
                },
                required: ['label'],
              },
            ],
          },
          description: 'The answers to choose from, 2 to 12, each different. Leave out for a free-text question.',
          minItems: 2,
          maxItems: 12,
        },
        multi_select: {
          type: 'boolean',
          description: 'Several options may be chosen. Default false.',
        },
        allow_text: {
          type: 'boolean',
          description: 'The person may write an answer instead of choosing an option. Default true.',
        },
        default_answer: {
          type: 'string',
          description: 'Used as the answer, and marked as such, when nobody answers in time.',
          maxLength: 8000,
        },
        timeout_minutes: {
          type: 'number',
          description: 'How long to wait for a person, in minutes: 1 to 1440, default 30. People need time.',
        },
        label: {
          type: 'string',
          description: 'What this session works on; names it on every card from now on, as set_session_label does.',
          maxLength: 80,
        },
        wait: {
          type: 'boolean',
          description: 'false: return at once and fetch the answer later with check_question_answers. Default true.',
        },
      },
      required: ['question'],
    },
    outputSchema: {
      type: 'object',
      properties: {
        question_id: {
          type: 'string',
          description: 'For check_question_answers and mark_question_answered.',
        },
        status: {
          type: 'string',
          enum: ['pending', 'answered', 'expired', 'withdrawn', 'answered_elsewhere', 'session_ended'],
          description: 'Where the question stands; only "answered" carries a new answer of a person or your default.',
        },
        asked_at: {
          type: 'string',
          description: 'ISO 8601.',
        },
        answer: {
          type: 'string',
          description: 'The answer as text.',
        },
        selected: {
          type: 'array',
          items: {
            type: 'string',
          },
          description: 'The labels of the chosen options.',
        },
        files: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              path: {
                type: 'string',
                description: 'Absolute path.',
              },
              name: {
                type: 'string',
                description: 'What the person calls it.',
              },
              mime: {
                type: 'string',
              },
              bytes: {
                type: 'number',
              },
            },
            required: ['path', 'name', 'bytes'],
            additionalProperties: false,
          },
          description: 'What the person sent along. Read them from their paths; they move when the session ends.',
        },
        answered_at: {
          type: 'string',
          description: 'ISO 8601.',
        },
        answered_by: {
          type: 'object',
          properties: {
            channel: {
              type: 'string',
            },
            id: {
              type: 'string',
            },
            name: {
              type: 'string',
            },
          },
          required: ['channel', 'id', 'name'],
          additionalProperties: false,
          description: 'Who answered; channel "default" is your own default answer.',
        },
        note: {
          type: 'string',
          description: 'What else there is to know.',
        },
      },
      required: ['question_id', 'status', 'asked_at'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
    _meta: {
      'anthropic/alwaysLoad': true,
      'anthropic/searchHint':
        'ask the human user a question, choice or permission and wait for the answer (Telegram, phone)',
    },
  },
  {
    name: 'check_question_answers',
    title: 'Fetch answers to questions asked before',
    description:
      'Hands out answers that came since you last looked: to questions asked with wait: false, after an interrupted wait, and late ones to expired questions. Waits for the first one for up to wait_seconds.',
    inputSchema: {
      type: 'object',
      properties: {
        question_ids: {
          type: 'array',
          items: {
            type: 'string',
            description: 'A question_id that ask_blocking_question returned.',
            format: 'uuid',
          },
          description: 'Ask after these only, also after what you had before. Leave out for everything new.',
        },
        wait_seconds: {
          type: 'number',
          description: 'Wait up to so long for the first answer, 0 to 3600. Default 0.',
        },
      },
    },
    outputSchema: {
      type: 'object',
      properties: {
        questions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              question_id: {
                type: 'string',
                description: 'For check_question_answers and mark_question_answered.',
              },
              status: {
                type: 'string',
                enum: ['pending', 'answered', 'expired', 'withdrawn', 'answered_elsewhere', 'session_ended'],
                description:
                  'Where the question stands; only "answered" carries a new answer of a person or your default.',
              },
              asked_at: {
                type: 'string',
                description: 'ISO 8601.',
              },
              answer: {
                type: 'string',
                description: 'The answer as text.',
              },
              selected: {
                type: 'array',
                items: {
                  type: 'string',
                },
                description: 'The labels of the chosen options.',
              },
              files: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: {
                    path: {
                      type: 'string',
                      description: 'Absolute path.',
                    },
                    name: {
                      type: 'string',
                      description: 'What the person calls it.',
                    },
                    mime: {
                      type: 'string',
                    },
                    bytes: {
                      type: 'number',
                    },
                  },
                  required: ['path', 'name', 'bytes'],
                  additionalProperties: false,
                },
                description: 'What the person sent along. Read them from their paths; they move when the session ends.',
              },
              answered_at: {
                type: 'string',
                description: 'ISO 8601.',
              },
              answered_by: {
                type: 'object',
                properties: {
                  channel: {
                    type: 'string',
                  },
                  id: {
                    type: 'string',
                  },
                  name: {
                    type: 'string',
                  },
                },
                required: ['channel', 'id', 'name'],
                additionalProperties: false,
                description: 'Who answered; channel "default" is your own default answer.',
              },
              note: {
                type: 'string',
                description: 'What else there is to know.',
              },
              question: {
                type: 'string',
                description: 'What was asked.',
              },
            },
            required: ['question_id', 'status', 'asked_at', 'question'],
            additionalProperties: false,
          },
          description: 'What is new, oldest first; with question_ids, where each of them stands.',
        },
        messages: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              text: { type: 'string' },
              sent_by: {
                type: 'object',
                properties: { channel: { type: 'string' }, id: { type: 'string' }, name: { type: 'string' } },
                required: ['channel', 'id', 'name'],
                additionalProperties: false,
              },
              sent_at: { type: 'string' },
            },
            required: ['text', 'sent_by', 'sent_at'],
            additionalProperties: false,
          },
          description: 'What the person said without being asked.',
        },
        pending: {
          type: 'integer',
          minimum: -9007199254740991,
          maximum: 9007199254740991,
          description: 'How many questions of this session still wait for an answer.',
        },
      },
      required: ['questions', 'pending'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    _meta: {
      'anthropic/searchHint': 'fetch answers of the human user to questions asked before, wait for late answers',
    },
  },
  {
    name: 'mark_question_answered',
    title: 'Tell that a question was answered elsewhere',
    description:
      'The person answered here in the terminal, or the question no longer matters: takes it off their phone. Harmless when it is over already.',
    inputSchema: {
      type: 'object',
      properties: {
        question_id: {
          type: 'string',
          description: 'The question_id that ask_blocking_question returned.',
          format: 'uuid',
        },
        answer: {
          type: 'string',
          description: 'What the answer was; shown to the person.',
          maxLength: 8000,
        },
      },
      required: ['question_id'],
    },
    outputSchema: {
      type: 'object',
      properties: {
        question_id: {
          type: 'string',
        },
        status: {
          type: 'string',
          enum: ['pending', 'answered', 'expired', 'withdrawn', 'answered_elsewhere', 'session_ended'],
          description: 'Where the question stands; only "answered" carries a new answer of a person or your default.',
        },
        answer: {
          type: 'string',
          description: 'The answer that counts, if there is one.',
        },
        note: {
          type: 'string',
          description: 'What else there is to know.',
        },
      },
      required: ['question_id', 'status'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
    _meta: {
      'anthropic/searchHint': 'close a pending question to the human user that was answered in the terminal',
    },
  },
  {
    name: 'notify_user',
    title: 'Tell the person something',
    description:
      'Sends the person a message that needs no answer: a milestone, a failure, the end of a long job. Returns at once.',
    inputSchema: {
      type: 'object',
      properties: {
        message: {
          type: 'string',
          description: 'What the person shall know; no answer comes back.',
          minLength: 1,
          maxLength: 8000,
        },
        level: {
          type: 'string',
          enum: ['info', 'warning', 'error'],
          description: 'How loudly to tell it. Default info.',
        },
      },
      required: ['message'],
    },
    outputSchema: {
      type: 'object',
      properties: {
        notice_id: {
          type: 'string',
        },
        status: {
          type: 'string',
          const: 'written',
          description: 'It is written down and shown as soon as a channel can.',
        },
        note: {
          type: 'string',
          description: 'What keeps it from being shown, if anything does.',
        },
      },
      required: ['notice_id', 'status'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    _meta: {
      'anthropic/searchHint': 'send the human user a one-way notification or message (Telegram, phone)',
    },
  },
  {
    name: 'set_session_label',
    title: 'Name this session',
    description:
      'Names this session on everything the person sees, e.g. the feature or phase you work on. Without a label they see project and branch.',
    inputSchema: {
      type: 'object',
      properties: {
        label: {
          type: 'string',
          description: 'The feature, phase or task in a few words, e.g. "checkout refactoring".',
          minLength: 1,
          maxLength: 80,
        },
      },
      required: ['label'],
    },
    outputSchema: {
      type: 'object',
      properties: {
        label: {
          type: 'string',
          description: 'The label as it is shown now.',
        },
      },
      required: ['label'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    _meta: {
      'anthropic/searchHint': 'name or label this session for the human user (feature, phase, task)',
    },
  },
  {
    name: 'claude_code_hook',
    title: 'For the hooks of Claude Code',
    description:
      'Called by Claude Code itself. Answers with what a hook says: a JSON object, {} when it decides nothing.',
    inputSchema: {
      type: 'object',
      properties: {
        event: {
          type: 'string',
          description: 'The name of the hook event; the other fields are those of its input.',
        },
      },
      required: ['event'],
      additionalProperties: true,
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    _meta: { ui: { visibility: ['app'] } },
  },
  {
    name: 'permission_prompt',
    title: 'For --permission-prompt-tool',
    description:
      'Called by Claude Code itself, with --permission-prompt-tool: asks the person whether a tool may run and waits for the answer, {"behavior": "allow" or "deny", …} as JSON.',
    inputSchema: {
      type: 'object',
      properties: {
        tool_name: { type: 'string', description: 'The tool that wants to run.' },
        input: { type: 'object', description: 'Its input.', additionalProperties: true },
        tool_use_id: { type: 'string', description: 'The id of this use.' },
      },
      required: ['tool_name', 'input'],
      additionalProperties: true,
    },
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    _meta: { ui: { visibility: ['app'] } },
  },
];

// Claude Code cuts instructions and descriptions after 2 KB.
const TEXT_BYTES_MAX = 2_048;

describe('the tools as clients know them', () => {
  it('have these names, schemas, annotations and hints', async () => {
    const { client } = await mcpBench();
    expect((await client.listTools()).tools).toEqual(TOOLS);
  });

  it('come with these instructions', async () => {
    const { client } = await mcpBench();
    expect(client.getInstructions()).toBe(INSTRUCTIONS);
    expect(client.getServerVersion()).toEqual({ name: 'switchboard', title: 'Switchboard', version: '0.1.0' });
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
  });

  it('are described in texts that Claude Code does not cut', async () => {
    const { client } = await mcpBench();
    const texts = [client.getInstructions() ?? '', ...TOOLS.map(({ description }) => description)];
    expect(texts.map((text) => Buffer.byteLength(text)).filter((bytes) => bytes > TEXT_BYTES_MAX)).toEqual([]);
  });
});
