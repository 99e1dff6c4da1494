// What people say when they decide: it goes into the journal, and onto screens.
import { refuseUnless } from '@blindsum/proto';

const LINE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,200}$/u;

/** A reason, or the name of who decides, as it was given. Refuses CONFIG_INVALID more than one line of 200 characters. */
export function parseReason(text: string): string {
  refuseUnless(
    LINE.test(text),
    'CONFIG_INVALID',
    'a reason, or a name, is one line of at most 200 characters',
  );
  return text;
}
