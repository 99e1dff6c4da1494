// A refusal is what a doctor looks for. Anything else is a fault of the program, and is thrown.
import { Refusal } from '../refusal.ts';
import { fails, type Finding } from './finding.ts';

/** What `look` finds, or the refusal that it ends with as a failure. */
export async function failingAs(
  { check, advice }: Record<'check' | 'advice', string>,
  look: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return fails(check, `${error.code}: ${error.detail}`, advice);
  }
}
