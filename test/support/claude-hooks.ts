import type { CallOptions } from './mcp-bench.ts';

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
  return JSON.parse(textOf(await call('claude_code_hook', { event, ...input }, { timeout: 20_000, ...options })));
}

/** The one text of a result. */
export function textOf({ content }: { content: unknown }): string {
  return (content as { text: string }[])[0]?.text ?? '';
}
