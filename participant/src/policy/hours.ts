// Hours of the day in a time zone of the site's choice: `22:00-06:00 Europe/Berlin`.
import { Refusal } from '@blindsum/proto';

/** From `startMinute` on and before `endMinute`, of a day that has 1440; over midnight if the end is before the start. */
export interface Hours {
  readonly startMinute: number;
  readonly endMinute: number;
  /** IANA name. */
  readonly zone: string;
}

const HOURS = /^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9]) ([A-Za-z0-9_+/-]{1,64})$/;

/** Refuses CONFIG_INVALID with the reason. */
export function parseHours(text: string): Hours {
  const [, startHour, startMinute, endHour, endMinute, zone] = HOURS.exec(text) ?? [];
  if (zone === undefined) throw invalid('expected hours and a time zone, like 22:00-06:00 Europe/Berlin');
  const hours = {
    startMinute: 60 * Number(startHour) + Number(startMinute),
    endMinute: 60 * Number(endHour) + Number(endMinute),
    zone,
  };
  if (hours.startMinute === hours.endMinute)
    throw invalid('begin and end are the same; leave hours out for all day');
  if (!isZone(zone)) throw invalid(`${zone} is no time zone that this machine knows`);
  return hours;
}

/** Whether the time, in milliseconds since 1970, lies within the hours. */
export function isWithinHours({ startMinute, endMinute, zone }: Hours, timeMs: number): boolean {
  const minute = minuteOfDay(zone, timeMs);
  const isAfterStart = minute >= startMinute;
  const isBeforeEnd = minute < endMinute;
  return startMinute < endMinute ? isAfterStart && isBeforeEnd : isAfterStart || isBeforeEnd;
}

function minuteOfDay(zone: string, timeMs: number): number {
  const parts = clockOf(zone).formatToParts(timeMs);
  const numberOf = (type: 'hour' | 'minute') => Number(parts.find((part) => part.type === type)?.value);
  return 60 * numberOf('hour') + numberOf('minute');
}

function clockOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

function invalid(detail: string): Refusal {
  return new Refusal('CONFIG_INVALID', detail);
}
