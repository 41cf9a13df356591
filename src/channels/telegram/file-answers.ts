import { setTimeout as delay } from 'node:timers/promises';
import { fmt } from 'telegraf/format';
import type { EventId, QuestionId } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import type { GivenFile, Verdict } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Timings } from '../../runtime/timings.ts';
import { encodeAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import type { IncomingMessage, IncomingPress } from './incoming.ts';
import type { IncomingFile } from './incoming-file.ts';
import { button } from './options-keyboard.ts';
import { URGENCY } from './outbox.ts';
import type { Floor } from './presses.ts';
import { RecentMap } from './recent-map.ts';
import { BUTTONS, endedWords, verdictWords, WORDS } from './words.ts';

/** Telegram hands bots no larger files. */
const FILE_BYTES_MAX = 20 * 1024 * 1024;
const REMEMBERED_MAX = 500;

/** One message with a file. */
interface Part {
  readonly messageId: number;
  readonly file: IncomingFile;
  readonly caption: string;
}

/** What is one answer: a file, or all files of an album. */
interface Parcel {
  readonly parts: Part[];
  /** Since when the next file of an album is waited for, in milliseconds of the monotonic clock; 0: it is alone. */
  lastPartAt: number;
  /** Recorded, or being recorded: what comes now comes too late. */
  closed: boolean;
}

/** The message that says what becomes of a parcel; null when it could not be sent. */
interface Notice {
  readonly chat: string;
  readonly messageId: number | null;
  readonly person: Person;
  readonly cause: EventId;
}

/**
 * Files as answers. Fetching them takes its time, and Telegram must not wait for it with everything else: so the bot
 * first replies to the file with a message that can start it all again, and only then lets go of the update. What a
 * killed hub has not recorded is found again by that message's button.
 */
export class FileAnswers {
  readonly #floor: Floor;
  readonly #albumMs: number;
  /** Albums come as a message a file; the first one decides which question they are for. */
  readonly #albums = new RecentMap<string, Parcel>(REMEMBERED_MAX);
  readonly #underway = new Set<string>();
  /** Messages of the bot whose parcel was recorded: a press that comes after that is for no other question. */
  readonly #used = new RecentMap<string, true>(REMEMBERED_MAX);

  constructor(floor: Floor, { telegramAlbum }: Pick<Timings, 'telegramAlbum'>) {
    this.#floor = floor;
    this.#albumMs = telegramAlbum;
  }

  /** What is wrong with a file before it is known what it is for; null: nothing. */
  refusal({ file, chat, album }: IncomingMessage): string | null {
    if (!file) return WORDS.fileGone;
    if ((file.bytes ?? 0) > FILE_BYTES_MAX) return WORDS.fileTooBig(file.name);
    return album !== null && this.#albums.get(`${chat}:${album}`)?.closed ? WORDS.albumOver : null;
  }

  /** Takes a further file of an album that is in hand; false when this one is the first, or alone. */
  joins(message: IncomingMessage): boolean {
    const known = message.album === null ? undefined : this.#albums.get(`${message.chat}:${message.album}`);
    if (!known) {
      this.#parcelOf(message);
      return false;
    }
    add(known, message);
    return true;
  }

  /** Records a file, and those of its album that follow, as the answer to a question. Resolves once it is safe. */
  async take(message: IncomingMessage, question: QuestionId): Promise<void> {
    const { desk, messenger, said, inBackground } = this.#floor;
    const { chat, person, cause } = message;
    const parcel = this.#parcelOf(message);
    const card = desk.card(question);
    const over = card ? endedWords(card) : '';
    if (over !== '' && !(card?.state.status === 'closed' && card.state.reason === 'expired')) {
      return said(messenger.reply(message, [{ text: fmt(over) }]));
    }
    const sent = messenger.reply(message, [this.#taking(question)]);
    inBackground(
      sent
        .then(([id]) => id ?? null)
        .catch(() => null)
        .then((id) => {
          // Until then Telegram has brought nothing more: what follows of an album comes after it, however long it took.
          if (parcel.lastPartAt > 0) parcel.lastPartAt = performance.now();
          return this.#record({ chat, messageId: id, person, cause }, question, parcel);
        }),
    );
    await said(sent);
  }

  /** Takes a press that says which question a held file is for, or that starts again what came to no end. */
  assign(press: IncomingPress, question: QuestionId): void {
    const { messenger, inBackground } = this.#floor;
    const { chat, messageId, person, cause, pressId, repliedTo } = press;
    if (this.#underway.has(keyOf(press))) return void messenger.answerPress(pressId, WORDS.filesUnderway, false);
    if (this.#used.get(keyOf(press))) return void messenger.answerPress(pressId, WORDS.alreadyAssigned, true);
    const parcel = repliedTo && this.#parcelAgain(chat, repliedTo);
    if (!parcel) {
      void messenger.answerPress(pressId, WORDS.albumForgotten, true);
      inBackground(messenger.edit(chat, messageId, { text: fmt(WORDS.albumForgotten) }, URGENCY.reply));
      return;
    }
    void messenger.answerPress(pressId, '', false);
    inBackground(messenger.edit(chat, messageId, this.#taking(question), URGENCY.reply));
    inBackground(this.#record({ chat, messageId, person, cause }, question, parcel));
  }

  async #record(notice: Notice, question_id: QuestionId, parcel: Parcel): Promise<void> {
    const { chosen, prompts } = this.#floor;
    const { chat, person } = notice;
    this.#underway.add(keyOf(notice));
    try {
      await this.#wholeOf(parcel);
      parcel.closed = true;
      const verdict = await this.#answer(notice, question_id, parcel);
      parcel.closed = verdict.verdict !== 'failed';
      if (verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late') {
        this.#used.set(keyOf(notice), true);
        chosen.forget(chat, person.id, question_id);
        prompts.forget(chat, person.id);
      }
      await this.#tell(notice, verdictWords(verdict), parcel.closed ? null : question_id);
    } catch (error) {
      parcel.closed = false;
      await this.#tell(notice, WORDS.gaveUp, question_id);
      throw error;
    } finally {
      this.#underway.delete(keyOf(notice));
    }
  }

  #answer(notice: Notice, question_id: QuestionId, { parts }: Parcel): Promise<Verdict> {
    const { person, cause } = notice;
    const inOrder = [...parts].sort((a, b) => a.messageId - b.messageId);
    const caption = inOrder.flatMap((part) => (part.caption === '' ? [] : [part.caption])).join('\n');
    const files = inOrder.map(({ file }) => this.#given(file));
    return this.#floor.desk.answer({ question_id, given: { caption, files }, person, cause });
  }

  #given({ fileId, name, mime, spoken }: IncomingFile): GivenFile {
    const read = async (): Promise<Uint8Array> => {
      try {
        return await this.#floor.messenger.fetchFile(fileId, FILE_BYTES_MAX);
      } catch (error) {
        if (!(error instanceof ChannelError && error.permanent)) throw error;
        const words = /too big/i.test(error.message) ? WORDS.fileTooBig(name) : WORDS.fileGone;
        throw new ChannelError(words, { permanent: true }, { cause: error });
      }
    };
    return { name, mime, spoken, read };
  }

  /** Says what became of a parcel; `again`: the question for which it may be tried once more. */
  async #tell({ chat, messageId }: Notice, words: string, again: QuestionId | null): Promise<void> {
    if (messageId === null) return;
    const buttons = again === null ? {} : { buttons: againButton(again) };
    await this.#floor.messenger.edit(chat, messageId, { text: fmt(words), ...buttons }, URGENCY.reply);
  }

  #taking(question: QuestionId): Outgoing {
    const title = this.#floor.desk.card(question)?.session.title ?? null;
    return { text: fmt(WORDS.takingFiles(title)), buttons: againButton(question) };
  }

  /** Telegram does not say how many files an album has: it is whole when no more came for a moment. */
  async #wholeOf(parcel: Parcel): Promise<void> {
    for (;;) {
      const wait = parcel.lastPartAt + this.#albumMs - performance.now();
      if (parcel.lastPartAt === 0 || wait <= 0) return;
      await delay(wait, undefined, { ref: false });
    }
  }

  /** The parcel that a message belongs to; one that begins an album is remembered for those that follow. */
  #parcelOf(message: IncomingMessage): Parcel {
    const key = `${message.chat}:${message.album}`;
    const known = message.album === null ? undefined : this.#albums.get(key);
    if (known) return known;
    const parcel: Parcel = { parts: [], lastPartAt: 0, closed: false };
    add(parcel, message);
    if (message.album !== null) this.#albums.set(key, parcel);
    return parcel;
  }

  /** The parcel that a message of the bot replies to; null for an album whose other files nobody remembers. */
  #parcelAgain(chat: string, { messageId, file, text, album }: NonNullable<IncomingPress['repliedTo']>): Parcel | null {
    if (album !== null) return this.#albums.get(`${chat}:${album}`) ?? null;
    return file && { parts: [{ messageId, file, caption: text ?? '' }], lastPartAt: 0, closed: false };
  }
}

/** The same message may come twice. */
function add(parcel: Parcel, { messageId, file, text: caption, album }: IncomingMessage): void {
  if (!file || parcel.parts.some((part) => part.messageId === messageId)) return;
  parcel.parts.push({ messageId, file, caption });
  if (album !== null) parcel.lastPartAt = performance.now();
}

function againButton(question: QuestionId): NonNullable<Outgoing['buttons']> {
  return { inline_keyboard: [[button(BUTTONS.again, encodeAction({ verb: 'assign', question }))]] };
}

function keyOf({ chat, messageId }: { readonly chat: string; readonly messageId: number | null }): string {
  return `${chat}:${messageId}`;
}
