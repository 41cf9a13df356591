import { until } from '../support/switchboard.ts';
import { webLine } from '../support/web-line.ts';
import { channelContract } from './channel-contract.ts';

channelContract('web', async () => {
  const { channel, desk, enter, stop } = await webLine();
  const web = await enter();
  const page = await web.open();
  return {
    channel,
    desk,
    sees: (text) =>
      until(
        () => page.events.some((event) => JSON.stringify(event).includes(text)),
        () => text,
      ),
    chooses: async ({ question_id, options }, option) => {
      const index = options.findIndex(({ label }) => label === option);
      return (await web.answer(question_id, { options: [index] })).message;
    },
    confirms: async ({ question_id, options }, option) => {
      const index = options.findIndex(({ label }) => label === option);
      return (await web.answer(question_id, { options: [index], confirmed: true })).message;
    },
    stop,
  };
});
