import { v4 } from 'uuid';
import type { EventId } from '../../domain/ids.ts';
import { preview } from '../../domain/text.ts';
import { notifyUser } from '../notify-user.ts';
import type { ToolCall } from '../tool-call.ts';
import { HookInput, jsonList, jsonObject } from './hook-input.ts';
import type { HookRoom } from './hook-room.ts';
import { type Decision, Permissions } from './permission.ts';
import { inputHash } from './permission-card.ts';
import { Stops } from './stop.ts';
import { WaitingCards } from './waiting-cards.ts';

const NOBODY_DECIDED = 'Nobody has decided this: no person could be reached, or none answered in time.';
const TITLE_CHARS_MAX = 300;
// Prompts that Claude Code makes itself, e.g. when a subagent in the background has ended.
const MACHINE_MADE = /^\s*<(task-notification|system-reminder)/;

/**
 * What the hooks of Claude Code call. Whatever goes wrong decides nothing: then the host's own dialog, or its own rules,
 * decide as if Switchboard was not there.
 */
export class ClaudeHooks {
  private readonly room: HookRoom;
  private readonly permissions: Permissions;
  private readonly stops: Stops;
  /** The id that Claude Code's own session has; `onSessionId` is called when it is another one. */
  private readonly onSessionId: (id: string) => void;

  constructor(parts: Omit<HookRoom, 'cards'>, onSessionId: (id: string) => void) {
    const room = { ...parts, cards: new WaitingCards() };
    this.room = room;
    this.onSessionId = onSessionId;
    this.permissions = new Permissions(room);
    this.stops = new Stops(room);
  }

  /** Answers a hook: the text is its JSON output. Never rejects. */
  async answerHook(given: Readonly<Record<string, unknown>>, call: ToolCall): Promise<string> {
    let event = '';
    try {
      const input = new HookInput(given);
      event = input.text('event');
      const session = input.text('session_id');
      if (session !== '') this.onSessionId(session);
      return JSON.stringify((await this.answer(input, call)) ?? {});
    } catch (error) {
      this.failed(event, error, call);
      return '{}';
    }
  }

  /** Answers `--permission-prompt-tool`: the text is its JSON output. Never rejects. */
  async answerPrompt(given: Readonly<Record<string, unknown>>, call: ToolCall): Promise<string> {
    try {
      const input = new HookInput(given);
      const asked = {
        tool: input.text('tool_name'),
        input: jsonObject(input.text('input')) ?? {},
        suggestions: null,
        cwd: this.room.projectDirectory,
        agent: '',
        agentType: '',
      };
      const decision = await this.permissions.decide(asked, 'tool', call);
      if (decision?.behavior === 'allow') return JSON.stringify({ updatedInput: asked.input, ...decision });
      return JSON.stringify(decision ?? { behavior: 'deny', message: NOBODY_DECIDED });
    } catch (error) {
      this.failed('permission_prompt', error, call);
      return JSON.stringify({ behavior: 'deny', message: `Nobody could be asked: ${String(error)}` });
    }
  }

  private async answer(input: HookInput, call: ToolCall): Promise<object | null> {
    const { cards, deliveries } = this.room;
    const agent = input.text('agent_id');
    switch (input.text('event')) {
      case 'PermissionRequest':
        return permissionOutput(await this.permission(input, agent, call));
      case 'PostToolUse':
        this.toolRan(input, agent);
        // What is said to a subagent would not reach the conversation that the person means.
        return agent === '' ? contextOutput('PostToolUse', deliveries.take(call, 'hook')) : null;
      case 'PostToolUseFailure':
        this.toolRan(input, agent);
        return null;
      case 'PostToolBatch':
      case 'SubagentStop':
        cards.settleAgent(agent);
        return null;
      case 'UserPromptSubmit':
        return this.onPrompt(input.text('prompt'), call);
      case 'Stop': {
        cards.settleAgent('');
        const next = await this.stops.onStop(input, call);
        return next === null ? null : { decision: 'block', reason: next };
      }
      case 'Notification':
        this.notify(input);
        return null;
      case 'TaskCreated':
        return this.keepTask(input, 'pending');
      case 'TaskCompleted':
        return this.keepTask(input, 'completed');
      default:
        return null;
    }
  }

  private async permission(input: HookInput, agent: string, call: ToolCall): Promise<Decision> {
    const tool = input.text('tool_name');
    const toolInput = jsonObject(input.text('tool_input'));
    // What cannot be shown cannot be approved.
    if (tool === '' || toolInput === null) return null;
    const asked = {
      tool,
      input: toolInput,
      suggestions: jsonList(input.text('permission_suggestions')) ?? [],
      cwd: input.text('cwd') || this.room.projectDirectory,
      agent,
      agentType: input.text('agent_type'),
    };
    return this.permissions.decide(asked, 'hook', call);
  }

  private toolRan(input: HookInput, agent: string): void {
    const { cards } = this.room;
    const tool = input.text('tool_name');
    const toolInput = jsonObject(input.text('tool_input'));
    const answers = tool === 'AskUserQuestion' ? Object.values((toolInput?.answers ?? {}) as object) : null;
    const answer = answers ? answers.map(String).join('; ') || undefined : 'Allowed';
    cards.settleTool(agent, tool, inputHash(toolInput), answer);
  }

  private onPrompt(prompt: string, call: ToolCall): object | null {
    const { cards, deliveries } = this.room;
    const typed = !deliveries.heard(prompt) && !MACHINE_MADE.test(prompt);
    this.stops.onPrompt(typed);
    // The main conversation goes on, so whatever it asked is decided. Subagents may still wait.
    if (typed) cards.settleAgent('');
    return contextOutput('UserPromptSubmit', deliveries.take(call, 'hook'));
  }

  private notify(input: HookInput): void {
    const { host, cards } = this.room;
    const type = input.text('notification_type');
    if (!host.settings.notifications) return;
    if (type === 'permission_prompt' && cards.any) return;
    if (type === 'idle_prompt' && this.stops.shown) return;
    const message = [input.text('title'), input.text('message')].filter(Boolean).join('\n');
    if (message !== '') this.inBackground(notifyUser(this.room, { message }), 'a notification');
  }

  private keepTask(input: HookInput, status: string): null {
    const [task_id, title] = [input.text('task_id'), preview(input.text('task_subject'), TITLE_CHARS_MAX)];
    const { session, hub } = this.room;
    const body = { type: 'task', task_id, title, status } as const;
    const keep = async (): Promise<void> => {
      await session.ready();
      await session.append({ id: v4() as EventId, body });
      hub.look();
    };
    if (task_id !== '') this.inBackground(keep(), 'a task');
    return null;
  }

  private inBackground(work: Promise<unknown>, what: string): void {
    work.catch((error: unknown) => this.room.log.warn({ error: String(error) }, `could not write ${what} down`));
  }

  private failed(what: string, error: unknown, call: ToolCall): void {
    if (call.signal.aborted) return;
    this.room.log.error(
      { hook: what, error: error instanceof Error ? error.stack : String(error) },
      'a hook decides nothing',
    );
  }
}

function permissionOutput(decision: Decision): object | null {
  return decision && { hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } };
}

function contextOutput(hookEventName: string, additionalContext: string | null): object | null {
  return additionalContext === null ? null : { hookSpecificOutput: { hookEventName, additionalContext } };
}
