/** What this program's exit status says. Scripts rely on it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** Wrong arguments or an impossible setting: nothing was started. */
  usage: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
