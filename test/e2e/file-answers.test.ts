import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { openCard } from '../support/phone.ts';
import { archivedPath } from '../support/store-places.ts';
import { kill, until } from '../support/switchboard.ts';

interface Asked {
  readonly answer?: string;
  readonly files?: readonly { readonly path: string; readonly name: string; readonly bytes: number }[];
}

// Stands for a speech recogniser: prints what lies in the file, and whether it can see the token.
const TRANSCRIBER = [
  process.execPath,
  '-e',
  'console.log(require("node:fs").readFileSync(process.argv.at(-1), "utf8"), "TELEGRAM_BOT_TOKEN" in process.env)',
];

describe('a file as an answer', () => {
  it('reaches the asking session as an absolute path beside its session file, and moves to the archive with it', async () => {
    const { api, owner, start } = await startLine();
    await start({ label: 'witness' });
    const session = await start({ label: 'checkout' });
    const id = await session.session();
    const asking = session.call('ask_blocking_question', { question: 'How shall it look?' });
    const card = await openCard(api, owner, 'How shall it look?');
    owner.sends(
      { document: { ...api.file('a drawing'), file_name: '../../Skizze für 1.txt' }, caption: 'like this' },
      { replyTo: card },
    );
    const result = await asking;
    const { answer, files } = result.structuredContent as Asked;
    expect(answer).toBe('like this');
    expect(files).toMatchObject([{ name: '../../Skizze für 1.txt', bytes: 9 }]);
    const path = files?.[0]?.path ?? '';
    expect(dirname(path)).toBe(join(session.sessionsDirectory, id, 'files'));
    expect(readFileSync(path, 'utf8')).toBe('a drawing');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(result.content)).toContain(basename(path));
    kill(session.pid, 'SIGKILL');
    await until(
      () => existsSync(archivedPath(session.sessionsDirectory, join(id, 'files', basename(path)))),
      () => `the file in the archive; there is ${readdirSync(session.sessionsDirectory, { recursive: true })}`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it('that is spoken is transcribed by the configured program, which does not see the token', async () => {
    const { api, owner, env, start } = await startLine();
    env.TRANSCRIBE_COMMAND = JSON.stringify(TRANSCRIBER);
    const session = await start();
    const asking = session.call('ask_blocking_question', { question: 'What do you say?' });
    const card = await openCard(api, owner, 'What do you say?');
    owner.sends({ voice: { ...api.file('ship it'), duration: 1, mime_type: 'audio/ogg' } }, { replyTo: card });
    const { answer, files } = (await asking).structuredContent as Asked;
    expect(answer).toBe('ship it false');
    expect(files).toMatchObject([{ name: 'voice.oga' }]);
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('I heard: “ship it false”')));
  });

  it('that is spoken and cannot be transcribed is handed over as a file, and the person is told', async () => {
    const { api, owner, env, start } = await startLine();
    env.TRANSCRIBE_COMMAND = '/nowhere/whisper --quiet';
    const session = await start();
    const asking = session.call('ask_blocking_question', { question: 'What do you say?' });
    const card = await openCard(api, owner, 'What do you say?');
    owner.sends({ voice: { ...api.file('ship it'), duration: 1 } }, { replyTo: card });
    const { answer, files } = (await asking).structuredContent as Asked;
    expect(answer).toBe('See the attached file: voice.oga');
    expect(files).toHaveLength(1);
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('could not be transcribed')));
  });
});
