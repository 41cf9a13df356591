import fc from 'fast-check';
import { CLOCKS_MS, FILES, LOCKS, NETWORK, UPDATES, WATCHES } from './history-kinds.ts';
import { DEATHS, type Death } from './mortal-store.ts';

/** How something is asked: by the tool, which waits, or comes for the answer later; or by the hook of a permission. */
export type How = 'wait' | 'later' | 'expires' | 'permission' | 'dangerous permission';

/** One step of a history. Numbers choose among what there is at that moment. */
export type Action =
  | { readonly do: 'ask'; readonly session: number; readonly how: How }
  | { readonly do: 'press'; readonly offer: number }
  | { readonly do: 'text'; readonly offer: number }
  | { readonly do: 'page'; readonly offer: number; readonly confirmed: boolean }
  | { readonly do: 'tell'; readonly session: number; readonly by: 'telegram' | 'page' }
  | { readonly do: 'check' | 'tool ran'; readonly session: number }
  | { readonly do: 'cancel'; readonly question: number }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'start session' }
  | { readonly do: 'second hub' }
  | { readonly do: 'kill hub' }
  | { readonly do: 'kill session'; readonly session: number }
  | {
      readonly do: 'doom hub' | 'doom session';
      readonly session: number;
      readonly death: Death;
      readonly appends: number;
      readonly cut: number;
    }
  | { readonly do: 'stop hub' | 'stop session' | 'go on'; readonly session: number }
  | { readonly do: 'network'; readonly fault: string; readonly times: number }
  | { readonly do: 'file'; readonly damage: (typeof FILES)[number]; readonly session: number; readonly cut: number }
  | { readonly do: 'lock'; readonly damage: (typeof LOCKS)[number]; readonly session: number }
  | { readonly do: 'updates'; readonly how: (typeof UPDATES)[number] }
  | { readonly do: 'watches'; readonly how: (typeof WATCHES)[number] }
  | { readonly do: 'clock'; readonly ms: number };

const nth = fc.nat({ max: 11 });
const arbitraries: readonly { weight: number; arbitrary: fc.Arbitrary<Action> }[] = [
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      session: nth,
      how: fc.constantFrom<How[]>('wait', 'wait', 'later', 'expires', 'permission', 'dangerous permission'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('press' as const), offer: nth }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('text' as const), offer: nth }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('page' as const), offer: nth, confirmed: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('tell' as const), session: nth, by: fc.constantFrom('telegram', 'page') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('check' as const), session: nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tool ran' as const), session: nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), question: nth }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'start session' }) },
  { weight: 1, arbitrary: fc.constant({ do: 'second hub' }) },
  { weight: 2, arbitrary: fc.constant({ do: 'kill hub' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill session' as const), session: nth }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('doom hub' as const, 'doom hub' as const, 'doom session' as const),
      session: nth,
      death: fc.constantFrom(...DEATHS),
      appends: fc.integer({ min: 1, max: 4 }),
      cut: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('stop hub' as const, 'stop session' as const, 'go on' as const),
      session: nth,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('network' as const),
      fault: fc.constantFrom(...Object.keys(NETWORK)),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('file' as const),
      damage: fc.constantFrom(...FILES),
      session: nth,
      cut: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('lock' as const), damage: fc.constantFrom(...LOCKS), session: nth }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('updates' as const), how: fc.constantFrom(...UPDATES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('watches' as const), how: fc.constantFrom(...WATCHES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.constantFrom(...CLOCKS_MS) }) },
];

/** A short history of asking, answering and things going wrong. */
export const history: fc.Arbitrary<Action[]> = fc.array(fc.oneof(...arbitraries), { minLength: 6, maxLength: 24 });
