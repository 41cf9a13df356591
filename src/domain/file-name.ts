// What may not stand in a file's name on one system or another, and what makes a name look like another one: path
// separators, wildcards, control characters, marks that turn the direction of text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go.
const FORBIDDEN = /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
// Devices on Windows, with any ending.
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
// File systems end names at 255 bytes; room is left for what is put before or after.
const NAME_BYTES_MAX = 120;
const ENDING = /\.[\p{L}\p{N}]{1,12}$/u;
const TAG = /^[0-9a-z]{1,16}$/;

/** A name that can be a file's name on every system and leads nowhere else; one that is safe already stays as it is. */
export function safeFileName(given: string): string {
  const { stem, ending } = partsOf(given, NAME_BYTES_MAX);
  return `${stem}${ending}`;
}

/**
 * The same with a tag before its ending, e.g. `plan-3f2a91c0.pdf`, so that two files of one name lie side by side.
 * `tag`: lower case letters and digits, at most 16.
 */
export function taggedFileName(given: string, tag: string): string {
  if (!TAG.test(tag)) throw new TypeError(`${JSON.stringify(tag)} cannot tag a file's name.`);
  const { stem, ending } = partsOf(given, NAME_BYTES_MAX - tag.length - 1);
  return `${stem}-${tag}${ending}`;
}

function partsOf(given: string, bytesMax: number): { stem: string; ending: string } {
  const name = tidy(given.toWellFormed().normalize('NFC').replace(FORBIDDEN, '_').replace(/\s/gu, '_'));
  const ending = ENDING.exec(name)?.[0] ?? '';
  const bare = ending === name ? '' : name.slice(0, name.length - ending.length);
  const stem = tidy(cut(bare, bytesMax - Buffer.byteLength(ending) - 1)) || 'file';
  return { stem: RESERVED.test(`${stem}${ending}`) ? `_${stem}` : stem, ending };
}

/** A dot in front hides a file; one at the end is lost on Windows. */
function tidy(name: string): string {
  return name.replace(/^\.+/, '').replace(/\.+$/, '');
}

/** The beginning of a text, in whole characters. */
function cut(text: string, bytesMax: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
