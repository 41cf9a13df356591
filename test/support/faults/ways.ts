import { FILE_FAULTS } from './file-kinds.ts';
import { type FaultKind, LOCK_FAULTS, NETWORK_FAULTS, PROCESS_FAULTS, UPDATE_FAULTS } from './kinds.ts';
import { type Held, heldCall, nothing, type Step, shown, stopped } from './steps.ts';

// Other ways of the same line: the page, the hooks of Claude Code. What happens to files, disks and clocks beneath them is
// the same code as for the tool and a press, and is tried there; here it is what may come between two steps of the way.
const NAMES = new Set([
  'the file is replaced by a copy of itself',
  'the file is replaced by an older copy',
  'the file is deleted',
  'a torn line stands at the end of the file',
  'every second write meets a line that another writer has just torn',
  'answers of calls that went well are lost',
  'Telegram answers 502',
  'Telegram brings the updates again',
]);

/** The faults that meet the other ways. */
export const WAY_FAULTS: readonly FaultKind[] = [
  ...PROCESS_FAULTS,
  ...LOCK_FAULTS,
  ...[...FILE_FAULTS, ...NETWORK_FAULTS, ...UPDATE_FAULTS].filter(({ name }) => NAMES.has(name)),
].map(({ at: _, ...kind }) => kind);

/** Steps of an answer that is given on the page. */
export const PAGE_STEPS: readonly Step[] = [
  {
    name: 'posted: the answer of the page is on its way to the hub',
    calls: false,
    reach: async (line) => {
      await shown(line);
      await line.post(0, 'Yes');
      return nothing;
    },
  },
  {
    name: 'recorded by the page: in the file, and the asking session does not know',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const held = await stopped([line.asker.pid]);
      await line.post(0, 'Yes');
      await line.written('"type":"answer"');
      return held;
    },
  },
  {
    name: 'raced: the page says yes while a press that says no is on its way',
    calls: false,
    reach: async (line) => {
      await shown(line);
      const posting = line.post(0, 'Yes');
      line.press('No');
      await posting;
      return nothing;
    },
  },
];

async function asked(line: Parameters<Step['reach']>[0]): Promise<void> {
  await shown(line);
  line.press('Allow once');
  await line.api.waitFor(() => line.asksAgain());
  await line.api.waitFor(() => line.api.polled && line.api.unconfirmed === 0);
}

/** Steps of a dangerous permission; at the last two the person has allowed it. */
export const PERMISSION_STEPS: readonly (Step & { readonly allowed: boolean })[] = [
  {
    name: 'asked by the hook: in the file, and no hub has read it',
    calls: false,
    allowed: false,
    reach: async (line) => {
      const held = await stopped(line.hubs);
      line.ask();
      await line.written('"type":"question"');
      return held;
    },
  },
  {
    name: 'pressed once: the whole of it is on its way to Telegram',
    calls: true,
    allowed: false,
    reach: async (line) => {
      await shown(line);
      return heldCall(line, 'sendMessage', 'hold', () => void line.press('Allow once'));
    },
  },
  {
    name: 'asked again: the whole of it is in sight, and nobody has said yes to that',
    calls: false,
    allowed: false,
    reach: async (line) => {
      await asked(line);
      return nothing;
    },
  },
  {
    name: 'allowed: the second press is on its way to the hub',
    calls: false,
    allowed: true,
    reach: async (line): Promise<Held> => {
      await asked(line);
      const held = await stopped(line.hubs);
      line.pressAgain();
      return held;
    },
  },
  {
    name: 'allowed by the page, and in the file, and the asking session does not know',
    calls: false,
    allowed: true,
    reach: async (line): Promise<Held> => {
      await shown(line);
      const held = await stopped([line.asker.pid]);
      await line.post(0, 'Allow once', true);
      await line.written('"type":"answer"');
      return held;
    },
  },
];
