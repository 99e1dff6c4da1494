// Which backend a site asks for: its configuration's, unless the environment says otherwise.
import { Refusal } from '@blindsum/proto';
import { BACKEND_CHOICES, type BackendChoice } from './trainer.ts';

/** The environment variable that overrides the configured backend. */
export const BACKEND_VARIABLE = 'BLINDSUM_BACKEND';

/** The backend to ask for: the environment's, else the configured one. Refuses CONFIG_INVALID for an unknown name. */
export function backendChoice(
  configured: BackendChoice,
  environment: Record<string, string | undefined>,
): BackendChoice {
  const asked = environment[BACKEND_VARIABLE];
  if (asked === undefined || asked === '') return configured;
  const known = BACKEND_CHOICES.find((choice) => choice === asked);
  if (known !== undefined) return known;
  throw new Refusal('CONFIG_INVALID', `${BACKEND_VARIABLE}: expected one of ${BACKEND_CHOICES.join(', ')}`);
}
