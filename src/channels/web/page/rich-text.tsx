// What sessions write is text and stays text: the only markup that is understood is code, and it becomes elements.

/** A text with its line breaks, code blocks and inline code. */
export function RichText({ text }: { text: string }) {
  return (
    <>
      {blocksOf(text).map(({ code, words }, index) =>
        code ? (
          <pre key={index}>
            <code>{words}</code>
          </pre>
        ) : (
          <p key={index}>{withInlineCode(words)}</p>
        ),
      )}
    </>
  );
}

interface Block {
  readonly code: boolean;
  readonly words: string;
}

/** Cuts a text at its fences, line by line: a pattern over the whole text could be made to take seconds. */
function blocksOf(text: string): Block[] {
  if (!text.includes('```')) return [{ code: false, words: text }];
  const blocks: Block[] = [];
  let code = false;
  let lines: string[] = [];
  const end = () => {
    const words = lines.join('\n');
    if (code || words.trim() !== '') blocks.push({ code, words: code ? words : words.trim() });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const fence = code ? /^\s*```\s*$/.test(line) : /^\s*```[^`]*$/.test(line);
    if (fence) {
      end();
      code = !code;
    } else lines.push(line);
  }
  end();
  return blocks;
}

function withInlineCode(text: string) {
  if (!text.includes('`')) return text;
  // Every second part is what stood between two backticks.
  return text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part));
}
