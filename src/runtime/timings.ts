/** Every span of time that decides behaviour, in milliseconds. Tests shorten them; nobody else needs to. */
export interface Timings {
  /** Between two heartbeats of a session. */
  readonly heartbeat: number;
  /** Between two slow looks at files, the truth behind the hints. */
  readonly slowLook: number;
  /** The same at a session's own file while a question is open and hints are dead. */
  readonly slowLookWaiting: number;
  /** Between two progress notifications of a waiting tool. */
  readonly progress: number;
  /** Between two pings of a session to the hub; a hub that leaves `hubSilence` of them unanswered is replaced. */
  readonly hubPing: number;
  readonly hubSilence: number;
  /** How long a background hub stays without a live session. */
  readonly hubIdle: number;
  /** Milliseconds of one of the model's minutes of `timeout_minutes`. */
  readonly minute: number;
  /** Between two messages into one Telegram chat, into one Telegram group, and overall. */
  readonly telegramChat: number;
  readonly telegramGroup: number;
  readonly telegramOverall: number;
  /** First wait before a failed send is tried again; doubles up to `retryMax`. */
  readonly retryMin: number;
  readonly retryMax: number;
  /** Longest wait between two tries to reach Telegram while there is no network. */
  readonly telegramOutage: number;
  /** How long Telegram holds a poll open; with a webhook: between two looks whether it works. */
  readonly telegramPoll: number;
  /** Quiet after the last picture of an album: Telegram sends each as a message of its own and does not say how many. */
  readonly telegramAlbum: number;
  /** What nobody needs less for than to read a question and write its answer. */
  readonly telegramRead: number;
  /** Between two looks at what the topics of a forum should be called and look like. */
  readonly telegramTopics: number;
  /** How much later than the cards the standing messages of a chat, its inbox and its list, are brought up to date. */
  readonly telegramQuiet: number;
  /** Between two looks at which questions a reminder is due for. */
  readonly telegramReminders: number;
  /** How long a new hub waits for pages that were open before it. */
  readonly pagesBack: number;
  /** How long a transcriber may take for one voice message. */
  readonly transcribe: number;
}

export const TIMINGS: Timings = {
  heartbeat: 5 * 60_000,
  slowLook: 2_000,
  slowLookWaiting: 250,
  // At most 15 s apart is promised, and a timer comes late rather than early.
  progress: 14_000,
  hubPing: 10_000,
  hubSilence: 30_000,
  hubIdle: 10 * 60_000,
  minute: 60_000,
  // Telegram's limits for bots: about one message a second into a chat, 20 a minute into a group, 30 a second overall.
  telegramChat: 1_000,
  telegramGroup: 3_000,
  telegramOverall: 34,
  retryMin: 500,
  retryMax: 60_000,
  telegramOutage: 5_000,
  telegramPoll: 30_000,
  telegramAlbum: 1_000,
  telegramRead: 5_000,
  telegramTopics: 2_000,
  telegramQuiet: 3_000,
  telegramReminders: 15_000,
  pagesBack: 5_000,
  transcribe: 2 * 60_000,
};
