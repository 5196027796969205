import { useNow } from '../parts/now.ts';

const near = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

function relative(seconds: number): string {
  const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return near.format(Math.round(seconds / length), unit);
}

const utc = (date: Date): string => `${date.toISOString().replace('T', ' ').replace(/\..*/, '')} UTC`;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** A time of the reader's clock, with the day unless it is today; on hover in UTC. */
export function Moment({ at }: { at: string }) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={utc(date)}>
      {today ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`}
    </time>
  );
}

/** A time as "3 minutes ago"; on hover in the reader's zone and in UTC. */
export function Time({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${full.format(date)}\n${utc(date)}`}>
      {relative((date.getTime() - now) / 1000)}
    </time>
  );
}
