/** What a tool knows about the call it serves. */
export interface ToolCall {
  /** Aborts when the client cancels the call, or is gone. */
  readonly signal: AbortSignal;
  /** Tells the client how it goes; null when it did not ask for that. */
  readonly progress: ((message: string) => void) | null;
  /** Runs `sent` once the result is with the client, or `lost` once that can no longer happen. */
  whenSent(sent: () => void, lost: () => void): void;
}
