import { describe, expect, it } from 'vitest';
import { ann, api, bob, desk, line, lineForEachTest } from '../support/telegram-line.ts';

const CODE = 'p_MDEyMzQ1Njc4OWFiY2RlZg';
const WRONG = 'p_AAAAAAAAAAAAAAAAAAAAAA';

lineForEachTest();

describe('the link of a pairing code', () => {
  it('makes an owner of the first who opens it, who is welcomed, heard from then on, and offered the commands', async () => {
    desk.owners.clear();
    desk.code = CODE;
    const channel = line.start();
    await api.waitFor(() => channel.health().detail.includes('nobody is heard until `switchboard pair`'));
    // Nobody is there to see a question.
    expect(channel.health().ok).toBe(false);
    bob.says('/pending');
    await line.seen('answers to its owner only', bob);
    bob.says(`/start ${CODE}`);
    await line.seen('Welcome, Bob. You are an owner of this bot now', bob);
    expect(channel.health().detail).toBe('Connected as @switchboard_test_bot');
    await api.waitFor(() => api.commands.has('8'));
    bob.says('/pending');
    await line.seen('No question is waiting', bob);
    ann.says(`/start ${CODE}`);
    await line.seen('This link is not good any more');
    expect([...desk.owners]).toEqual(['8']);
  });

  it('is good in a private chat only: in a group it is not even looked at', async () => {
    api.group(-100, 'Somewhere', { privacy: false });
    desk.code = CODE;
    line.start();
    bob.says(`/start ${CODE}`, { chat: -100 });
    bob.says(`/start@switchboard_test_bot ${CODE}`, { chat: -100 });
    await line.seen('answers to its owner only', bob, -100);
    expect(desk.code).toBe(CODE);
    bob.says(`/start ${CODE}`, { as: { id: -5, type: 'supergroup', title: 'Team' } });
    await line.seen('answers to its owner only', bob);
    expect([...desk.owners]).toEqual(['7']);
  });

  it('in an edited message is no code', async () => {
    desk.code = CODE;
    line.start();
    const said = bob.says('hello');
    await line.seen('answers to its owner only', bob);
    bob.edits(said, `/start ${CODE}`);
    ann.says('/help');
    await line.seen('just write');
    expect([...desk.owners]).toEqual(['7']);
  });

  it('with a wrong code is refused once; a stranger cannot make the bot write without end', async () => {
    desk.code = CODE;
    line.start();
    for (let n = 0; n < 5; n += 1) bob.says(`/start ${WRONG}`);
    await line.seen('This link is not good any more', bob);
    ann.says('/help');
    await line.seen('just write');
    expect(bob.messages()).toHaveLength(1);
    bob.says(`/start ${CODE}`);
    await line.seen('Welcome, Bob', bob);
  });

  it('opened by an owner says so and uses nothing up', async () => {
    desk.code = CODE;
    line.start();
    ann.says(`/start ${CODE}`);
    await line.seen('You are an owner of this bot already');
    expect(desk.code).toBe(CODE);
  });
});
