import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metadataDraft, newQuestion, newSession, questionDraft } from '../../test/support/records.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { eventIdFrom } from '../domain/ids.ts';
import { permissionOptions } from '../domain/permission.ts';
import { TIMINGS } from '../runtime/timings.ts';
import { JsonlStore } from '../store/jsonl/jsonl-store.ts';
import type { GivenFile, Verdict } from './channel.ts';
import { Confirmations } from './confirmations.ts';
import { ChannelError } from './errors.ts';
import type { Transcribe } from './keep-files.ts';
import { takePress } from './take-press.ts';
import { TrackedSession } from './tracked-session.ts';

const person = { channel: 'telegram', id: '7', name: 'Ada' };

function file(name: string, content: string | Error, spoken = false): GivenFile {
  const read = async () => {
    if (content instanceof Error) throw content;
    return Buffer.from(content);
  };
  return { name, spoken, read };
}

interface Wish {
  readonly allow_text?: boolean;
  readonly transcribe?: Transcribe;
  readonly isOver?: () => boolean;
  /** Asks for leave instead. */
  readonly permission?: true;
}

/** A session with a question in a directory of its own, and how to give it files. */
async function arrange(more: Wish = {}) {
  const directory = temporaryDirectory();
  const writer = { role: 'hub', pid: 2 } as const;
  const store = new JsonlStore({ directory, writer, timings: TIMINGS, log: silentLog });
  onTestFinished(() => store.close());
  const [id, question_id] = [newSession(), newQuestion()];
  await store.open(id, metadataDraft(id));
  const question = questionDraft(question_id);
  const { allow_text = true, transcribe } = more;
  await store.append(id, {
    ...question,
    body: {
      ...question.body,
      allow_text,
      options: more.permission ? permissionOptions(undefined) : [{ label: 'Yes' }, { label: 'No' }],
      kind: more.permission ? 'permission' : 'question',
    },
  });
  const session = new TrackedSession(store, id, {
    channels: [],
    name: () => ({ id, title: 'shop', project: 'shop' }),
    undelivered: new Map(),
    isHeld: () => false,
    log: silentLog,
    timings: TIMINGS,
    signal: new AbortController().signal,
    advanced: () => undefined,
    onNews: () => undefined,
    onContext: () => undefined,
  });
  const give = (files: GivenFile[], caption = '', cause = 'a press'): Promise<Verdict> =>
    takePress({ question_id, given: { caption, files }, person, cause: eventIdFrom('test', cause) }, session, {
      directory,
      transcribe,
      log: silentLog,
      now: new Date().toISOString(),
      confirmations: new Confirmations(undefined),
      isOver: more.isOver ?? (() => false),
    });
  const answer = () => session.view.state.questions.get(question_id)?.answer;
  return { directory, id, give, answer, files: join(directory, id, 'files') };
}

describe('files as an answer', () => {
  it('lie beside the session file under safe names, and the record carries their absolute paths', async () => {
    const { give, answer, files } = await arrange();
    const verdict = await give(
      [file('../Größe 1.pdf', 'one'), { ...file('x.jpg', 'two'), mime: 'image/jpeg' }],
      'as drawn',
    );
    expect(verdict.verdict).toBe('recorded');
    const [one, two] = answer()?.files ?? [];
    expect(answer()?.answer).toBe('as drawn');
    expect(one).toMatchObject({ name: '../Größe 1.pdf', bytes: 3 });
    expect(two).toMatchObject({ name: 'x.jpg', bytes: 3, mime: 'image/jpeg' });
    expect(one?.path.startsWith(`${files}/_Größe_1-`)).toBe(true);
    expect(readFileSync(two?.path ?? '', 'utf8')).toBe('two');
    if (process.platform !== 'win32') expect(statSync(one?.path ?? '').mode & 0o777).toBe(0o600);
  });

  it('fetched while the session ended are no answer: nobody would ever have it', async () => {
    let over = false;
    const { give, answer } = await arrange({ isOver: () => over });
    const slow: GivenFile = {
      name: 'a.txt',
      spoken: false,
      read: async () => {
        over = true;
        return Buffer.from('late');
      },
    };
    expect(await give([slow])).toMatchObject({ verdict: 'closed' });
    expect(answer()).toBeUndefined();
  });

  it('of one name do not overwrite each other; the same cause keeps the same file', async () => {
    const { give, answer } = await arrange();
    await give([file('a.txt', '1'), file('a.txt', '2')]);
    const paths = answer()?.files?.map(({ path }) => path) ?? [];
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['1', '2']);
    expect(await give([file('a.txt', '1'), file('a.txt', '2')])).toMatchObject({ verdict: 'recorded' });
    expect(answer()?.files?.map(({ path }) => path)).toEqual(paths);
  });

  it('without a word are named by the answer', async () => {
    const { give, answer } = await arrange();
    await give([file('a.txt', '1'), file('b.txt', '2')]);
    expect(answer()?.answer).toBe('See the attached files: a.txt, b.txt');
  });

  it('with an option as their caption choose it', async () => {
    const { give, answer } = await arrange({ allow_text: false });
    await give([file('a.txt', '1')], 'yes');
    expect(answer()).toMatchObject({ answer: 'Yes', selected: ['Yes'], files: [{ name: 'a.txt' }] });
  });

  it('are not fetched for a question that takes none, nor for one that is answered', async () => {
    const unread = file('a.txt', new Error('was fetched'));
    const closed = await arrange({ allow_text: false });
    expect(await closed.give([unread])).toMatchObject({
      verdict: 'invalid',
      message: expect.stringContaining('not files'),
    });
    const { give } = await arrange();
    await give([file('a.txt', '1')], 'Yes');
    expect((await give([unread], 'No', 'another press')).verdict).toBe('already_answered');
  });

  it('are not fetched when their caption would allow something: only a press does', async () => {
    const { give, answer } = await arrange({ permission: true });
    const verdict = await give([file('a.txt', new Error('was fetched'))], 'Allow once');
    expect(verdict).toMatchObject({ verdict: 'invalid', message: expect.stringContaining('Press one of the buttons') });
    expect(answer()).toBeUndefined();
  });

  it('that cannot be fetched are no answer, and it is said why', async () => {
    const { give, answer } = await arrange();
    const gone = new ChannelError('Telegram has the file no more', { permanent: true });
    expect(await give([file('a.txt', '1'), file('b.txt', gone)])).toEqual({ verdict: 'failed', message: gone.message });
    expect(answer()).toBeUndefined();
  });
});

describe('a spoken answer', () => {
  it('is its words when a transcriber is set up, with the file beside', async () => {
    const heard: string[] = [];
    const { give, answer } = await arrange({ transcribe: async (path) => `${heard.push(path)} blue, please\n` });
    expect(await give([file('voice.oga', 'sound', true)])).toMatchObject({
      verdict: 'recorded',
      transcription: 'done',
    });
    expect(answer()).toMatchObject({ answer: '1 blue, please', files: [{ path: heard[0] }] });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no model'))],
    ['prints nothing', () => Promise.resolve(' \n')],
  ])('is a file when the transcriber %s', async (_what, transcribe) => {
    const { give, answer } = await arrange({ transcribe });
    expect(await give([file('voice.oga', 'sound', true)])).toMatchObject({
      verdict: 'recorded',
      transcription: 'failed',
    });
    expect(answer()?.answer).toBe('See the attached file: voice.oga');
  });

  it('allows nothing: what was heard may be wrong, or was said to somebody else', async () => {
    const { give, answer } = await arrange({ permission: true, transcribe: () => Promise.resolve('Allow once') });
    const verdict = await give([file('voice.oga', 'sound', true)]);
    expect(verdict).toMatchObject({ verdict: 'invalid', message: expect.stringContaining('Press one of the buttons') });
    expect(answer()).toBeUndefined();
  });

  it('that is longer than an answer may be is cut, and whole in its file', async () => {
    const { give, answer } = await arrange({ transcribe: () => Promise.resolve('😀'.repeat(9_000)) });
    await give([file('voice.oga', 'sound', true)], 'b');
    expect(answer()?.answer.length).toBeLessThanOrEqual(8_000);
    expect(answer()?.answer).toMatch(/^b\n(😀)+…$/u);
  });
});
