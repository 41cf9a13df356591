import { expect, it } from 'vitest';
import type { QuestionId } from '../../src/domain/ids.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { hubLogged, runSwitchboard, until } from '../support/switchboard.ts';

it('an answer typed in a terminal reaches the Claude Code instance that waits for it, and status follows', async () => {
  const place = mcpPlace();
  const options = { home: place.home };
  const [asker, other] = [await startMcp(place), await startMcp(place)];
  const asked = asker.call('ask_blocking_question', { question: 'Which name?', label: 'payments' });
  const otherAsked = other.call('ask_blocking_question', { question: 'Which colour?' });
  const questions = async (): Promise<{ question_id: string; question: string }[]> =>
    JSON.parse((await runSwitchboard(['status', '--json'], options)).stdout).questions;
  await until(
    async () => (await questions()).length === 2,
    () => 'two open questions',
  );
  const { question_id = '' } = (await questions()).find(({ question }) => question === 'Which name?') ?? {};
  const { code, stdout } = await runSwitchboard(['answer', question_id, 'Ada'], options);
  expect([code, stdout]).toEqual([0, 'Recorded "Ada" for payments; Claude gets it now.\n']);
  expect((await asked).structuredContent).toMatchObject({ question_id, status: 'answered', answer: 'Ada' });
  await hubLogged(place.home, /hub started/);
  const { stdout: status } = await runSwitchboard(['status'], options);
  expect(status).toMatch(/^Hub: pid \d+, version .+, running for /);
  expect(status).toContain('Live sessions (2)');
  expect(status).toContain('Open questions (1)');
  expect(status).toContain('Which colour?');
  const [left] = await questions();
  await runSwitchboard(['answer', left?.question_id ?? '', 'blue'], options);
  expect((await otherAsked).structuredContent).toMatchObject({ answer: 'blue' });
  const session = await asker.session();
  // Written after Claude has the answer.
  await place.hub.until(session, (state) => state.questions.get(question_id as QuestionId)?.deliveredAt);
  const log = await runSwitchboard(['log', session], options);
  expect(log.stdout).toMatch(/asked .*Which name\?[\s\S]*answered .*Ada \(.+, terminal\)[\s\S]*delivered /);
});
