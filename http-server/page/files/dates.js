// Times as people read them, in their own language and time zone. The service's times
// are microseconds since 1970.

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** Returns the Date of a send_time. */
export function dateOf(sendTime) {
  return new Date(sendTime / 1000);
}

/** Whether two Dates are on one day. */
export function sameDay(a, b) {
  return a.toDateString() === b.toDateString();
}

/** "14:05", or "2:05 PM". */
export function clockOf(when) {
  return clock.format(when);
}

/** "today", "yesterday", "Monday, 3 March", or with the year. */
export function dayOf(when) {
  const now = new Date();
  for (const ago of [0, 1]) {
    if (sameDay(when, new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago))) return relative.format(-ago, 'day');
  }
  return when.getFullYear() === now.getFullYear() ? weekday.format(when) : date.format(when);
}

/** The time of a Date that is today, the day of any other. */
export function briefly(when) {
  return sameDay(when, new Date()) ? clock.format(when) : short.format(when);
}
