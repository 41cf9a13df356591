/** How many milliseconds a test waits for an event. Only a failure takes that long; a machine that does much else may need most of it. */
export const WAIT_MS_MAX = 60_000;
