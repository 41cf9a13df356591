import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { recordsOf } from '../support/mcp-client.ts';
import { offers, openCard, settledCard } from '../support/phone.ts';
import { hubLogged, kill, runSwitchboard, until } from '../support/switchboard.ts';
import { ask, hubsOf, waitingLine } from '../support/waiting-line.ts';

describe('an asker that was killed', () => {
  it('is never said to have the answer, however soon after its death somebody presses', async () => {
    const line = await waitingLine('Alive?');
    const witness = await line.start();
    await witness.session();
    kill(line.session.pid, 'SIGKILL');
    await until(
      () => isDead(line.session.pid),
      () => 'the end of the asker',
    );
    const press = line.owner.presses(line.card, 'Yes');
    // Whichever is first: the press, or the archive.
    const said = (await line.api.waitFor(() => press.answer)).text;
    expect(said).toMatch(/session has ended|No running session asks this/);
    await settledCard(line.api, line.owner, 'Alive?', /session has ended/);
  });

  it('together with the hub has its card settled by the hub of the next session', async () => {
    const line = await waitingLine('Both?');
    for (const pid of [...hubsOf(line), line.session.pid]) kill(pid, 'SIGKILL');
    const press = line.owner.presses(line.card, 'Yes');
    await line.start();
    await settledCard(line.api, line.owner, 'Both?', /session has ended/);
    expect((await line.api.waitFor(() => press.answer)).text).not.toMatch(/Recorded/);
  });
});

describe('a session of before the machine was started anew', () => {
  it('gets no answer: its card is settled, status does not list it, and its file is archived', async () => {
    const line = await waitingLine('Before?');
    for (const pid of [...hubsOf(line), line.session.pid]) kill(pid, 'SIGKILL');
    makeOfEarlierBoot(line.path);
    const { stdout } = await runSwitchboard(['status'], { home: line.place.home, env: line.env });
    expect(stdout).not.toContain('Before?');
    const press = line.owner.presses(line.card, 'Yes');
    await line.start();
    expect((await line.api.waitFor(() => press.answer)).text).toMatch(/session has ended|No running session asks this/);
    await settledCard(line.api, line.owner, 'Before?', /session has ended/);
    await until(
      () => !existsSync(line.path),
      () => 'the session to be archived',
    );
  });
});

describe('an answer', () => {
  it('arrives though hub and asker were both stopped when it was given', async () => {
    const line = await waitingLine('Frozen?');
    const pids = [...hubsOf(line), line.session.pid];
    for (const pid of pids) kill(pid, 'SIGSTOP');
    line.owner.presses(line.card, 'Yes');
    for (const pid of pids) kill(pid, 'SIGCONT');
    expect(await line.asked).toMatchObject({ answer: 'Yes' });
    await settledCard(line.api, line.owner, 'Frozen?', 'delivered');
  });

  it('typed, and pressed, while no hub lives and nobody can start one counts as soon as one does', async () => {
    const line = await startLine();
    const session = await line.start();
    const colour = ask(session, 'Which colour?', { options: undefined });
    const size = ask(session, 'Which size?', { options: ['small', 'large'] });
    const [card, choice] = [
      await openCard(line.api, line.owner, 'Which colour?'),
      await openCard(line.api, line.owner, 'Which size?'),
    ];
    await line.api.waitFor(() => line.api.polled);
    kill(session.pid, 'SIGSTOP');
    for (const pid of hubsOf(line)) kill(pid, 'SIGKILL');
    await until(
      () => hubsOf(line).length === 0,
      () => 'the end of the hub',
    );
    line.owner.says('blue', { replyTo: card });
    line.owner.presses(choice, 'large');
    kill(session.pid, 'SIGCONT');
    expect(await colour).toMatchObject({ answer: 'blue' });
    expect(await size).toMatchObject({ answer: 'large' });
    await line.api.waitFor(() => line.owner.messages().some(({ text }) => text?.startsWith('Recorded')));
  });

  it('written once answers once: after a crash Telegram brings the text again, and the next question does not get it', async () => {
    const line = await startLine();
    const [first, second] = [await line.start({ label: 'first' }), await line.start({ label: 'second' })];
    const colour = ask(first, 'Which colour?', { options: undefined });
    await openCard(line.api, line.owner, 'Which colour?');
    await line.api.waitFor(() => line.api.polled);
    line.owner.says('blue');
    expect(await colour).toMatchObject({ answer: 'blue' });
    const size = ask(second, 'Which size?', { options: undefined });
    await openCard(line.api, line.owner, 'Which size?');
    await line.api.waitFor(() => line.api.polled && line.api.unconfirmed === 0);
    for (const pid of hubsOf(line)) kill(pid, 'SIGKILL');
    line.api.repeat();
    const again = () => line.owner.messages().filter(({ text }) => text === 'Recorded for first.');
    await line.api.waitFor(() => again().length === 2);
    line.owner.says('large');
    expect(await size).toMatchObject({ answer: 'large' });
  });
});

describe('ten questions', () => {
  it('asked at once while no hub runs are all shown, and each gets its own answer', async () => {
    const line = await startLine();
    const session = await line.start();
    await hubLogged(line.place.home, /polling Telegram/);
    for (const pid of hubsOf(line)) kill(pid, 'SIGKILL');
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    const asked = numbers.map((n) => ask(session, `Question ${n}?`, { options: [`yes ${n}`, `no ${n}`] }));
    const pressed = new Set<string>();
    while (pressed.size < numbers.length) {
      const offer = await line.api.waitFor(() => next(pressed));
      line.owner.presses(offer.message, { data: offer.data });
      if (offer.verb === 'answer') pressed.add(offer.question ?? '');
      else await line.api.waitFor(() => offers(line.owner).some((each) => isAnswerTo(each, offer.question)));
    }
    expect((await Promise.all(asked)).map(({ answer }) => answer)).toEqual(numbers.map((n) => `yes ${n}`));

    /** A card on the screen, else an entry of the list. */
    function next(done: ReadonlySet<string>) {
      const open = offers(line.owner).filter(({ question }) => question && !done.has(question));
      return open.find(({ verb, text }) => verb === 'answer' && text.startsWith('yes')) ?? open.find(isListed);
    }
  });
});

describe('a last word', () => {
  it('reaches the person though its session ends at once and no hub runs', async () => {
    const line = await startLine();
    const session = await line.start({ label: 'night job' });
    const id = await session.session();
    await session.call('notify_user', { message: 'All 214 tests pass.' });
    await session.close();
    const notice = await line.api.waitFor(() => line.owner.messages()[0]);
    expect(notice.text).toMatch(/night job[\s\S]*All 214 tests pass\./);
    await hubLogged(line.place.home, /session archived/);
    expect(() => recordsOf(session, id)).toThrow(/ENOENT/);
    expect(line.owner.messages()).toHaveLength(1);
  });
});

const isListed = ({ verb }: { verb: string }): boolean => verb === 'open';

function isAnswerTo({ verb, question }: { verb: string; question: string | null }, wanted: string | null): boolean {
  return verb === 'answer' && question === wanted;
}

/** The file as it would be had the machine been off since an hour before it was started. */
function makeOfEarlierBoot(path: string): void {
  const wroteAt = new Date(Date.now() - uptime() * 1_000 - 3_600_000).toISOString();
  const text = readFileSync(path, 'utf8').replace(/"timestamp":"[^"]*"/g, `"timestamp":"${wroteAt}"`);
  writeFileSync(path, text.replace(/"boot_id":"[^"]*"/, '"boot_id":"5b0e9f1c-0000-4000-8000-000000000000"'));
}

/** Gone, or a zombie that nobody has fetched yet. */
function isDead(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
