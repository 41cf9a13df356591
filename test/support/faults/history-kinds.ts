import type { Fault } from '../bot-api/faults.ts';
import { DEATHS } from './mortal-store.ts';

export const NETWORK: Readonly<Record<string, Fault>> = {
  '5xx': { kind: 'status', code: 502 },
  reset: { kind: 'reset' },
  'lost answer': { kind: 'lost answer' },
  slow: { kind: 'delay', ms: 15 },
  '429': { kind: 'flood', retryAfter: 0.03 },
  '409': { kind: 'status', code: 409, description: 'Conflict: terminated by other getUpdates request' },
  'black hole': { kind: 'black hole' },
};

export const FILES = [
  'torn line',
  'garbage',
  'losing claims',
  'replaced by its copy',
  'older copy',
  'deleted',
] as const;
export const LOCKS = ['dead holder', 'stolen', 'damaged'] as const;
export const UPDATES = ['repeated', 'reversed', 'lost'] as const;
export const WATCHES = ['used up', 'mute'] as const;
export const CLOCKS_MS = [12_000, 7_200_000, -12_000, -7_200_000] as const;

/** What a run of many histories must have injected at least once. */
export const HISTORY_KINDS: readonly string[] = [
  'hub killed',
  'session killed',
  ...DEATHS.map((death) => `hub died ${death}`),
  ...DEATHS.map((death) => `session died ${death}`),
  'hub stopped',
  'session stopped',
  'two hubs',
  ...Object.keys(NETWORK).map((fault) => `network: ${fault}`),
  ...FILES.map((damage) => `file: ${damage}`),
  ...LOCKS.map((damage) => `lock: ${damage}`),
  ...UPDATES.map((how) => `updates: ${how}`),
  ...WATCHES.map((how) => `watches: ${how}`),
  'clock: ahead',
  'clock: back',
  'call cancelled',
  'question expired',
  'permission asked',
  'dangerous permission asked',
  'answered on the page',
  'word by telegram',
  'word by page',
];
