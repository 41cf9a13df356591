import { useMemo } from 'preact/hooks';
import type { TimelineItem } from '../wire.ts';
import { Folded } from './folded.tsx';
import { dayText, secondText } from './time-text.ts';

/** What happened, under the day on which it did. */
export function TimelineList({ items }: { items: readonly TimelineItem[] }) {
  if (items.length === 0) return <p class="quiet">Nothing matches.</p>;
  return (
    <>
      {daysOf(items).map(({ day, items: own }) => (
        <section key={day} aria-label={day}>
          <h2 class="day">{day}</h2>
          <ol class="timeline">
            {own.map((item) => (
              <Row key={item.key} item={item} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

/** Rendered again only when it says something else: a live timeline is fetched again and again. */
function Row({ item }: { item: TimelineItem }) {
  return useMemo(
    () => (
      <li class="event" data-type={item.type} data-what={item.what} data-late={item.too_late ? '' : undefined}>
        <time dateTime={item.at}>{secondText(item.at)}</time>
        <span class="event-what">
          {item.what}
          {item.question_id !== undefined && (
            <span class="event-of" title={`question ${item.question_id}`}>
              {item.question_id.slice(0, 8)}
            </span>
          )}
        </span>
        <div class="event-text">
          <Folded text={textOf(item)} what="text" fold="late" />
          {item.too_late && <p class="quiet">Too late: changed nothing.</p>}
        </div>
      </li>
    ),
    [item.key, item.text, item.count, item.until, item.too_late],
  );
}

function textOf({ text, count = 1, until }: TimelineItem): string {
  if (count < 2 || until === undefined) return text;
  return `${count} times until ${secondText(until)}${text === '' ? '' : `: ${text}`}`;
}

function daysOf(items: readonly TimelineItem[]): { day: string; items: TimelineItem[] }[] {
  const days: { day: string; items: TimelineItem[] }[] = [];
  for (const item of items) {
    const day = dayText(item.at);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}
