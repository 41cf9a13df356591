/** The hidden tool that all hooks call. */
const HOOK_TOOL = 'claude_code_hook';

/**
 * Seconds that a person has to answer a permission or a question of Claude Code itself: the time-out of the hooks that
 * wait for one. A hook that times out decides nothing; in the terminal the dialog stays.
 */
export const PERSON_SECONDS = 24 * 3_600;

// Hooks that only tell something hold up the turn while they run, so they are answered at once.
const TELLING_SECONDS = 10;

// What each hook tells. Claude Code puts the value in place of `${…}`: text as it is, anything else as JSON, "" for what
// is not there. Only what is used is passed along: a tool's result may be megabytes.
const TOLD: Readonly<Record<string, readonly string[]>> = {
  PermissionRequest: ['agent_id', 'agent_type', 'cwd', 'tool_name', 'tool_input', 'permission_suggestions'],
  PostToolUse: ['agent_id', 'tool_name', 'tool_input'],
  PostToolUseFailure: ['agent_id', 'tool_name', 'tool_input'],
  PostToolBatch: ['agent_id'],
  UserPromptSubmit: ['prompt'],
  Stop: ['stop_hook_active', 'last_assistant_message', 'background_tasks'],
  SubagentStop: ['agent_id'],
  Notification: ['message', 'title', 'notification_type'],
  TaskCreated: ['task_id', 'task_subject'],
  TaskCompleted: ['task_id', 'task_subject'],
};

const WAITING: ReadonlySet<string> = new Set(['PermissionRequest', 'Stop']);

interface HookGroup {
  readonly hooks: readonly {
    readonly type: 'mcp_tool';
    readonly server: string;
    readonly tool: string;
    readonly input: Readonly<Record<string, string>>;
    readonly timeout: number;
  }[];
}

/**
 * The `hooks` of Claude Code's settings that make it tell this session's own server what happens. `server`: what the
 * server is called there, `switchboard` or `plugin:switchboard:switchboard`. Not for SessionStart and SessionEnd: at
 * these moments Claude Code has no connection to the server, and says so on the screen.
 */
export function claudeHooks(server: string): Record<string, HookGroup[]> {
  return Object.fromEntries(
    Object.entries(TOLD).map(([event, fields]) => {
      const input = Object.fromEntries(['session_id', ...fields].map((field) => [field, `\${${field}}`]));
      const timeout = WAITING.has(event) ? PERSON_SECONDS : TELLING_SECONDS;
      const hook = { type: 'mcp_tool', server, tool: HOOK_TOOL, input: { event, ...input }, timeout } as const;
      return [event, [{ hooks: [hook] }]];
    }),
  );
}
