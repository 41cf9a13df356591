import { describe, expect, it } from 'vitest';
import { nextCard, press, runHook, untilClosed } from '../../../test/support/claude-hooks.ts';
import { type Bench, mcpBench } from '../../../test/support/mcp-bench.ts';

describe("a question of Claude Code's own", () => {
  const COLOR = {
    question: 'Which color?',
    header: 'Color',
    options: [
      { label: 'Red', description: 'like fire' },
      { label: 'Blue', description: 'like sea', preview: 'a { color: blue }' },
    ],
    multiSelect: false,
  };
  const SIZE = {
    question: 'Which sizes?',
    header: 'Size',
    options: [{ label: 'S' }, { label: 'M, L' }],
    multiSelect: true,
  };

  function asks(bench: Bench, ...questions: object[]) {
    return runHook(bench, 'PermissionRequest', { tool_name: 'AskUserQuestion', tool_input: { questions } });
  }

  it('goes to the person, one card after another, and back by its exact words', async () => {
    const bench = await mcpBench();
    const deciding = asks(bench, COLOR, SIZE, { question: 'Name?', header: 'N', options: [] });
    const color = await nextCard(bench, 'Which color?');
    expect(color.record).toMatchObject({
      kind: 'question',
      options: [
        { label: 'Red', description: 'like fire' },
        { label: 'Blue', description: 'like sea' },
      ],
      multi_select: false,
      allow_text: true,
    });
    expect(color.record.context).toBe('Color · question 1 of 3\n\nBlue\n```\na { color: blue }\n```');
    await press(bench, color, 'Blue');
    const sizes = await nextCard(bench, 'Which sizes?');
    expect(sizes.record.multi_select).toBe(true);
    await bench.hub.answer(await bench.session(), sizes.record.id, 'S, M, L', false, ['S', 'M, L']);
    await bench.hub.answer(await bench.session(), (await nextCard(bench, 'Name?')).record.id, 'ask "Bob"');
    const { decision } = (await deciding).hookSpecificOutput ?? {};
    expect(decision).toMatchObject({
      behavior: 'allow',
      updatedInput: { questions: [COLOR, SIZE, { question: 'Name?' }] },
    });
    expect(decision?.updatedInput?.answers).toEqual({
      'Which color?': 'Blue',
      'Which sizes?': 'S, M, L',
      'Name?': 'ask "Bob"',
    });
  });

  it('takes labels that are longer than buttons, and equal ones, back to what they were', async () => {
    const bench = await mcpBench();
    const long = 'x'.repeat(300);
    const options = [{ label: `${long}1` }, { label: `${long}2` }];
    const deciding = asks(bench, { question: 'Long?', header: '', options });
    const card = await nextCard(bench, 'Long?');
    const labels = card.record.options?.map(({ label }) => label) ?? [];
    expect(new Set(labels).size).toBe(2);
    expect(Math.max(...labels.map((label) => label.length))).toBeLessThanOrEqual(200);
    expect(card.record.context).toContain(`${long}2`);
    await press(bench, card, labels[1] ?? '');
    expect((await deciding).hookSpecificOutput?.decision?.updatedInput?.answers).toEqual({ 'Long?': `${long}2` });
  });

  it('is settled when it is answered in the terminal, and asks no further', async () => {
    const bench = await mcpBench();
    const deciding = asks(bench, COLOR, SIZE);
    const card = await nextCard(bench, 'Which color?');
    const tool_input = { questions: [COLOR, SIZE], answers: { 'Which color?': 'Red', 'Which sizes?': 'S' } };
    await runHook(bench, 'PostToolUse', { tool_name: 'AskUserQuestion', tool_input });
    expect(await deciding).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal', answer: 'Red; S' });
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(1);
  });
});
