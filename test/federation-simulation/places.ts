// Where random schedules must have been: a property that never gets anywhere proves nothing.

export const PLACES: readonly string[] = [
  'collecting',
  'sealed',
  'summed',
  'opening',
  'published',
  'failed: TOO_FEW_CONTRIBUTORS',
  'failed: TOO_FEW_ACKNOWLEDGEMENTS',
  'failed: CHECKSUM_MISMATCH',
  'failed: TOO_FEW_OPENINGS',
  'failed: MODEL_DISAGREEMENT',
  'smaller set sealed',
  'late site',
  'checksum signed by a proxy',
  'published at a later attempt',
  'site refused',
  'site waiting',
  'job finished',
  'job failed',
  'site crash while reads the job',
  'site crash while consents',
  'site crash while watches',
  'site crash while encrypts',
  'site crash while uploads ciphertext',
  'site crash while uploads shares',
  'site crash while sends commitment',
  'site crash while opens its shares',
  'site crash while sends acknowledgement',
  'site crash while computes a checksum',
  'site crash while sends checksum',
  'site crash while downloads sum',
  'site crash while sends attestation',
];

/** Failures that need several sites to go away at one moment, and what sites do once in a job: one of the two series was there. */
export const RARE_PLACES: readonly string[] = [
  'failed: CHECKSUM_MISSING',
  'failed: TOO_FEW_ATTESTATIONS',
  'site crash while trains',
];
