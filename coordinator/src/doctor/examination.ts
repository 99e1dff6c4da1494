// What the parts of `doctor` have in common.
import { fails, Refusal, type Finding } from '@blindsum/proto';

/** An examination looks at one thing and never rejects because that is not right. */
export type Examination = () => Promise<readonly Finding[]>;

/** A refusal in words, without its cause: what is wrong is the finding. Anything else is a fault of this program, and is thrown. */
export function toReason(error: unknown): string {
  if (error instanceof Refusal) return `${error.code}: ${error.detail}`;
  throw error;
}

/** What `look` finds, or the refusal that it ends with as a failure. */
export async function failingAs(
  { check, advice }: Record<'check' | 'advice', string>,
  look: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return fails(check, toReason(error), advice);
  }
}
