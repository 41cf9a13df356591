import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ann, api, desk, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();

const PATH = '/telegram/api';

/** A reverse proxy that has the Bot API below a path, and nothing elsewhere. */
async function belowAPath(): Promise<string> {
  const server = createServer((request, response) => {
    const { url = '', method, headers } = request;
    if (!url.startsWith(`${PATH}/`)) return void response.writeHead(404).end();
    const onward = forward(`${api.root}${url.slice(PATH.length)}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
}

it('a Bot API server may lie below a path: cards, presses and files go through', async () => {
  line.start({ apiRoot: await belowAPath() });
  const pressed = await desk.ask('Below?', { options: [{ label: 'Yes' }, { label: 'No' }] });
  ann.presses(await line.seen('Below?'), 'Yes');
  await api.waitFor(() => desk.answers.at(-1)?.question_id === pressed.question_id);
  await desk.ask('Which file?');
  ann.sends({ document: { ...api.file('text'), file_name: 'a.txt', mime_type: 'text/plain' } });
  await api.waitFor(() => desk.received.length > 0);
  expect(desk.received).toEqual([{ name: 'a.txt', content: 'text' }]);
});

it('a Bot API server that leads on to another address is not followed, and the log names what to set', async () => {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(308, { location: `https://bot-api.test${url}` }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  line.start({ apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const told = (): string | undefined =>
    line.logged.map((entry) => JSON.stringify(entry)).find((text) => /leads on/.test(text));
  await expect.poll(told).toMatch(/it leads on to https:\/\/bot-api\.test; .*TELEGRAM_API_ROOT/);
  expect(told()).not.toContain(api.token);
});
