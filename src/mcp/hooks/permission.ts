import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dangersOf } from '../../domain/dangers.ts';
import { permissionDecision, permissionOptions } from '../../domain/permission.ts';
import { type AnswerRecord, ATTACHED_TEXT_BYTES_MAX } from '../../domain/records.ts';
import { canonicalPath } from '../../runtime/home.ts';
import type { ToolCall } from '../tool-call.ts';
import { TOOLS } from '../tools.ts';
import { askPerson } from './ask-person.ts';
import { answerClaudeQuestions } from './claude-questions.ts';
import type { HookRoom } from './hook-room.ts';
import { type FileNow, inputHash, permissionText } from './permission-card.ts';
import { sessionGrant } from './session-grant.ts';

/** A tool that may only run when a person says so. */
export interface PermissionAsked {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the host suggests to allow from now on; null when it says nothing of that. */
  readonly suggestions: readonly unknown[] | null;
  readonly cwd: string;
  /** The subagent that wants it, and its kind; "" for the main conversation. */
  readonly agent: string;
  readonly agentType: string;
}

/** What Claude Code is told; null decides nothing. */
export type Decision =
  | { readonly behavior: 'allow'; readonly updatedInput?: object; readonly updatedPermissions?: readonly object[] }
  | { readonly behavior: 'deny'; readonly message: string }
  | null;

// The two ways in which one permission may arrive are called within the same millisecond.
const TWIN_MS_MAX = 1_000;
// A hub and its bot that are only just starting may take long on a busy machine or a slow network.
const SETTLING_MS_MAX = 30_000;
const FILE_BYTES_MAX = 1024 * 1024;

interface Asking {
  readonly way: 'hook' | 'tool';
  readonly since: number;
  readonly key: string;
  readonly decision: Promise<Decision>;
  join(call: ToolCall): void;
}

/** The permissions of this session that wait for a person. */
export class Permissions {
  private readonly room: HookRoom;
  private readonly askings = new Set<Asking>();
  /** The last wait for somebody who can be reached was in vain: the next permissions do not wait as long again. */
  private waitedInVain = false;

  constructor(room: HookRoom) {
    this.room = room;
  }

  /** Asks the person and waits. The same permission that arrives by both ways at once has one card. Throws as the store does. */
  async decide(asked: PermissionAsked, way: Asking['way'], call: ToolCall): Promise<Decision> {
    // Asking for leave to ask would be two questions for one; these tools do nothing but reach the person.
    if (isOwnTool(asked.tool)) return { behavior: 'allow' };
    const key = `${asked.tool} ${inputHash(asked.input)}`;
    for (const other of this.askings) {
      if (other.key !== key || other.way === way || performance.now() - other.since > TWIN_MS_MAX) continue;
      this.askings.delete(other);
      other.join(call);
      return other.decision;
    }
    const calls = new SharedCall(call);
    const decision = this.ask(asked, calls);
    const asking: Asking = { way, since: performance.now(), key, decision, join: (joining) => calls.join(joining) };
    this.askings.add(asking);
    try {
      return await decision;
    } finally {
      this.askings.delete(asking);
    }
  }

  private async ask(asked: PermissionAsked, call: SharedCall): Promise<Decision> {
    const { room } = this;
    // A run without a terminal must not hang for somebody whom nothing reaches.
    if (room.host.headless && !(await this.reachesSomebody(call.signal))) return null;
    await room.session.ready();
    const local = new AbortController();
    call.signal.addEventListener('abort', () => local.abort(), { once: true });
    if (call.signal.aborted) local.abort();
    const card = {
      tool: asked.tool,
      hash: inputHash(asked.input),
      agent: asked.agent,
      settle: (answer?: string) => local.abort(answer),
    };
    room.cards.add(card);
    try {
      const decision =
        asked.tool === 'AskUserQuestion'
          ? await answerClaudeQuestions(room, asked.input, call, local.signal)
          : await this.askPermission(asked, call, local.signal);
      if (decision?.behavior === 'allow') room.cards.noteAllowed(card);
      return decision;
    } finally {
      room.cards.remove(card);
    }
  }

  private async askPermission(asked: PermissionAsked, call: ToolCall, local: AbortSignal): Promise<Decision> {
    const { tool, input, cwd, agentType } = asked;
    const plan = tool === 'ExitPlanMode';
    // Without a plan there is nothing to show, and so nothing to approve.
    if (plan && typeof input.plan !== 'string') return null;
    const dangers = plan ? [] : this.dangersOf(asked);
    const grant = plan ? PLAN_GRANT : sessionGrant(tool, input, asked.suggestions, dangers.length > 0);
    const text = permissionText({ tool, input, cwd, agent: agentType }, readFileNow);
    // What cannot be shown cannot be approved.
    if (Buffer.byteLength(text.context) > ATTACHED_TEXT_BYTES_MAX) return null;
    const permission = {
      tool,
      input_hash: inputHash(input),
      cwd,
      ...(grant ? { grant: grant.words } : {}),
      ...(dangers.length > 0 ? { dangers } : {}),
    };
    const content = {
      kind: 'permission',
      ...text,
      options: permissionOptions(grant?.words),
      multi_select: false,
      allow_text: true,
      permission,
    } as const;
    const ended = await askPerson(this.room, content, call, local);
    if (!ended?.answer) return null;
    const said = permissionDecision(ended.answer);
    if (said.behavior === 'deny') return { behavior: 'deny', message: denialWords(ended.answer, said.why) };
    return {
      behavior: 'allow',
      ...(plan ? { updatedInput: input } : {}),
      ...(said.scope === 'session' && grant ? { updatedPermissions: grant.updates } : {}),
    };
  }

  private dangersOf({ tool, input, cwd }: PermissionAsked): string[] {
    const { projectDirectory, host } = this.room;
    const places = {
      projects: namesOf(projectDirectory),
      cwd,
      home: host.userHome,
      settings: namesOf(host.switchboardHome),
      sessions: namesOf(host.sessionsDirectory),
      follow,
    };
    return dangersOf({ tool, input, places }, host.settings.dangerRules);
  }

  /** Waits for a hub and channels that are only just starting; false once the call is over. */
  private async reachesSomebody(over: AbortSignal): Promise<boolean> {
    const { hub } = this.room;
    const deadline = performance.now() + (this.waitedInVain ? 0 : SETTLING_MS_MAX);
    while (!hub.reachesSomebody && hub.settling && performance.now() < deadline && !over.aborted) await pause(50);
    if (over.aborted) return false;
    this.waitedInVain = hub.settling && !hub.reachesSomebody;
    return hub.reachesSomebody;
  }
}

const PLAN_GRANT = {
  words: 'this plan, and every edit of a file in the project (accept-edits mode)',
  updates: [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }],
};

/** Several calls that wait for the same decision: over when all are, delivered when one is. */
class SharedCall implements ToolCall {
  readonly signal: AbortSignal;
  /** To those that want it: one that does may join later. */
  readonly progress = (message: string): void => {
    for (const call of this.calls) call.progress?.(message);
  };
  private readonly over = new AbortController();
  private readonly calls: ToolCall[] = [];
  private readonly receipts: Parameters<ToolCall['whenSent']>[] = [];

  constructor(first: ToolCall) {
    this.signal = this.over.signal;
    this.join(first);
  }

  join(call: ToolCall): void {
    this.calls.push(call);
    for (const receipt of this.receipts) call.whenSent(...receipt);
    const ended = (): void => {
      if (this.calls.every(({ signal }) => signal.aborted)) this.over.abort(call.signal.reason);
    };
    call.signal.addEventListener('abort', ended, { once: true });
    ended();
  }

  whenSent(sent: () => void, lost: () => void): void {
    this.receipts.push([sent, lost]);
    for (const call of this.calls) call.whenSent(sent, lost);
  }
}

function denialWords(answer: AnswerRecord, why: string | undefined): string {
  const files = (answer.files ?? []).map(({ path }) => `Attached: ${path}`);
  const words = why === undefined ? 'The user denied this.' : `The user denied this and said: ${why}`;
  return [words, ...files].join('\n');
}

function isOwnTool(tool: string): boolean {
  const name = /^mcp__(?:plugin_switchboard_)?switchboard__(\w+)$/.exec(tool)?.[1];
  return name !== undefined && Object.hasOwn(TOOLS, name);
}

function readFileNow(path: string): FileNow {
  try {
    const facts = statSync(path);
    if (!facts.isFile() || facts.size > FILE_BYTES_MAX) return { text: null };
    const text = readFileSync(path, 'utf8');
    return { text: text.includes('\0') ? null : text };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : { text: null };
  }
}

/** A directory by every name that it has. */
function namesOf(directory: string): string[] {
  return [...new Set([directory, canonicalPath(directory)])];
}

/** Where a path leads when the links in it are followed, as far as it exists. */
function follow(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return dirname(path) === path ? path : join(follow(dirname(path)), basename(path));
  }
}
