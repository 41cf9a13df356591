import { describe, expect, it } from 'vitest';
import { arrange, ask, openSession, press } from '../../test/support/relay-stage.ts';
import { until } from '../../test/support/switchboard.ts';
import type { Changes } from './channel.ts';

describe('what a relay tells of changes', () => {
  it('are questions that were asked, answered or delivered, and sessions that came; each tick in one call', async () => {
    const { relay, store, session } = arrange();
    const told: Changes[] = [];
    const stop = relay.onChange((changes) => told.push(changes));
    await relay.addStore('/sessions', store);
    const id = await openSession(session, { label: 'shop' });
    const questions = [await ask(session, id), await ask(session, id), await ask(session, id)];
    const toldOf = (): unknown[] => told.flatMap((changes) => [...changes.questions]);
    await until(
      () => questions.every((question) => toldOf().includes(question)),
      () => `three questions among ${JSON.stringify(toldOf())}`,
    );
    expect(told.some(({ sessions }) => sessions)).toBe(true);
    expect(relay.sessions()[0]?.name).toMatchObject({ title: 'shop', project: 'shop', project_dir: '/home/ada/shop' });
    told.length = 0;
    await relay.answer(press(questions[0]!, { text: 'left' }));
    await until(
      () => toldOf().includes(questions[0]),
      () => 'the answered question',
    );
    expect(relay.recent(10).map(({ question_id }) => question_id)).toEqual([questions[0]]);
    stop();
    told.length = 0;
    await relay.answer(press(questions[1]!, { text: 'right' }));
    await until(
      () => relay.inbox().length === 1,
      () => 'one open question',
    );
    expect(told).toEqual([]);
    expect(relay.recent(1).map(({ question_id }) => question_id)).toEqual([questions[1]]);
  });
});
