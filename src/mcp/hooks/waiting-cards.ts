/** A use of a tool that waits for a person, and how to take it back when it is decided at the desk. */
export interface WaitingCard {
  readonly tool: string;
  /** As `inputHash` gives it. */
  readonly hash: string;
  /** The subagent that wants it; "" for the main conversation. */
  readonly agent: string;
  /** It was decided in the terminal; `answer`: what was chosen, where that is known. */
  settle(answer?: string): void;
}

// Their results come with another input than they were asked with, and a conversation has one of them at a time.
const INPUT_CHANGES = new Set(['AskUserQuestion', 'ExitPlanMode']);

/** All that waits for a person on behalf of Claude Code itself, oldest first. */
export class WaitingCards {
  private readonly cards = new Set<WaitingCard>();
  /** Allowed from afar, and not yet seen to run. */
  private readonly allowed: WaitingCard[] = [];

  /** Does anything wait? */
  get any(): boolean {
    return this.cards.size > 0;
  }

  /** The person has allowed it: when it runs, that says nothing of another card for the same. */
  noteAllowed(card: WaitingCard): void {
    this.allowed.push(card);
  }

  add(card: WaitingCard): void {
    this.cards.add(card);
  }

  remove(card: WaitingCard): void {
    this.cards.delete(card);
  }

  /** This tool has run, with this input, so somebody at the desk has allowed it. */
  settleTool(agent: string, tool: string, hash: string, answer: string | undefined): void {
    const isIt = (card: WaitingCard): boolean =>
      card.agent === agent && card.tool === tool && (card.hash === hash || INPUT_CHANGES.has(tool));
    const known = this.allowed.findIndex(isIt);
    if (known >= 0) this.allowed.splice(known, 1);
    else [...this.cards].find(isIt)?.settle(answer);
  }

  /** Whatever this conversation asked for is decided by now: it has gone on. */
  settleAgent(agent: string): void {
    for (const card of [...this.cards]) if (card.agent === agent) card.settle();
    this.allowed.splice(0, this.allowed.length, ...this.allowed.filter((card) => card.agent !== agent));
  }
}
