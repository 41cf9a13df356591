import { describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, desk, line, lineForEachTest, openLater } from '../support/telegram-line.ts';

lineForEachTest();

/** A photo in two sizes, as Telegram sends it. */
function photo(content: string): object {
  return {
    photo: [
      { ...api.file('small'), width: 90, height: 60 },
      { ...api.file(content), width: 1280, height: 853 },
      { ...api.file('middle'), width: 320, height: 213 },
    ],
  };
}

const document = (content: string, name: string, facts = {}) => ({
  document: { ...api.file(content, facts), file_name: name, mime_type: 'text/plain' },
});

describe('a file', () => {
  it('answers the only open question: a photo in its largest size, its caption is the text', async () => {
    line.start();
    const { question_id } = await desk.ask('How shall it look?');
    ann.sends({ ...photo('the drawing'), caption: 'like this' });
    await line.settled('Answer: like this');
    await line.seen('Recorded for shop');
    expect(desk.received).toEqual([{ name: 'photo.jpg', content: 'the drawing' }]);
    expect(desk.answers).toMatchObject([{ question_id, given: { caption: 'like this' } }]);
  });

  it.each([
    ['document', { file_name: 'plan.pdf', mime_type: 'application/pdf' }, 'plan.pdf'],
    ['voice', { mime_type: 'audio/ogg', duration: 2 }, 'voice.oga'],
    ['audio', { file_name: 'song.mp3' }, 'song.mp3'],
    ['video', { duration: 3 }, 'video.mp4'],
    ['video_note', { length: 240 }, 'video.mp4'],
    ['animation', {}, 'animation.mp4'],
  ])('may be any kind that Telegram hands out: %s', async (kind, facts, name) => {
    line.start();
    await desk.ask('What?');
    ann.sends({ [kind]: { ...api.file('bytes'), ...facts } });
    await line.seen('Recorded for shop');
    expect(desk.received).toEqual([{ name, content: 'bytes' }]);
  });

  it('as a reply answers the card it replies to, though others are open', async () => {
    line.start();
    const first = await desk.ask('First?', { session: session('one') });
    const card = line.last();
    await desk.ask('Second?', { session: session('two') });
    ann.sends(document('text', 'a.txt'), { replyTo: card });
    await line.seen('Recorded for one.');
    expect(desk.answers).toMatchObject([{ question_id: first.question_id }]);
  });

  it('is held when several are open, and routed by a button, though the hub restarts in between', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    ann.sends({ ...document('text', 'a.txt'), caption: 'here' });
    const asking = await line.seen('Which question is this for?');
    expect(desk.received).toEqual([]);
    await line.restart();
    ann.presses(asking, 'two');
    await line.seen('Recorded for two.');
    expect(desk.received).toEqual([{ name: 'a.txt', content: 'text' }]);
    expect(desk.answers).toMatchObject([{ question_id: second.question_id, given: { caption: 'here' } }]);
    expect(buttonTexts(line.now(asking))).toEqual([]);
  });

  it('that was routed and recorded cannot be routed again', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.sends(document('text', 'a.txt'));
    const asking = await line.seen('Which question is this for?');
    ann.presses(asking, 'one');
    await line.seen('Recorded for one.');
    // The screen of her phone was a moment behind.
    const again = ann.presses(asking, 'two');
    await api.waitFor(() => again.answer);
    expect(again.answer?.text).toContain('used already');
    expect(desk.answers).toHaveLength(1);
  });

  it('that is held can be dropped', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.sends(photo('x'));
    ann.presses(await line.seen('Which question is this for?'), 'Drop it');
    await line.seen('Dropped; nothing was recorded.');
    expect(desk.received).toEqual([]);
  });

  it('that is large keeps nobody waiting: presses are taken while it is fetched', async () => {
    const { opened, open } = openLater();
    line.start();
    const first = await desk.ask('Send it', { session: session('one') });
    const card = line.last();
    const second = await desk.ask('Deploy?', { options: [{ label: 'Yes' }, { label: 'No' }], session: session('two') });
    const deploy = line.last();
    api.fail('download', { kind: 'hold', until: opened });
    ann.sends(document('text', 'a.txt'), { replyTo: card });
    await line.seen('Taking in what you sent for one');
    ann.presses(deploy, 'Yes');
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers[0]?.question_id).toBe(second.question_id);
    open();
    await line.seen('Recorded for one.');
    expect(desk.answers[1]?.question_id).toBe(first.question_id);
  });

  it('that was being fetched when the hub died can be tried again by its button', async () => {
    const { opened, open } = openLater();
    line.start();
    await desk.ask('Send it', { session: session('one') });
    api.fail('download', { kind: 'hold', until: opened });
    ann.sends(document('text', 'a.txt'));
    const taking = await line.seen('Taking in what you sent for one');
    const early = ann.presses(taking, 'Try again');
    await api.waitFor(() => early.answer);
    expect(early.answer?.text).toBe('It is being taken in already.');
    await line.restart();
    open();
    ann.presses(taking, 'Try again');
    await line.seen('Recorded for one.');
    expect(desk.received).toEqual([{ name: 'a.txt', content: 'text' }]);
    expect(desk.answers).toHaveLength(1);
  });

  it('that could not be fetched is not recorded; the person is told and may try again', async () => {
    line.start();
    await desk.ask('Send it', { session: session('one') });
    api.fail('download', { kind: 'status', code: 502 }, 4);
    ann.sends(document('text', 'a.txt'));
    const failed = await line.seen('Could not be recorded, please answer again: Telegram unreachable');
    expect(desk.answers).toEqual([]);
    ann.presses(failed, 'Try again');
    await line.seen('Recorded for one.');
  });

  it('survives a broken connection by itself', async () => {
    line.start();
    await desk.ask('Send it');
    api.fail('download', { kind: 'reset' });
    api.fail('getFile', { kind: 'flood', retryAfter: 1 });
    ann.sends(document('text', 'a.txt'));
    await line.seen('Recorded for shop');
    expect(desk.received).toHaveLength(1);
  });

  it.each([
    ['before it is fetched, when Telegram says its size', true],
    ['when Telegram finds out', false],
  ])('larger than 20 MB is refused in a clear sentence: %s', async (_when, tellsSize) => {
    line.start();
    await desk.ask('Send it');
    ann.sends(document('x', 'film.mov', { size: 21 * 1024 * 1024, tellsSize }));
    await line.seen('film.mov is larger than 20 MB');
    expect(api.calls('getFile')).toHaveLength(tellsSize ? 0 : 1);
    expect(desk.answers).toEqual([]);
  });

  it('to a question that takes only its options is refused before it is fetched', async () => {
    line.start();
    await desk.ask('Deploy?', { options: [{ label: 'Yes' }, { label: 'No' }], allow_text: false });
    desk.mishaps.push({ verdict: 'invalid', message: 'This question takes one of its options, not files.' });
    ann.sends(photo('x'));
    const said = await line.seen('not files');
    expect(buttonTexts(said)).toEqual([]);
    expect(api.calls('getFile')).toEqual([]);
  });

  it('to a question that has ended is told how it ended', async () => {
    line.start();
    const { question_id } = await desk.ask('Deploy?');
    const card = line.last();
    await desk.end(question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    ann.sends(photo('x'), { replyTo: card });
    await line.seen('no longer needs an answer');
    expect(api.calls('getFile')).toEqual([]);
  });

  it('with no question open is said to be recorded nowhere', async () => {
    line.start();
    ann.sends(photo('x'));
    await line.seen('No question is waiting, so nothing was recorded.');
  });

  it('that comes twice is one answer', async () => {
    line.start();
    await desk.ask('Send it');
    ann.sends(photo('x'));
    await line.seen('Recorded for shop');
    await api.waitFor(() => api.unconfirmed === 0);
    api.repeat();
    await api.waitFor(() => api.unconfirmed === 0 && ann.messages().length === 3);
    expect(desk.answers).toHaveLength(1);
  });

  it('of a stranger is not fetched', async () => {
    line.start();
    await desk.ask('Send it');
    line.bob.sends(photo('x'));
    await line.seen('This bot answers to its owner only', line.bob);
    expect(api.calls('getFile')).toEqual([]);
  });

  it('whose caption was edited after it was held is not taken', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    const hers = ann.sends({ ...photo('x'), caption: 'first' });
    const asking = await line.seen('Which question is this for?');
    ann.edits(hers, 'second');
    ann.presses(asking, 'one');
    await api.waitFor(() => line.now(asking).text?.includes('was edited after it was sent'));
    expect(desk.answers).toEqual([]);
  });

  it('leaves the token in no log line and no sentence, whatever goes wrong', async () => {
    line.start();
    await desk.ask('Send it');
    const failed = () => ann.messages().filter(({ text }) => text?.includes('please answer again'));
    for (const fault of [{ kind: 'reset' }, { kind: 'status', code: 404 }, { kind: 'status', code: 500 }] as const) {
      const before = failed().length;
      api.fail('download', fault, fault.kind === 'status' && fault.code === 404 ? 1 : 4);
      ann.sends(photo('x'));
      await api.waitFor(() => failed().length > before);
    }
    const said = [...line.logged.map((entry) => JSON.stringify(entry)), ...ann.messages().map(({ text }) => text)];
    expect(said.join('\n')).not.toContain(api.token.split(':')[1]);
  });
});

describe('an album', () => {
  it('is gathered into one answer, in its order, with its caption', async () => {
    line.start();
    await desk.ask('Which screens?');
    ann.sends({ ...photo('one'), media_group_id: 'g1', caption: 'these' });
    ann.sends({ ...photo('two'), media_group_id: 'g1' });
    ann.sends({ ...photo('three'), media_group_id: 'g1' });
    await line.seen('Recorded for shop');
    expect(desk.received.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
    expect(desk.answers).toMatchObject([{ given: { caption: 'these' } }]);
    expect(ann.messages()).toHaveLength(2);
  });

  it('is whole also when the reply to its first file, which Telegram waits for with the others, takes long', async () => {
    line.start();
    await desk.ask('Which screens?');
    api.fail('sendMessage', { kind: 'delay', ms: 600 });
    for (const content of ['one', 'two', 'three']) ann.sends({ ...photo(content), media_group_id: 'g1' });
    await line.seen('Recorded for shop');
    expect(desk.received.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  });

  it('is held as one, and routed by one button', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.sends({ ...photo('a'), media_group_id: 'g1' });
    ann.sends({ ...photo('b'), media_group_id: 'g1' });
    ann.presses(await line.seen('Which question is this for?'), 'two');
    await line.seen('Recorded for two.');
    expect(desk.received.map(({ content }) => content)).toEqual(['a', 'b']);
  });

  it('that a restarted hub knows in part only is not recorded in part; the person is told', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.sends({ ...photo('a'), media_group_id: 'g1' });
    ann.sends({ ...photo('b'), media_group_id: 'g1' });
    const asking = await line.seen('Which question is this for?');
    await api.waitFor(() => api.unconfirmed === 0);
    await line.restart();
    ann.presses(asking, 'two');
    await line.seen('do not have the whole album any more');
    expect(desk.answers).toEqual([]);
  });

  it('takes no straggler for the answer to another question', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    const card = line.last();
    await desk.ask('Second?', { session: session('two') });
    ann.sends({ ...photo('a'), media_group_id: 'g1' }, { replyTo: card });
    await line.seen('Recorded for one.');
    ann.sends({ ...photo('late'), media_group_id: 'g1' });
    await line.seen('was taken in without it');
    expect(desk.answers).toHaveLength(1);
  });
});

describe('what cannot be an answer', () => {
  it.each([
    ['sticker', 'A sticker'],
    ['location', 'A location'],
    ['venue', 'A place'],
    ['contact', 'A contact'],
    ['poll', 'A poll'],
    ['dice', 'A die'],
    ['story', 'A story'],
  ])('gets one plain sentence: %s', async (kind, words) => {
    line.start();
    await desk.ask('Which name?');
    ann.sends({ [kind]: {}, ...(kind === 'venue' ? { location: {} } : {}) });
    await line.seen(`${words} cannot be an answer; nothing was recorded.`);
    expect(desk.answers).toEqual([]);
  });

  it('leaves service messages without a word', async () => {
    line.start();
    await desk.ask('Which name?');
    ann.sends({ pinned_message: {} });
    ann.says('name');
    await line.seen('Recorded for shop');
    expect(ann.messages()).toHaveLength(2);
  });
});
