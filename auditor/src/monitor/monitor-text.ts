// What a monitor has seen, in words.
import { count, keyAdvice, toLine } from '../report.ts';
import { ALERTS, type Alert } from './alert.ts';
import type { MonitorReport } from './log-monitor.ts';

/** The report as text that ends in a newline. */
export function toMonitorText(report: MonitorReport): string {
  const lines = [toSentence(report), ...report.alerts.map(toAlertLine), ...keyAdvice(report)];
  return `${lines.join('\n')}\n`;
}

function toSentence({ ok, origin, source, from, size, alerts }: MonitorReport): string {
  const name = `the log ${origin || source}`;
  if (!ok) return `ALERT: ${count(alerts.length, 'thing')} to look at in ${name}.`;
  const all = count(size, 'entry', 'entries');
  if (from === 0) return `OK: ${name} has ${all}; nothing is wrong with them.`;
  return `OK: ${name} goes on from what was seen before: ${count(size - from, 'entry', 'entries')} more, ${all} in all.`;
}

function toAlertLine(alert: Alert): string {
  return `  ${alert.kind}: ${ALERTS[alert.kind]}\n      ${toLine(alert)}`;
}
