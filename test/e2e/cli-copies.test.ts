import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerProject } from '../../src/runtime/projects.ts';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { runSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { questionLine, writeLiveSession } from '../support/written-log.ts';

describe('a project that was copied while a question waits', () => {
  it('leaves the question with the session that asked it, whichever name comes first', async () => {
    const place = mcpPlace();
    const asker = await startMcp(place);
    const asked = asker.call('ask_blocking_question', { question: 'Which name?' });
    const id = await asker.session();
    const { record } = await place.hub.question(id, 'Which name?');
    // One comes before it in the alphabet, one after it.
    const projects = ['-', '0'].map((ending) => `${place.project}${ending}`);
    onTestFinished(() => {
      for (const project of projects) rmSync(project, { recursive: true, force: true });
    });
    const copies = projects.map((project) => join(project, '.planning/telegram-sessions'));
    for (const copy of copies) {
      cpSync(place.sessionsDirectory, copy, { recursive: true });
      registerProject(place.home, copy);
    }
    const options = { home: place.home };
    const status = JSON.parse((await runSwitchboard(['status', '--json'], options)).stdout);
    expect(status.sessions).toHaveLength(1);
    expect(status.questions).toHaveLength(1);
    expect(await runSwitchboard(['answer', record.id, 'Ada'], options)).toMatchObject({ code: 0 });
    expect((await asked).structuredContent).toMatchObject({ status: 'answered', answer: 'Ada' });
    for (const copy of copies) expect(readFileSync(join(copy, `${id}.jsonl`), 'utf8')).not.toContain('"answer"');
  });
});

describe('a question that two projects claim', () => {
  it('is answered by no command, is told of, and shown twice', async () => {
    const place = mcpPlace();
    const asker = await startMcp(place);
    const asked = await asker.call('ask_blocking_question', { question: 'Deploy?', wait: false });
    const { question_id } = asked.structuredContent as { question_id: string };
    const sessionsDirectory = join(temporaryDirectory(), '.planning/telegram-sessions');
    const forger = writeLiveSession({ home: place.home, sessionsDirectory }, [
      questionLine('Tea?', { id: question_id }),
      questionLine('Milk?', { id: randomUUID() }),
    ]);
    const options = { home: place.home };
    const { questions } = JSON.parse((await runSwitchboard(['status', '--json'], options)).stdout);
    expect(questions.map(({ question }: { question: string }) => question).sort()).toEqual([
      'Deploy?',
      'Milk?',
      'Tea?',
    ]);
    const { code, stderr } = await runSwitchboard(['answer', question_id, 'yes'], options);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Two projects claim this question.*nothing was recorded/);
    expect(stderr).toMatch(/Deploy\?[\s\S]*Tea\?|Tea\?[\s\S]*Deploy\?/);
    expect(recordsOf(asker, await asker.session()).some(({ type }) => type === 'answer')).toBe(false);
    expect(readFileSync(join(sessionsDirectory, `${forger}.jsonl`), 'utf8')).not.toContain('"answer"');
  });
});
