import * as z from 'zod';
import {
  ANSWER_CHARS_MAX,
  CONTEXT_CHARS_MAX,
  OPTION_DESCRIPTION_CHARS_MAX,
  OPTION_LABEL_CHARS_MAX,
  OPTIONS_MAX,
  OPTIONS_MIN,
  QUESTION_CHARS_MAX,
} from '../domain/question-input.ts';

// Limits stand in the published schema as hints only (`meta`): what breaks them is told by the domain in a sentence
// that says what to mend, which no schema error does. Unknown fields are ignored, since models add some.

/** Characters of a session's label: what fits on the first line of a card on a phone. */
export const LABEL_CHARS_MAX = 80;
/** Seconds that one check may wait: longer than any client lets a call run without asking again. */
export const WAIT_SECONDS_MAX = 3_600;

const text = (description: string, maxLength: number) => z.string().meta({ description, minLength: 1, maxLength });

const questionId = (description: string) => z.string().meta({ description, format: 'uuid' });

export const askInput = z.object({
  question: text(
    'What the person shall decide or tell, complete in itself: they read it on a phone, without the terminal.',
    QUESTION_CHARS_MAX,
  ),
  context: z
    .string()
    .meta({
      description:
        'What they need to know to answer: code, a diff, an error, what you have tried. Shown below the question.',
      maxLength: CONTEXT_CHARS_MAX,
    })
    .optional(),
  options: z
    .array(
      z.union([
        text('The answer in a few words.', OPTION_LABEL_CHARS_MAX),
        z.object({
          label: text('The answer in a few words.', OPTION_LABEL_CHARS_MAX),
          description: z
            .string()
            .meta({ description: 'What choosing it means.', maxLength: OPTION_DESCRIPTION_CHARS_MAX })
            .optional(),
        }),
      ]),
    )
    .meta({
      description: `The answers to choose from, ${OPTIONS_MIN} to ${OPTIONS_MAX}, each different. Leave out for a free-text question.`,
      minItems: OPTIONS_MIN,
      maxItems: OPTIONS_MAX,
    })
    .optional(),
  multi_select: z.boolean().meta({ description: 'Several options may be chosen. Default false.' }).optional(),
  allow_text: z
    .boolean()
    .meta({ description: 'The person may write an answer instead of choosing an option. Default true.' })
    .optional(),
  default_answer: z
    .string()
    .meta({
      description: 'Used as the answer, and marked as such, when nobody answers in time.',
      maxLength: ANSWER_CHARS_MAX,
    })
    .optional(),
  timeout_minutes: z
    .number()
    .meta({ description: 'How long to wait for a person, in minutes: 1 to 1440, default 30. People need time.' })
    .optional(),
  label: z
    .string()
    .meta({
      description: 'What this session works on; names it on every card from now on, as set_session_label does.',
      maxLength: LABEL_CHARS_MAX,
    })
    .optional(),
  wait: z
    .boolean()
    .meta({
      description: 'false: return at once and fetch the answer later with check_question_answers. Default true.',
    })
    .optional(),
});

const someone = z.object({ channel: z.string(), id: z.string(), name: z.string() });

const person = someone.meta({ description: 'Who answered; channel "default" is your own default answer.' });

const status = z.enum(['pending', 'answered', 'expired', 'withdrawn', 'answered_elsewhere', 'session_ended']).meta({
  description: 'Where the question stands; only "answered" carries a new answer of a person or your default.',
});

const file = z.object({
  path: z.string().meta({ description: 'Absolute path.' }),
  name: z.string().meta({ description: 'What the person calls it.' }),
  mime: z.string().optional(),
  bytes: z.number(),
});

const report = {
  question_id: z.string().meta({ description: 'For check_question_answers and mark_question_answered.' }),
  status,
  asked_at: z.string().meta({ description: 'ISO 8601.' }),
  answer: z.string().meta({ description: 'The answer as text.' }).optional(),
  selected: z.array(z.string()).meta({ description: 'The labels of the chosen options.' }).optional(),
  files: z
    .array(file)
    .meta({ description: 'What the person sent along. Read them from their paths; they move when the session ends.' })
    .optional(),
  answered_at: z.string().meta({ description: 'ISO 8601.' }).optional(),
  answered_by: person.optional(),
  note: z.string().meta({ description: 'What else there is to know.' }).optional(),
};

export const askOutput = z.object(report);

export const checkInput = z.object({
  question_ids: z
    .array(questionId('A question_id that ask_blocking_question returned.'))
    .meta({ description: 'Ask after these only, also after what you had before. Leave out for everything new.' })
    .optional(),
  wait_seconds: z
    .number()
    .meta({ description: `Wait up to so long for the first answer, 0 to ${WAIT_SECONDS_MAX}. Default 0.` })
    .optional(),
});

export const checkOutput = z.object({
  questions: z
    .array(z.object({ ...report, question: z.string().meta({ description: 'What was asked.' }) }))
    .meta({ description: 'What is new, oldest first; with question_ids, where each of them stands.' }),
  messages: z
    .array(z.object({ text: z.string(), sent_by: someone, sent_at: z.string() }))
    .meta({ description: 'What the person said without being asked.' })
    .optional(),
  pending: z.number().int().meta({ description: 'How many questions of this session still wait for an answer.' }),
});

export const markInput = z.object({
  question_id: questionId('The question_id that ask_blocking_question returned.'),
  answer: z
    .string()
    .meta({ description: 'What the answer was; shown to the person.', maxLength: ANSWER_CHARS_MAX })
    .optional(),
});

export const markOutput = z.object({
  question_id: z.string(),
  status,
  answer: z.string().meta({ description: 'The answer that counts, if there is one.' }).optional(),
  note: z.string().meta({ description: 'What else there is to know.' }).optional(),
});

export const notifyInput = z.object({
  message: text('What the person shall know; no answer comes back.', QUESTION_CHARS_MAX),
  level: z.enum(['info', 'warning', 'error']).meta({ description: 'How loudly to tell it. Default info.' }).optional(),
});

export const notifyOutput = z.object({
  notice_id: z.string(),
  status: z.literal('written').meta({ description: 'It is written down and shown as soon as a channel can.' }),
  note: z.string().meta({ description: 'What keeps it from being shown, if anything does.' }).optional(),
});

export const labelInput = z.object({
  label: text('The feature, phase or task in a few words, e.g. "checkout refactoring".', LABEL_CHARS_MAX),
});

export const labelOutput = z.object({ label: z.string().meta({ description: 'The label as it is shown now.' }) });

export type AskInput = z.infer<typeof askInput>;
export type AskOutput = z.infer<typeof askOutput>;
export type CheckInput = z.infer<typeof checkInput>;
export type CheckOutput = z.infer<typeof checkOutput>;
export type MarkInput = z.infer<typeof markInput>;
export type MarkOutput = z.infer<typeof markOutput>;
export type NotifyInput = z.infer<typeof notifyInput>;
export type NotifyOutput = z.infer<typeof notifyOutput>;
export type LabelOutput = z.infer<typeof labelOutput>;
export type QuestionStatusWord = z.infer<typeof status>;
