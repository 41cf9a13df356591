import { describe, expect, it } from 'vitest';
import { permissionOptions } from '../../src/domain/permission.ts';
import type { Card, Channel } from '../../src/relay/channel.ts';
import type { MemoryDesk } from '../support/memory-desk.ts';
import { until } from '../support/switchboard.ts';

/** A channel that runs over its real transport, and a person at the other end of it. */
export interface ChannelStage {
  readonly channel: Channel;
  readonly desk: MemoryDesk;
  /** Resolves once the person sees this text somewhere, anywhere. */
  sees(text: string): Promise<void>;
  /** Answers the question with this option, as people do there, and resolves with what the person is told. */
  chooses(card: Card, option: string): Promise<string>;
  /** Says yes again to what is dangerous, as people do there once they see all of it, and resolves with what they are told. */
  confirms(card: Card, option: string): Promise<string>;
  /** Ends the channel. */
  stop(): Promise<void>;
}

/** What the relay may expect of every channel. */
export function channelContract(name: string, makeStage: () => Promise<ChannelStage>): void {
  describe(`the ${name} channel`, () => {
    const OPTIONS = { options: [{ label: 'Blue' }, { label: 'Green' }] };

    it('has a name, chats and a state of health that says since when', async () => {
      const { channel } = await makeStage();
      await until(
        () => channel.health().ok,
        () => `health of ${JSON.stringify(channel.health())}`,
      );
      expect(channel.name).toBe(name);
      expect(channel.chats().length).toBeGreaterThan(0);
      expect(channel.health()).toMatchObject({
        detail: expect.stringMatching(/\S/),
        since: expect.stringMatching(/Z$/),
      });
    });

    it('shows a question where somebody sees it, under a ref of its own in every chat', async () => {
      const { desk, sees } = await makeStage();
      const [first, second] = [await desk.ask('Which colour?', OPTIONS), await desk.ask('Which size?')];
      await Promise.all([sees('Which colour?'), sees('Which size?')]);
      const refs = [first, second].flatMap(({ question_id }) => [...desk.refs(question_id).values()]);
      expect(new Set(refs).size).toBe(refs.length);
    });

    it('brings an answer with who gave it, and tells them what became of it', async () => {
      const { channel, desk, chooses } = await makeStage();
      const card = await desk.ask('Which colour?', OPTIONS);
      expect(await chooses(card, 'Green')).toContain('Recorded');
      expect(desk.answers).toMatchObject([
        { question_id: card.question_id, person: { channel: channel.name, id: '7' } },
      ]);
      expect(desk.card(card.question_id)?.state).toMatchObject({ status: 'answered', answer: 'Green' });
    });

    it('says so to who comes too late, and changes nothing', async () => {
      const { desk, chooses, sees } = await makeStage();
      const card = await desk.ask('Which colour?', OPTIONS);
      await sees('Which colour?');
      desk.mishaps.push({
        verdict: 'already_answered',
        card: {
          ...card,
          state: {
            status: 'answered',
            answer: 'Blue',
            answered_by: { channel: 'elsewhere', id: '1', name: 'Grace' },
            answered_at: new Date().toISOString(),
            delivered: true,
          },
        },
      });
      expect(await chooses(card, 'Green')).toBe('Answered already by Grace (elsewhere): “Blue”.');
      expect(desk.answers).toEqual([]);
    });

    it('asks twice for what is dangerous, the second time with all of it in sight', async () => {
      const { desk, chooses, confirms, sees } = await makeStage();
      const card = await desk.ask('May I run a command?', {
        kind: 'permission',
        context: 'rm -rf build',
        options: permissionOptions(undefined),
        permission: { tool: 'Bash', input_hash: '', cwd: '/', dangers: ['Deletes a directory.'] },
      });
      expect(await chooses(card, 'Allow once')).toContain('This is dangerous');
      expect(desk.answers).toEqual([]);
      await Promise.all([sees('Deletes a directory.'), sees('rm -rf build')]);
      expect(await confirms(card, 'Allow once')).toContain('Recorded');
      expect(desk.answers).toMatchObject([{ confirmed: true, given: { options: [0] } }]);
      await sees('Allowed once');
    });

    it('settles a card however it ended, more than once, and resolves', async () => {
      const { desk, sees } = await makeStage();
      const card = await desk.ask('Which colour?', OPTIONS);
      await sees('Which colour?');
      const answered_by = { channel: 'elsewhere', id: '1', name: 'Grace' };
      const at = new Date().toISOString();
      await desk.end(card.question_id, {
        status: 'answered',
        answer: 'A shade of blue',
        answered_by,
        answered_at: at,
        delivered: false,
      });
      await sees('A shade of blue');
      await desk.deliver(card.question_id);
      const other = await desk.ask('Which size?');
      await desk.end(other.question_id, { status: 'closed', reason: 'withdrawn', at });
    });

    it('ends when it is told to', async () => {
      const { stop } = await makeStage();
      await stop();
    });
  });
}
