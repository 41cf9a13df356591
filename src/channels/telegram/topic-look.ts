import { beginning } from '../../domain/text.ts';
import type { SessionName } from '../../relay/channel.ts';

/** What a topic's icon tells: a question waits, none does, or the session has ended. */
export type Mood = 'open' | 'idle' | 'ended';

/** Telegram's limit for the name of a topic. */
const NAME_CHARS_MAX = 128;

// Any topic may have one of the emoji that Telegram lists for it. Which these are may change: the first one there is taken.
const WANTED: Readonly<Record<Mood, readonly string[]>> = {
  open: ['❓', '❗️', '⁉️'],
  idle: ['🤖', '💻', '💬'],
  ended: ['🏁', '✅', '☕️'],
};

/** What a topic without such an icon gets when it is made: blue. */
export const ICON_COLOR = 0x6fb9f0;

/** The icons that Telegram offers for each mood, as it names them. */
export type Icons = Readonly<Partial<Record<Mood, string>>>;

/** Picks icons from what `getForumTopicIconStickers` has answered. */
export function pickIcons(stickers: readonly { readonly emoji?: string; readonly custom_emoji_id?: string }[]): Icons {
  const ids = new Map(stickers.map(({ emoji = '', custom_emoji_id }) => [bare(emoji), custom_emoji_id]));
  const icons: Partial<Record<Mood, string>> = {};
  for (const mood of ['open', 'idle', 'ended'] as const) {
    const id = WANTED[mood].map((emoji) => ids.get(bare(emoji))).find((found) => found !== undefined);
    if (id !== undefined) icons[mood] = id;
  }
  return icons;
}

/** The name of a session's topic, at most 128 characters. */
export function topicName({ title, id }: SessionName): string {
  return beginning(title.replace(/\s+/gu, ' ').trim() || id, NAME_CHARS_MAX);
}

/** The same emoji comes with and without the mark that asks for colours. */
function bare(emoji: string): string {
  return emoji.replaceAll('\ufe0f', '');
}
