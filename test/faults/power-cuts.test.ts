import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startFaultLine } from '../support/faults/fault-line.ts';
import { mountMortalDisk } from '../support/faults/power.ts';
import { unless } from '../support/faults/system.ts';
import { type Line, startLine } from '../support/line.ts';
import { type McpPlace, type McpProcess, mcpPlace } from '../support/mcp-client.ts';
import { openCard } from '../support/phone.ts';
import { runningIn, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { openLater } from '../support/telegram-line.ts';
import { ask } from '../support/waiting-line.ts';
import { WebClient } from '../support/web-client.ts';

/** A place on a disk, that of the home too; `left` says what the disk would hold after a power cut now. */
function mortalPlace(): { place: McpPlace; left(): Promise<Left> } {
  const elsewhere = mcpPlace();
  const mounted = join(elsewhere.project, 'disk');
  const home = join(mounted, 'home');
  const disk = mountMortalDisk(mounted, () => runningIn(home));
  const sessionsDirectory = join(mounted, '.planning/telegram-sessions');
  const place = { ...elsewhere, home, project: mounted, sessionsDirectory };
  return { place, left: async () => new Left(place, mounted, await disk.cut()) };
}

async function mortalLine(): Promise<Line & { left(): Promise<Left> }> {
  const { place, left } = mortalPlace();
  return { ...(await startLine({}, place)), left };
}

/** What is there after the machine has started again. */
class Left {
  readonly #place: McpPlace;
  readonly #before: string;
  readonly #after: string;

  constructor(place: McpPlace, before: string, after: string) {
    this.#place = place;
    this.#before = before;
    this.#after = after;
  }

  /** What a file of the line holds now; null when it is gone. */
  text(path: string): string | null {
    const now = join(this.#after, relative(this.#before, path));
    return existsSync(now) ? readFileSync(now, 'utf8') : null;
  }

  /** Every record of every session, live and archived. */
  records(): Record<string, unknown>[] {
    const sessions = join(this.#after, relative(this.#before, this.#place.sessionsDirectory));
    const names = existsSync(sessions) ? (readdirSync(sessions, { recursive: true }) as string[]) : [];
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(join(sessions, name), 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line));
  }

  answers(): unknown[] {
    return this.records()
      .filter(({ type }) => type === 'answer')
      .map(({ answer }) => answer);
  }
}

/** Asks, does not wait for the answer, and returns the question's id. */
async function askLater(session: McpProcess, question: string): Promise<string> {
  return (await ask(session, question, { wait: false })).question_id;
}

describe.skipIf(unless('ext4 image'))('a power cut', () => {
  it('in the moment the bot says "Recorded" leaves the answer on the disk', async () => {
    const line = await mortalLine();
    const session = await line.start();
    ask(session, 'Deploy?').catch(() => undefined);
    const card = await openCard(line.api, line.owner, 'Deploy?');
    // Stands still as soon as the bot has said it, before anything else can happen.
    line.api.fail('answerCallbackQuery', { kind: 'held answer', until: openLater().opened });
    const press = line.owner.presses(card, 'Yes');
    expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^Recorded/);
    expect((await line.left()).answers()).toEqual(['Yes']);
  });

  // What these tests see is worth nothing if a disk here would keep what nobody has synced.
  it('takes what was said to be recorded, if the program does not sync', async () => {
    const { place, left } = mortalPlace();
    const line = await startFaultLine({ place, control: { syncs: 'none' } });
    const asked = ask(line.asker, 'Deploy?');
    const press = line.owner.presses(await openCard(line.api, line.owner, 'Deploy?'), 'Yes');
    expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^Recorded/);
    expect(await asked).toMatchObject({ answer: 'Yes' });
    expect((await left()).answers()).toEqual([]);
  });

  it('right after a press on the web page or a word in the terminal was recorded leaves these answers on the disk', async () => {
    const line = await mortalLine();
    const session = await line.start();
    const [first, second] = [await askLater(session, 'Page?'), await askLater(session, 'Terminal?')];
    const page = await WebClient.enter(line.place.home);
    await page.answer(first, { text: 'by the page' });
    expect((await line.left()).answers()).toEqual(['by the page']);
    const { code } = await runSwitchboard(['answer', second, 'by the terminal'], { home: line.place.home });
    expect(code).toBe(0);
    expect((await line.left()).answers()).toEqual(['by the page', 'by the terminal']);
  });

  it('right after a tool has returned leaves on the disk what Claude was told', async () => {
    const line = await mortalLine();
    const session = await line.start();
    await askLater(session, 'Later?');
    expect((await line.left()).records()).toContainEqual(
      expect.objectContaining({ type: 'question', question: 'Later?' }),
    );
    await session.call('notify_user', { message: 'Half done.' });
    expect((await line.left()).records()).toContainEqual(expect.objectContaining({ question: 'Half done.' }));
  });

  it('right after somebody became an owner leaves an owner, and the token', async () => {
    const line = await mortalLine();
    const { home } = line.place;
    const env = { TELEGRAM_BOT_TOKEN: line.api.token, TELEGRAM_API_ROOT: line.api.root };
    const pairing = startSwitchboard(['pair'], { home, env, timings: line.timings });
    await pairing.printed(/start=p_[\w-]{22}\n/);
    line.owner.says(`/start ${/start=(p_[\w-]{22})/.exec(pairing.stdout)?.[1]}`);
    await line.api.waitFor(() => line.owner.messages().find(({ text }) => text?.includes('You are an owner')));
    expect(JSON.parse((await line.left()).text(join(home, 'config.json')) ?? '{}')).toEqual({ TELEGRAM_OWNER_ID: '7' });
  });

  it('at any moment leaves every answer that was confirmed by then, in files that can be read', async () => {
    const line = await mortalLine();
    const CUTS = 12;
    const confirmed = new Set<string>();
    let over = false;
    const working = [1, 2, 3].map(async (worker) => {
      for (let n = 0; !over; n += 1) {
        // Sessions end and are archived all the while.
        const session = await line.start({ label: `${worker}.${n}` });
        for (let question = 0; question < 3 && !over; question += 1) {
          const name = `${worker}.${n}.${question}`;
          const asked = ask(session, `Which? ${name}`, { options: [name, 'none'] });
          const card = await openCard(line.api, line.owner, `Which? ${name}`);
          const press = line.owner.presses(card, name);
          expect((await line.api.waitFor(() => press.answer)).text).toMatch(/^Recorded/);
          confirmed.add(name);
          await asked;
        }
        await session.close();
      }
    });
    for (let cut = 0; cut < CUTS; cut += 1) {
      // The one place where time itself is the fault.
      await sleep(100 + 37 * cut);
      const told = [...confirmed];
      expect((await line.left()).answers()).toEqual(expect.arrayContaining(told));
    }
    over = true;
    await Promise.all(working);
    expect(confirmed.size).toBeGreaterThan(CUTS);
  });
});
