/** How much is measured: everything, or just enough to see that it works. */
export interface Size {
  readonly startRounds: number;
  readonly idleServers: number;
  /** Until V8 has done, in every process, what it does some time after eight seconds without work; 0: no such row. */
  readonly restSeconds: number;
  readonly idleSeconds: number;
  readonly questions: number;
  readonly crowd: { readonly sessions: number; readonly questions: number };
  readonly takeoverRounds: number;
  readonly hubStart: { readonly archived: number; readonly live: number; readonly rounds: number };
  readonly longFile: { readonly records: number; readonly changes: number };
  readonly growth: {
    readonly sessions: readonly number[];
    readonly archived: readonly number[];
    readonly live: readonly number[];
    readonly records: readonly number[];
    readonly openQuestions: readonly number[];
    /** Questions that are not counted, at the beginning, and those that are, at each size. */
    readonly warmUps: number;
    readonly questions: number;
    readonly starts: number;
    readonly changes: number;
    readonly changeRounds: number;
    readonly restSeconds: number;
  };
}

/** What the design's bars are about. */
export const FULL: Size = {
  startRounds: 40,
  idleServers: 5,
  restSeconds: 26,
  idleSeconds: 20,
  questions: 250,
  crowd: { sessions: 20, questions: 10 },
  takeoverRounds: 10,
  hubStart: { archived: 10_000, live: 1_000, rounds: 5 },
  longFile: { records: 100_000, changes: 400 },
  growth: {
    sessions: [1, 5, 15, 30, 50],
    archived: [10, 1_000, 10_000],
    live: [10, 100, 1_000, 10_000],
    records: [10, 100, 1_000, 10_000, 100_000],
    openQuestions: [1, 10, 50, 200, 500],
    warmUps: 30,
    questions: 30,
    starts: 3,
    changes: 25,
    changeRounds: 10,
    restSeconds: 4,
  },
};

/** A smoke run: shows that every row can be measured; its figures mean little. */
export const QUICK: Size = {
  startRounds: 3,
  idleServers: 2,
  restSeconds: 0,
  idleSeconds: 2,
  questions: 20,
  crowd: { sessions: 4, questions: 5 },
  takeoverRounds: 2,
  hubStart: { archived: 500, live: 100, rounds: 1 },
  longFile: { records: 5_000, changes: 50 },
  growth: {
    sessions: [1, 4],
    archived: [10, 200],
    live: [10, 200],
    records: [10, 2_000],
    openQuestions: [1, 30],
    warmUps: 1,
    questions: 3,
    starts: 1,
    changes: 10,
    changeRounds: 2,
    restSeconds: 0.5,
  },
};
