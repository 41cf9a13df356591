import type { QuestionState } from '../../src/domain/session-state.ts';
import type { Bench, CallOptions } from './mcp-bench.ts';

/** What a permission hook decides; `undefined` where it decides nothing. */
interface HookOutput {
  readonly decision?: string;
  readonly reason?: string;
  readonly hookSpecificOutput?: {
    readonly hookEventName: string;
    readonly additionalContext?: string;
    readonly decision?: {
      readonly behavior: 'allow' | 'deny';
      readonly message?: string;
      readonly updatedInput?: { readonly answers?: Record<string, string> };
      readonly updatedPermissions?: readonly object[];
    };
  };
}

/** Anything that calls the tools of a server. */
interface Caller {
  call(tool: string, input?: object, options?: CallOptions): Promise<{ content: unknown }>;
}

/** Calls the hooks' tool as Claude Code does: every field is text, objects as JSON; returns what the hook says. */
export async function runHook(
  { call }: Caller,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
  options: CallOptions = {},
): Promise<HookOutput> {
  const input = Object.fromEntries(
    Object.entries({ session_id: 'claude-1', agent_id: '', cwd: '/nowhere/engine', ...fields }).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return JSON.parse(textOf(await call('claude_code_hook', { event, ...input }, options)));
}

/** The one text of a result. */
export function textOf({ content }: { content: unknown }): string {
  return (content as { text: string }[])[0]?.text ?? '';
}

export const BASH = { tool_name: 'Bash', tool_input: { command: 'node -e 1', description: 'tries it' } };

/** The newest card of the session that still waits. */
export async function nextCard({ hub, session }: Bench, text?: string): Promise<QuestionState> {
  const id = await session();
  return hub.until(id, (state) =>
    [...state.questions.values()].findLast(
      (question) => question.status === 'pending' && (!text || question.record.question === text),
    ),
  );
}

/** Presses an option of a card, as a person does in a channel. */
export async function press(bench: Bench, card: QuestionState, label: string): Promise<void> {
  await bench.hub.answer(await bench.session(), card.record.id, label, false, [label]);
}

/** Waits until a card is closed without an answer; how. */
export async function untilClosed(bench: Bench, card: QuestionState): Promise<NonNullable<QuestionState['closed']>> {
  return bench.hub.until(await bench.session(), (state) => state.questions.get(card.record.id)?.closed);
}
