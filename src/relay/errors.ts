import { SwitchboardError } from '../domain/errors.ts';

/** A card could not be shown or settled. `permanent`: trying again cannot help (e.g. the person blocked the bot). */
export class ChannelError extends SwitchboardError {
  override readonly name = 'ChannelError';
  readonly code = 'CHANNEL';
  readonly permanent: boolean;
  constructor(message: string, facts: { permanent: boolean }, options?: ErrorOptions) {
    super(message, options);
    this.permanent = facts.permanent;
  }
}
