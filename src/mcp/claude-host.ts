import type { SessionId } from '../domain/ids.ts';
import type { ClaudeConfig } from '../runtime/claude-settings.ts';

/** What a session knows of the Claude Code that started it, and how the person wants its questions shown. */
export interface ClaudeHost {
  readonly settings: ClaudeConfig;
  /** Nobody sits in front of it: `claude -p`, or a program that uses the Agent SDK. */
  readonly headless: boolean;
  /** The person's own directory, absolute. */
  readonly userHome: string;
  /** Where Switchboard keeps its settings, and where this session's file lies; absolute. */
  readonly switchboardHome: string;
  readonly sessionsDirectory: string;
  /** How a message gets into the session, as the host says; null when it has no such way. */
  readonly messaging: { readonly address: string; readonly token: string } | null;
  /** Is the person away from the desk of this session right now? */
  isAway(session: SessionId): Promise<boolean>;
}
