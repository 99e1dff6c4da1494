// What is wrong with a document, for whoever wrote it.
import type { z } from 'zod';

/** One line that names the place of each mistake. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${toPlace(issue.path)}: ${toComplaint(issue)}`).join('; ');
}

function toPlace(path: readonly PropertyKey[]): string {
  return path.length > 0 ? path.map(String).join('.') : 'document';
}

/** In the words of somebody who wrote the document, not of the library that reads it. */
function toComplaint({ code, message }: z.core.$ZodIssue): string {
  if (code === 'invalid_type' && message.endsWith('received undefined')) return 'is missing';
  return message.replace('Invalid input: ', '').replace('Unrecognized key', 'unknown key');
}
