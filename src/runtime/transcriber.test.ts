import { describe, expect, it } from 'vitest';
import { transcriber } from './transcriber.ts';

const options = { environment: { PATH: process.env.PATH }, limitMs: 10_000, signal: new AbortController().signal };
const node = (script: string, more: Partial<typeof options> = {}) =>
  transcriber([process.execPath, '-e', script], { ...options, ...more });

describe('a transcriber', () => {
  it('is run with the path as its last argument, by no shell', async () => {
    const path = '/tmp/a b;$(touch x)`y`.oga';
    expect(await node('process.stdout.write(process.argv.at(-1))')(path)).toBe(path);
  });

  it('sees only the environment that it is given', async () => {
    expect(await node('console.log(Object.keys(process.env).includes("HOME"))')('x')).toBe('false\n');
  });

  it.each([
    ['fails', 'process.exit(3)', 'ended with 3'],
    ['takes too long', 'setInterval(() => {}, 1000)', 'longer than 0.3 s'],
    ['prints absurdly much', 'process.stdout.write("x".repeat(3e6))', 'too much|ERR_CHILD_PROCESS_STDIO_MAXBUFFER'],
  ])('that %s gives no text, and says why', async (_what, script, why) => {
    await expect(node(script, { limitMs: script.includes('Interval') ? 300 : 10_000 })('x')).rejects.toThrow(
      new RegExp(why),
    );
  });

  it('that is not there gives no text', async () => {
    await expect(transcriber(['/nowhere/whisper'], options)('x')).rejects.toThrow('ENOENT');
  });

  it('is ended with the hub', async () => {
    const end = new AbortController();
    const running = node('setInterval(() => {}, 1000)', { signal: end.signal })('x');
    end.abort();
    await expect(running).rejects.toThrow('gave no text');
  });
});
