import type { Logger } from '../../runtime/log.ts';
import type { ClaudeHost } from '../claude-host.ts';
import type { ToolRoom } from '../tool-room.ts';
import type { WaitingCards } from './waiting-cards.ts';

/** What the hooks work with. */
export interface HookRoom extends ToolRoom {
  readonly host: ClaudeHost;
  readonly cards: WaitingCards;
  /** The project, absolute. */
  readonly projectDirectory: string;
  readonly log: Logger;
}
