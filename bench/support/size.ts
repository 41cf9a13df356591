/** How much is measured: everything, or just enough to see that it works. */
export interface Size {
  readonly startRounds: number;
  readonly idleServers: number;
  /** Until V8 has done what it does after eight seconds without work. */
  readonly restSeconds: number;
  readonly idleSeconds: number;
  readonly questions: number;
  readonly crowd: { readonly sessions: number; readonly questions: number };
  readonly takeoverRounds: number;
  readonly hubStart: { readonly archived: number; readonly live: number; readonly rounds: number };
  readonly longFile: { readonly records: number; readonly changes: number };
}

/** What the design's bars are about. */
export const FULL: Size = {
  startRounds: 40,
  idleServers: 5,
  restSeconds: 12,
  idleSeconds: 20,
  questions: 250,
  crowd: { sessions: 20, questions: 10 },
  takeoverRounds: 10,
  hubStart: { archived: 10_000, live: 1_000, rounds: 5 },
  longFile: { records: 100_000, changes: 400 },
};

/** A smoke run: shows that every row can be measured; its figures mean little. */
export const QUICK: Size = {
  startRounds: 3,
  idleServers: 2,
  restSeconds: 1,
  idleSeconds: 2,
  questions: 20,
  crowd: { sessions: 4, questions: 5 },
  takeoverRounds: 2,
  hubStart: { archived: 500, live: 100, rounds: 1 },
  longFile: { records: 5_000, changes: 50 },
};
