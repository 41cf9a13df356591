import fc from 'fast-check';
import type { SeenMessage } from './bot-api/chats.ts';

// Updates that no honest act of an owner has caused: forged, misplaced, of other kinds, or no updates at all. A model of
// them is plain data, so that a failing case can be read; `updateOf` makes the update of it.

export const OWNER = 7;
/** Groups the bot was let into, that no setting names. */
export const FOREIGN_GROUP = -555;
export const STRANGER = 8;

// Senders that are not the owner, however much they look like it. Not all are ones that Telegram would send.
const SENDERS: Readonly<Record<string, unknown>> = {
  stranger: { id: STRANGER, is_bot: false, first_name: 'Bob' },
  'stranger with the name of the owner': { id: 666, is_bot: false, first_name: 'Ada', username: 'ada', last_name: '7' },
  'anonymous admin': { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' },
  channel: { id: 136817688, is_bot: true, first_name: 'Channel', username: 'Channel_Bot' },
  telegram: { id: 777000, is_bot: false, first_name: 'Telegram' },
  'bot with the id of the owner': { id: OWNER, is_bot: true, first_name: 'Ada' },
  'id as a text': { id: '7', is_bot: false, first_name: 'Ada' },
  'id in a list': { id: [7], is_bot: false, first_name: 'Ada' },
  'id with a fraction': { id: 7.5, is_bot: false, first_name: 'Ada' },
  'negative id': { id: -7, is_bot: false, first_name: 'Ada' },
  'id beyond all': { id: 2 ** 64, is_bot: false, first_name: '\ud800' },
  'no id': { first_name: 'Ada' },
  nothing: null,
  'no object': 7,
};

// Places where not even the owner is heard.
const FOREIGN_CHATS: Readonly<Record<string, unknown>> = {
  'group of a stranger': { id: FOREIGN_GROUP, type: 'supergroup', title: 'Ours' },
  'chat of a stranger': { id: STRANGER, type: 'private', first_name: 'Bob' },
  'group with the id of the owner': { id: OWNER, type: 'group', title: 'Ada' },
  channel: { id: -1007, type: 'channel', title: 'Ada' },
  'id as a text': { id: '7', type: 'private' },
  'no id': { type: 'private' },
};

// What the owner may bring about in a chat of their own without giving an answer by it.
const NAMES_OF_OWNER: Readonly<Record<string, object>> = {
  'anonymous admin of the group': { sender_chat: { id: -100, type: 'supergroup', title: 'Team' } },
  'in the name of a channel': { sender_chat: { id: -1009, type: 'channel', title: 'Ada says' } },
  'in the name of nobody': { sender_chat: null },
};

const OTHER_KINDS = [
  'channel_post',
  'edited_channel_post',
  'business_message',
  'edited_business_message',
  'business_connection',
  'deleted_business_messages',
  'inline_query',
  'chosen_inline_result',
  'message_reaction',
  'message_reaction_count',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'chat_boost',
  'managed_bot',
  'callback_query_of_tomorrow',
  '__proto__',
  'constructor',
] as const;

const SERVICE: readonly object[] = [
  { migrate_to_chat_id: -1005550000 },
  { migrate_from_chat_id: -100 },
  { new_chat_members: [{ id: 4242, is_bot: true, first_name: 'Switchboard' }] },
  { left_chat_member: { id: 4242, is_bot: true, first_name: 'Switchboard' } },
  { group_chat_created: true },
  { forum_topic_created: { name: 'zqx', icon_color: 0 }, message_thread_id: 5, is_topic_message: true },
  { forum_topic_edited: { name: 'other' } },
  { pinned_message: { message_id: 1, chat: { id: OWNER, type: 'private' }, date: 0 } },
  { successful_payment: { invoice_payload: 'a' } },
  { web_app_data: { data: 'a.b', button_text: 'Yes' } },
  { users_shared: { request_id: 1, user_ids: [OWNER] } },
  { write_access_allowed: {} },
];

/** Which card an update is about, and which of its buttons, by number. */
const aim = fc.record({ card: fc.nat(9), button: fc.nat(9) });
type Aim = { readonly card: number; readonly button: number };

/** Callback data that no button of the bot's has. */
export const junkData = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'a.',
    'a.AAAAAAAAAAAAAAAAAAAAAA',
    'a.AAAAAAAAAAAAAAAAAAAAAA.0',
    'd.AAAAAAAAAAAAAAAAAAAAAA',
    't.../../../../etc/passwd.0',
    'a.__proto__.0',
    'y.AAAAAAAAAAAAAAAAAAAAAA.99999',
    'l.99999999',
    'g.AAAAAAAAAAAAAAAAAAAAAA.1.999999999999999999',
    'answer:0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000:Yes',
    'a'.repeat(5_000),
    '\0\ud800\u202e',
  ),
  fc.string({ unit: 'binary', maxLength: 64 }),
  fc.tuple(fc.constantFrom(...'aymudgwotsxilpz'), fc.base64String({ maxLength: 24 })).map((parts) => parts.join('.')),
);

const junkTexts = fc.oneof(
  fc.constantFrom(
    'Yes',
    '/start',
    '/start q_AAAAAAAAAAAAAAAAAAAAAA',
    `/start ${'A'.repeat(43)}`,
    '/start ../../etc/passwd\0',
    '/pending',
    '/inbox',
    '/status',
    '/sessions',
    '/away',
    '/mute 999999',
    '/cancel',
    '/tell shop stop',
    '/help',
    '\ud800\udfff\ud800',
    '\u202eseY',
    'x'.repeat(100_000),
  ),
  fc.string({ maxLength: 40 }),
);

const entity = fc.record({
  type: fc.constantFrom('bold', 'text_link', 'bot_command', 'text_mention', 'unheard_of'),
  offset: fc.constantFrom(0, -1, 5, 2 ** 31, 1e300, 0.5),
  length: fc.constantFrom(0, -5, 3, 2 ** 53, 1e300),
  url: fc.constantFrom('https://t.me/x?start=q_AAAAAAAAAAAAAAAAAAAAAA', 'javascript:0', 'x'.repeat(9_000)),
});

const sender = fc.constantFrom(...Object.keys(SENDERS));
// Of these none becomes the owner by damage to one field.
const noOwner = fc.constantFrom(...Object.keys(SENDERS).filter((name) => !name.includes('of the owner')));
const chat = fc.constantFrom(...Object.keys(FOREIGN_CHATS));
const junk = fc.constantFrom<unknown>(
  null,
  true,
  12,
  -1.5,
  1e300,
  'x',
  '',
  [],
  [null],
  {},
  { id: {} },
  'y'.repeat(70_000),
);

/** What is hostile about one update. */
export type Hostile =
  | { readonly is: 'press by another'; readonly sender: string; readonly aim: Aim; readonly gone: boolean }
  | { readonly is: 'press elsewhere'; readonly chat: string; readonly aim: Aim; readonly gone: boolean }
  | { readonly is: 'press without a card'; readonly aim: Aim; readonly game: boolean }
  | { readonly is: 'press of no button'; readonly data: unknown; readonly aim: Aim; readonly gone: boolean }
  | {
      readonly is: 'text by another';
      readonly sender: string;
      readonly text: string;
      readonly aim: Aim;
      readonly own: boolean;
      readonly entities: readonly unknown[];
    }
  | { readonly is: 'text elsewhere'; readonly chat: string; readonly text: string; readonly aim: Aim }
  | { readonly is: 'text in another name'; readonly name: string; readonly text: string; readonly aim: Aim }
  | { readonly is: 'edit'; readonly text: string; readonly aim: Aim; readonly caption: boolean }
  | { readonly is: 'file by another'; readonly sender: string; readonly aim: Aim }
  | { readonly is: 'other kind'; readonly kind: string; readonly aim: Aim }
  | { readonly is: 'service'; readonly what: number; readonly own: boolean }
  | { readonly is: 'damaged'; readonly base: Hostile; readonly path: readonly number[]; readonly junk: unknown }
  | { readonly is: 'misnumbered'; readonly base: Hostile; readonly id: unknown }
  | { readonly is: 'no update'; readonly value: unknown };

const gone = fc.boolean();
const byOthers = (from: fc.Arbitrary<string>): fc.Arbitrary<Hostile>[] => [
  fc.record({ is: fc.constant('press by another' as const), sender: from, aim, gone }),
  fc.record({
    is: fc.constant('text by another' as const),
    sender: from,
    text: junkTexts,
    aim,
    own: fc.boolean(),
    entities: fc.array(entity, { maxLength: 3 }),
  }),
  fc.record({ is: fc.constant('file by another' as const), sender: from, aim }),
];

const whole: fc.Arbitrary<Hostile> = fc.oneof(
  ...byOthers(sender),
  fc.record({ is: fc.constant('press elsewhere' as const), chat, aim, gone }),
  fc.record({ is: fc.constant('press without a card' as const), aim, game: fc.boolean() }),
  fc.record({ is: fc.constant('press of no button' as const), data: fc.oneof(junkData, junk), aim, gone }),
  fc.record({ is: fc.constant('text elsewhere' as const), chat, text: junkTexts, aim }),
  fc.record({
    is: fc.constant('text in another name' as const),
    name: fc.constantFrom(...Object.keys(NAMES_OF_OWNER)),
    text: junkTexts,
    aim,
  }),
  fc.record({ is: fc.constant('edit' as const), text: junkTexts, aim, caption: fc.boolean() }),
  fc.record({ is: fc.constant('other kind' as const), kind: fc.constantFrom(...OTHER_KINDS), aim }),
  fc.record({ is: fc.constant('service' as const), what: fc.nat(SERVICE.length - 1), own: fc.boolean() }),
);

/** Any of them. */
export const hostileUpdate: fc.Arbitrary<Hostile> = fc.oneof(
  { weight: 10, arbitrary: whole },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('damaged' as const),
      base: fc.oneof(...byOthers(noOwner)),
      path: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
      junk,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('misnumbered' as const),
      base: whole,
      id: fc.constantFrom<unknown>(undefined, null, -1, -(2 ** 40), 0.5, 2 ** 60, '1001', 0, 1, [], {}),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('no update' as const), value: junk }) },
);

/** What an update is made for. */
export interface Scene {
  /** Cards that the bot has shown, as they look now. */
  readonly cards: readonly SeenMessage[];
  /** Where the owner is heard. */
  readonly chat: { readonly id: number; readonly type: string };
}

let counted = 0;
const next = (): number => {
  counted += 1;
  return counted;
};

/** The update, and the fields of it that only `forge` knows how to send: `numbered` false has an id of its own. */
export function updateOf(hostile: Hostile, scene: Scene): { readonly update: unknown; readonly numbered: boolean } {
  if (hostile.is === 'no update') return { update: hostile.value, numbered: false };
  if (hostile.is === 'misnumbered') {
    return { update: { ...(bodyOf(hostile.base, scene) as object), update_id: hostile.id }, numbered: false };
  }
  return { update: bodyOf(hostile, scene), numbered: true };
}

function bodyOf(hostile: Hostile, scene: Scene): unknown {
  const owner = { id: OWNER, is_bot: false, first_name: 'Ada' };
  switch (hostile.is) {
    case 'press by another':
      return press(scene, hostile, { from: SENDERS[hostile.sender] });
    case 'press elsewhere':
      return press(scene, hostile, { from: owner }, { chat: FOREIGN_CHATS[hostile.chat] });
    case 'press without a card': {
      const { callback_query } = press(scene, hostile, { from: owner });
      const { message: _, data, ...query } = callback_query;
      return {
        callback_query: { ...query, inline_message_id: 'AQ', ...(hostile.game ? { game_short_name: 'a' } : { data }) },
      };
    }
    case 'press of no button':
      return press(scene, hostile, { from: owner, data: hostile.data });
    case 'text by another': {
      const { sender: name, text, own, entities } = hostile;
      const from = SENDERS[name];
      const place = own ? { id: (from as { id?: unknown } | null)?.id, type: 'private' } : scene.chat;
      return { message: { ...message(scene, hostile.aim, { from, text, entities }), chat: place } };
    }
    case 'text elsewhere':
      return {
        message: {
          ...message(scene, hostile.aim, { from: owner, text: hostile.text }),
          chat: FOREIGN_CHATS[hostile.chat],
        },
      };
    case 'text in another name':
      return {
        message: message(scene, hostile.aim, { from: owner, text: hostile.text, ...NAMES_OF_OWNER[hostile.name] }),
      };
    case 'edit': {
      const content = hostile.caption
        ? { caption: hostile.text, document: { file_id: 'F', file_name: 'x' } }
        : { text: hostile.text };
      return { edited_message: { ...message(scene, hostile.aim, { from: owner, ...content }), edit_date: now() } };
    }
    case 'file by another': {
      const document = {
        file_id: 'F',
        file_unique_id: 'U',
        file_name: '../../evil',
        mime_type: 'text/plain',
        file_size: 1,
      };
      return { message: message(scene, hostile.aim, { from: SENDERS[hostile.sender], document, caption: 'Yes' }) };
    }
    case 'other kind': {
      const { callback_query } = press(scene, hostile, { from: owner });
      // JSON has own fields of any name.
      const content = {
        ...message(scene, hostile.aim, { from: owner, text: 'Yes' }),
        ...callback_query,
        user: owner,
        query: '',
      };
      return JSON.parse(`{${JSON.stringify(hostile.kind)}:${JSON.stringify(content)}}`);
    }
    case 'service':
      return {
        message: {
          ...message(
            scene,
            { card: 0, button: 0 },
            { from: hostile.own ? owner : SENDERS.stranger, ...SERVICE[hostile.what] },
          ),
          reply_to_message: undefined,
        },
      };
    case 'damaged':
      return damaged(bodyOf(hostile.base, scene), hostile.path, hostile.junk);
    case 'misnumbered':
      return bodyOf(hostile.base, scene);
    case 'no update':
      return hostile.value;
    default:
      return hostile satisfies never;
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function press(
  { cards }: Scene,
  { aim: { card, button }, gone: isGone = false }: { readonly aim: Aim; readonly gone?: boolean },
  fields: { readonly from: unknown; readonly data?: unknown },
  more: object = {},
) {
  const shown = cards[card % cards.length];
  const buttons = (shown?.reply_markup?.inline_keyboard ?? []).flat();
  const data = buttons[button % Math.max(1, buttons.length)]?.callback_data;
  const there = isGone ? { message_id: shown?.message_id, chat: shown?.chat, date: 0 } : shown;
  return {
    callback_query: { id: `hostile-${next()}`, chat_instance: '1', data, ...fields, message: { ...there, ...more } },
  };
}

/** A message that replies to a card. */
function message({ cards, chat: place }: Scene, { card }: Aim, fields: object): object {
  return {
    message_id: 1_000_000 + next(),
    date: now(),
    chat: place,
    reply_to_message: cards[card % cards.length],
    ...fields,
  };
}

/** A copy with one of its parts replaced: `path` says which, by number. */
function damaged(value: unknown, [at = 0, ...path]: readonly number[], instead: unknown): unknown {
  if (typeof value !== 'object' || value === null) return instead;
  const names = Object.keys(value);
  const name = names[at % Math.max(1, names.length)];
  if (name === undefined) return instead;
  const inner = (value as Record<string, unknown>)[name];
  return { ...value, [name]: path.length === 0 ? instead : damaged(inner, path, instead) };
}
