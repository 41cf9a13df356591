import { describe, expect, it } from 'vitest';
import { claudeDesk } from '../support/claude-code.ts';
import { mcpPlace } from '../support/mcp-client.ts';
import { type ModelRequest, says, uses } from '../support/messages-api/scripted-model.ts';
import { openCard, settledCard } from '../support/phone.ts';

const ASK = 'mcp__switchboard__ask_blocking_question';

/** What the tool has told the model. */
function answerIn({ toolResult }: ModelRequest): string {
  return (JSON.parse(toolResult) as { answer: string }).answer;
}

describe('a question of the real Claude Code', () => {
  it('asked by a `claude -p` run gets the answer from the phone as its tool result', async () => {
    const { api, owner, messages, print } = await claudeDesk();
    const model = messages.model(uses(ASK, { question: 'Which port?', options: ['80', '8080'] }), (request) =>
      says(`It is ${answerIn(request)}.`),
    );
    const printed = print('Set up the server.', { model });
    owner.presses(await openCard(api, owner, 'Which port?'), '8080');
    expect(await printed).toMatchObject({ code: 0, stdout: 'It is 8080.\n' });
    await settledCard(api, owner, 'Which port?', 'delivered');
  });

  it('gets its own answer though another instance asks the same at the same time', async () => {
    const { api, owner, messages, print } = await claudeDesk();
    const run = async (label: string, answer: string) => {
      const question = 'Which port?';
      const model = messages.model(
        uses('mcp__switchboard__set_session_label', { label }),
        uses(ASK, { question, options: ['80', '8080'] }),
        (request) => says(`${label}: ${answerIn(request)}`),
      );
      const printed = print('Set up the server.', { model, project: mcpPlace().project });
      const card = await api.waitFor(() =>
        owner.messages().find(({ text, reply_markup }) => text?.includes(label) && reply_markup),
      );
      return { press: () => owner.presses(card, answer), printed };
    };
    const [alpha, beta] = await Promise.all([run('alpha', '80'), run('beta', '8080')]);
    beta.press();
    alpha.press();
    expect((await alpha.printed).stdout).toBe('alpha: 80\n');
    expect((await beta.printed).stdout).toBe('beta: 8080\n');
  });

  it('is withdrawn by Esc in the terminal', async () => {
    const { api, owner, messages, terminal } = await claudeDesk();
    const claude = await terminal({ model: messages.model(uses(ASK, { question: 'Still needed?' })) });
    await claude.prompts('ask me');
    await openCard(api, owner, 'Still needed?');
    claude.presses('Escape');
    await settledCard(api, owner, 'Still needed?', 'Withdrawn');
    await claude.sees(/Interrupted/);
  });

  it('that Claude Code has moved to the background is answered all the same, even when nothing else happens', async () => {
    const { api, owner, messages, terminal } = await claudeDesk();
    const model = messages.model(uses(ASK, { question: 'Take your time?' }), says('I go on meanwhile.'), ({ prompt }) =>
      says(`Late: ${/no hurry/.exec(prompt)}`),
    );
    const claude = await terminal({ model, env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '300' } });
    await claude.prompts('ask me');
    const card = await openCard(api, owner, 'Take your time?');
    await claude.sees(/I go on meanwhile/);
    owner.says('no hurry', { replyTo: card });
    await claude.sees(/Late: no hurry/);
    await settledCard(api, owner, 'Take your time?', 'delivered');
  });
});
