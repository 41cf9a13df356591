import { badRequest } from './wire.ts';

/** A topic as the server keeps it; its id is that of the message that tells of its creation. */
export interface Topic {
  readonly id: number;
  name: string;
  icon: string | undefined;
  closed: boolean;
}

/** The topics of one forum. */
export class Forum {
  readonly topics = new Map<number, Topic>();
  /** Is the bot an administrator who may manage topics? */
  rights = true;

  /** The topic that a send names; General is not named at all. */
  reach(thread: number): Topic {
    const topic = this.topics.get(thread);
    if (!topic) throw badRequest('message thread not found');
    // Whoever manages topics may write into closed ones.
    if (topic.closed && !this.rights) throw badRequest('TOPIC_CLOSED');
    return topic;
  }
}
