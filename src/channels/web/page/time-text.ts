const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, as coarse as a person needs it: `just now`, `3 min ago`, `2 h 5 min ago`. */
export function agoText(at: string, now: number): string {
  const span = now - Date.parse(at);
  return span < MINUTE ? 'just now' : `${spanText(span)} ago`;
}

/** The time that is left: `4:07` below an hour, coarser above; empty when it is over. */
export function leftText(until: string, now: number): string {
  const left = Date.parse(until) - now;
  if (left <= 0) return '';
  if (left >= HOUR) return spanText(left);
  const seconds = Math.floor(left / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function spanText(span: number): string {
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return `${Math.floor(span / HOUR)} h${minutes ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(span / DAY)} d`;
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const secondOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const wholeDay = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** A moment in local time: the time of today, else with its day. */
export function momentText(at: string, now = Date.now()): string {
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? timeOfDay.format(date) : dayAndTime.format(date);
}

/** The time of day with seconds, local. */
export function secondText(at: string): string {
  return secondOfDay.format(new Date(at));
}

/** The day in words, local. */
export function dayText(at: string): string {
  return wholeDay.format(new Date(at));
}

/** A size in bytes: `640 B`, `12 KB`, `3.4 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
