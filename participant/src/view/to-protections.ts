// What protects the rows of this site in a job, in plain words, from the terms that it would sign. No number here is estimated.
import { roundMinimum, roundThreshold, type Manifest, type Roster } from '@blindsum/proto';
import type { Policy } from '../policy/policy.ts';
import type { SiteView } from './site-view.ts';

type Protections = NonNullable<SiteView['jobs'][number]['asks']>['protections'];

export const NO_NOISE =
  'No noise was added: there is no differential privacy, and therefore no budget that could be spent or left over.';

export function toProtections(manifest: Manifest, roster: Roster, policy: Policy): Protections {
  const members = roster.members.length;
  const { strategy, model } = manifest;
  const minContributors = Math.max(roundMinimum(manifest, members), policy.minContributors);
  const threshold = roundThreshold(manifest, members);
  return {
    clipNorm: strategy.clipNorm,
    maxExamples: strategy.maxExamples,
    minContributors,
    threshold,
    members,
    noise: 'none',
    says: [
      'Secure sum: every update is encrypted under a key of its own; only the sum over all contributors is ever opened.',
      `This site helps to open no sum over fewer than ${minContributors} contributors, and it takes ${threshold} of ${members} members to open one.`,
      `Clipping: an update of ${model.parameters} parameters has a norm of at most ${strategy.clipNorm}, which bounds how much the rows of this site weigh. Statistics and scores leave as sums too, without that bound.`,
      NO_NOISE,
    ],
  };
}
