// What is wrong with a document, for whoever wrote it.
import type { z } from 'zod';

/** Nobody reads more of them at once, and a stranger may send thousands. */
const MAX_ISSUES = 20;
const MAX_ISSUE_CHARACTERS = 300;

/** One line that names the places of the first mistakes, and how many more there are. */
export function describeIssues({ issues }: z.ZodError): string {
  const shown = issues.slice(0, MAX_ISSUES).map(describeIssue).join('; ');
  return issues.length > MAX_ISSUES ? `${shown}; and ${issues.length - MAX_ISSUES} more` : shown;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const text = `${toPlace(issue.path)}: ${toComplaint(issue)}`;
  return text.length > MAX_ISSUE_CHARACTERS ? `${text.slice(0, MAX_ISSUE_CHARACTERS)}…` : text;
}

function toPlace(path: readonly PropertyKey[]): string {
  return path.length > 0 ? path.map(String).join('.') : 'document';
}

/** In the words of somebody who wrote the document, not of the library that reads it. */
function toComplaint({ code, message }: z.core.$ZodIssue): string {
  if (code === 'invalid_type' && message.endsWith('received undefined')) return 'is missing';
  return message.replace('Invalid input: ', '').replace('Unrecognized key', 'unknown key');
}
