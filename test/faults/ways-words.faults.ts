import { describe, expect, it } from 'vitest';
import { runHook } from '../support/claude-hooks.ts';
import { type FaultLine, startFaultLine } from '../support/faults/fault-line.ts';
import { count } from '../support/faults/injected.ts';
import { strike, timingsOf } from '../support/faults/matrix.ts';
import { type Consequences, PROMISES } from '../support/faults/promises.ts';
import { heldCall, type Step, stopped } from '../support/faults/steps.ts';
import { WAY_FAULTS } from '../support/faults/ways.ts';
import type { McpProcess } from '../support/mcp-client.ts';
import { until } from '../support/switchboard.ts';

const WORD = 'use the cache instead';
const STEPS_MORE = 3;
const heard = new WeakMap<FaultLine, number>();

/** The owner says something to the session that has not asked. */
const say = (line: FaultLine): void => void line.owner.says(`/tell ${line.askerSession} ${WORD}`);

/** Two tools of Claude end at once, as tools do that run side by side; counts how often it has heard the word. */
async function step(line: FaultLine, session: McpProcess = line.asker): Promise<number> {
  const ended = { tool_name: 'Read', tool_input: {} };
  const said = await Promise.all([runHook(session, 'PostToolUse', ended), runHook(session, 'PostToolUse', ended)]);
  const words = said.flatMap(({ hookSpecificOutput }) => hookSpecificOutput?.additionalContext ?? []);
  heard.set(line, (heard.get(line) ?? 0) + words.join().split(WORD).length - 1);
  return heard.get(line) ?? 0;
}

async function untilHeard(line: FaultLine): Promise<void> {
  await until(
    async () => (await step(line)) > 0,
    () => `the word at its session; the file holds\n${line.fileText()}`,
  );
}

const STEPS: readonly Step[] = [
  {
    name: 'said: the word is on its way to the hub',
    calls: false,
    reach: async (line) => {
      const held = await stopped(line.hubs);
      say(line);
      return held;
    },
  },
  {
    name: 'written: in the file, and the session does not know',
    calls: false,
    reach: async (line) => {
      const held = await stopped([line.asker.pid]);
      say(line);
      await line.written('"type":"message"');
      return held;
    },
  },
  {
    name: 'known: it waits for the next step of Claude, and the person is being told so',
    calls: true,
    reach: async (line) => {
      const held = await heldCall(line, 'sendMessage', 'hold', () => say(line));
      await line.written('MESSAGE_WAITS');
      return held;
    },
  },
  {
    name: 'heard: Claude has it, and the person is being told so',
    calls: true,
    reach: async (line) => {
      const held = await heldCall(line, 'sendMessage', 'hold', () => say(line));
      await untilHeard(line);
      await line.written('"message_delivered"');
      return held;
    },
  },
];

/** What the person was told of the word, whatever of it came. */
function told(line: FaultLine): string {
  const texts = line.owner.messages().map(({ text = '' }) => text);
  return texts
    .filter((text) => /Claude has it|written down|nothing was sent|Could not be written/.test(text))
    .join('\n');
}

async function checkWord(line: FaultLine, { endsAsker, destroys }: Consequences): Promise<void> {
  await line.api.waitFor(() => line.api.unconfirmed === 0);
  if (!endsAsker) {
    if (!destroys) await untilHeard(line);
    for (let n = 0; n < STEPS_MORE; n += 1) await step(line);
  }
  const times = heard.get(line) ?? 0;
  expect(times, 'times that the word was heard').toBeLessThanOrEqual(1);
  if (/Claude has it/.test(told(line))) expect(times, 'said to be with Claude').toBe(1);
  if (!destroys && /nothing was sent/.test(told(line))) expect(times, 'said not to be sent').toBe(0);
  expect((await step(line, line.witness)) - times, 'heard by another session').toBe(0);
  count('checked', PROMISES.word);
}

for (const each of STEPS) {
  describe(each.name, () => {
    for (const kind of WAY_FAULTS) {
      it(`${kind.name}: the word is heard once, and not said to be before`, async () => {
        const line = await startFaultLine({ timings: timingsOf([kind]) });
        await checkWord(line, await strike(line, each, [kind]));
      });
    }
  });
}
