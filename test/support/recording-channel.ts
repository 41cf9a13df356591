import { EventEmitter, once } from 'node:events';
import type { Card, Channel, ChannelHealth, RelayDesk } from '../../src/relay/channel.ts';
import { WAIT_MS_MAX } from './patience.ts';

/** A channel that writes down what it is told, and fails when told to. */
export class RecordingChannel implements Channel {
  readonly name: string;
  readonly shown: { card: Card; chat: string; ref: string }[] = [];
  readonly settled: { ref: string; card: Card }[] = [];
  desk: RelayDesk | null = null;
  /** Thrown by the next calls of `show` or `settle`, one each. */
  readonly showFailures: Error[] = [];
  readonly settleFailures: Error[] = [];
  private readonly chatIds: string[];
  private readonly events = new EventEmitter();

  constructor(name: string, chats: string[]) {
    this.name = name;
    this.chatIds = chats;
  }

  chats(): readonly string[] {
    return this.chatIds;
  }

  addChat(chat: string): void {
    this.chatIds.push(chat);
  }

  async show(card: Card, chat: string): Promise<string> {
    const failure = this.showFailures.shift();
    if (failure) {
      this.events.emit('call');
      throw failure;
    }
    const ref = `${chat}/${this.shown.length + 1}`;
    this.shown.push({ card, chat, ref });
    this.events.emit('call');
    return ref;
  }

  async settle(ref: string, card: Card): Promise<void> {
    const failure = this.settleFailures.shift();
    if (!failure) this.settled.push({ ref, card });
    this.events.emit('call');
    if (failure) throw failure;
  }

  async run(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    this.desk = desk;
    this.events.emit('call');
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  health(): ChannelHealth {
    return { ok: true, detail: 'recording', since: new Date(0).toISOString(), chats: this.chatIds.length };
  }

  /** Resolves as soon as `condition` holds, looking after each call of the channel. */
  async until(condition: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    while (!condition()) await once(this.events, 'call', { signal });
  }
}
