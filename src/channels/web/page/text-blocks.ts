/** A piece of a text: a block of code, or what stands between two. */
export interface TextBlock {
  readonly code: boolean;
  readonly words: string;
}

/**
 * Cuts a text at its fences. A block of code ends at a fence that is as long as the one it began with, so that shorter
 * ones stay code. Line by line: a pattern over the whole text could be made to take seconds.
 */
export function textBlocks(text: string): TextBlock[] {
  if (!text.includes('```')) return [{ code: false, words: text }];
  const blocks: TextBlock[] = [];
  let fence = '';
  let lines: string[] = [];
  const end = () => {
    const words = lines.join('\n');
    if (fence !== '' || words.trim() !== '')
      blocks.push({ code: fence !== '', words: fence === '' ? words.trim() : words });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const [, ticks = '', rest = ''] = /^\s*(`{3,})([^`]*)$/.exec(line) ?? [];
    const info = rest.trim();
    if (fence === '' ? ticks === '' : ticks.length < fence.length || info !== '') {
      lines.push(line);
      continue;
    }
    end();
    fence = fence === '' ? ticks : '';
    // The name of a language goes without saying; nothing else may hide there.
    if (!/^[\w+#.-]*$/.test(info)) lines.push(info);
  }
  end();
  return blocks;
}
