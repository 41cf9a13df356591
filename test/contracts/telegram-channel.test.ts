import { telegramLine } from '../support/telegram-line.ts';
import { channelContract } from './channel-contract.ts';

channelContract('telegram', async () => {
  const line = await telegramLine();
  const channel = line.start();
  return {
    channel,
    desk: line.desk,
    sees: async (text) => void (await line.seen(text)),
    chooses: async (card, option) => {
      const press = line.ann.presses(await line.seen(card.question), option);
      return (await line.api.waitFor(() => press.answer))?.text ?? '';
    },
    confirms: async (_card, option) => {
      const press = line.ann.presses(await line.seen('Look at all of it.'), `Yes, ${option.toLowerCase()}`);
      return (await line.api.waitFor(() => press.answer))?.text ?? '';
    },
    stop: () => line.stop(),
  };
});
