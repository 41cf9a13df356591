import { describe, expect, it } from 'vitest';
import { MessagesApi } from './messages-api.ts';
import { says, uses } from './scripted-model.ts';

const HEADERS = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };

/** An API that the test closes, and how to speak to its one model. */
async function opened(...turns: Parameters<MessagesApi['model']>) {
  const api = new MessagesApi();
  await api.listen();
  const model = api.model(...turns);
  const post = async (path: string, body: object, headers: Record<string, string> = HEADERS) => {
    const response = await fetch(`${api.baseUrl(model)}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const ask = (messages: object[], more: object = {}) =>
    post('/v1/messages', { model: 'm', max_tokens: 9, messages, ...more });
  return { api, model, post, ask };
}

const hello = { role: 'user', content: 'Hello' };

describe('the stand-in of the Messages API', () => {
  it('plays its turns in order, as a stream or whole, and shows a turn what came before it', async () => {
    const { api, model, ask } = await opened(uses('Read', { path: 'a' }), ({ toolResult }) =>
      says(`read ${toolResult}`),
    );
    const { text } = await ask([hello], { stream: true });
    const events = [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]);
    expect(events).toEqual(
      ['message_start', 'ping', 'content_block_start', 'content_block_delta', 'content_block_stop'].concat([
        'message_delta',
        'message_stop',
      ]),
    );
    expect(text).toContain('"stop_reason":"tool_use"');
    const used = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Read', input: {} }] };
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'A' }] };
    const second = await ask([hello, used, { role: 'system', content: 'between' }, result]);
    expect(JSON.parse(second.text)).toMatchObject({ stop_reason: 'end_turn', content: says('read A') });
    expect([model.requests.length, model.left, api.surprises]).toEqual([2, 0, []]);
    await api.close();
  });

  it.each([
    ['no key', {}, { 'x-api-key': '' }, /x-api-key/],
    ['no version', {}, { 'anthropic-version': '1' }, /anthropic-version/],
    ['no messages', { messages: [] }, {}, /at least one message/],
    ['no limit', { max_tokens: 0 }, {}, /max_tokens/],
    ['the model first', { messages: [{ role: 'assistant', content: 'Hi' }] }, {}, /must use the .+user/],
    ['an empty text', { messages: [{ role: 'user', content: '' }] }, {}, /non-empty/],
    ['a tool twice', { tools: [{ name: 'a' }, { name: 'a' }] }, {}, /unique/],
    ['a bad name of a tool', { tools: [{ name: 'a b' }] }, {}, /does not match/],
    ['a result of nothing', { messages: [toolResult('t1')] }, {}, /unexpected `tool_use_id`/],
    ['a use without result', { messages: [hello, toolUse('t1'), hello] }, {}, /ids without `tool_result`/],
    ['a use at the end', { messages: [hello, toolUse('t1')] }, {}, /ends with a `tool_use`/],
  ])('refuses %s, as the real one, and notes it', async (_, body, headers, words) => {
    const { api, post } = await opened(says('never'));
    const whole = { model: 'm', max_tokens: 9, messages: [hello], ...body };
    const { status, text } = await post('/v1/messages', whole, { ...HEADERS, ...headers });
    expect(status).toBe(400);
    expect(text).toMatch(words);
    expect(api.surprises).toEqual([expect.stringMatching(words)]);
    await api.close();
  });

  it('notes what no script foresees: a turn too many, another path', async () => {
    const { api, ask, post } = await opened();
    expect((await ask([hello])).status).toBe(400);
    expect((await post('/v1/models', {})).status).toBe(404);
    expect((await post('/v1/messages/count_tokens', {})).status).toBe(200);
    expect(api.surprises).toEqual([
      expect.stringMatching(/no turn is left for: Hello/),
      expect.stringMatching(/models/),
    ]);
    await api.close();
  });

  it('gives a conversation beside the main one turns of its own', async () => {
    const { api, model, ask } = await opened(says('main'));
    model.aside(({ prompt }) => prompt.startsWith('SUB'), says('side')).plays(says('main again'));
    const said = async (content: string) => JSON.parse((await ask([{ role: 'user', content }])).text).content[0].text;
    expect([await said('a'), await said('SUB b'), await said('c')]).toEqual(['main', 'side', 'main again']);
    expect(api.surprises).toEqual([]);
    await api.close();
  });
});

function toolUse(id: string): object {
  return { role: 'assistant', content: [{ type: 'tool_use', id, name: 'Read', input: {} }] };
}

function toolResult(id: string): object {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] };
}
