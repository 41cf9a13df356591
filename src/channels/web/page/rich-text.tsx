import { textBlocks } from './text-blocks.ts';

// What sessions write is text and stays text: the only markup that is understood is code, and it becomes elements.

interface RichTextProps {
  readonly text: string;
  /** false: what stands between backticks is shown with them, as it is. */
  readonly inline?: boolean;
}

/** A text with its line breaks, code blocks and inline code. */
export function RichText({ text, inline = true }: RichTextProps) {
  return (
    <>
      {textBlocks(text).map(({ code, words }, index) =>
        code ? (
          <pre key={index}>
            <code>{words}</code>
          </pre>
        ) : (
          <p key={index}>{inline ? withInlineCode(words) : words}</p>
        ),
      )}
    </>
  );
}

function withInlineCode(text: string) {
  if (!text.includes('`')) return text;
  // Every second part is what stood between two backticks.
  return text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part));
}
