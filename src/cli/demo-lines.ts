import { shortId } from '../domain/ids.ts';
import type { Config } from '../runtime/config.ts';
import type { ChannelReport } from '../runtime/hub-wire.ts';
import { type WebPlace, webLink } from '../runtime/web-place.ts';
import type { AskedQuestion } from './live-sessions.ts';
import { servedInbox } from './running-hub.ts';
import { printable } from './terminal.ts';

/** The questions as the demo's sessions ask them. */
export function questionLines(asked: readonly AskedQuestion[]): string[] {
  return asked.flatMap(({ session, question: { record } }) => {
    const kind = record.multi_select ? 'choose any' : record.options ? 'choose one, or write' : 'write';
    const options = record.options ?? [];
    return [
      printable(`${session.title} asks (${kind}): ${record.question}`),
      ...options.map(({ label, description }, index) =>
        printable(`    ${index + 1}. ${label}${description ? `: ${description}` : ''}`),
      ),
    ];
  });
}

/** Where the questions can be answered now, and the place of the web inbox when one is served. */
export function placeLines(
  config: Config,
  channels: readonly ChannelReport[],
  asked: readonly AskedQuestion[],
  program: string,
): { lines: string[]; inbox: WebPlace | null } {
  const report = (name: string): ChannelReport | undefined => channels.find((channel) => channel.name === name);
  const web = report('web');
  const inbox = servedInbox(channels, config.home);
  const lines = ['Answer them, wherever you like:'];
  if (inbox) lines.push(`  in your browser    ${webLink(inbox)}`);
  else if (web) lines.push(`  in your browser    not now: ${printable(web.detail)}`);
  lines.push(`  in Telegram        ${telegramWords(config, report('telegram'), program)}`);
  lines.push('  in a terminal');
  for (const { question } of asked) {
    const { id, options, multi_select } = question.record;
    const example = multi_select ? '1,3' : options ? '1' : 'Any words';
    lines.push(`    ${program} answer ${shortId(id)} ${example}`);
  }
  return { lines, inbox };
}

function telegramWords({ telegram }: Config, report: ChannelReport | undefined, program: string): string {
  if (report?.ok) return 'a card for each is in your chat with the bot';
  if (telegram && telegram.ownerIds.length === 0)
    return `nobody may answer there yet: \`${program} pair\` changes that`;
  if (report) return `not now: ${printable(report.detail)}`;
  if (telegram) return 'not now: the hub that runs was started without your bot';
  return `not set up; \`${program} setup\` takes two minutes`;
}
