// What a contribution holds, by kind of round (PROTOCOL.md section 6): one header chunk of exact integers, then, in training
// rounds, the packed update.
import { statisticsFields } from './feature-statistics.ts';
import { manifestLayout, type Manifest } from './manifest.ts';
import { evaluationFields } from './metrics.ts';
import { packedChunks, packingLayout, type PackingLayout } from './packing.ts';
import type { RoundKind } from './round-terms.ts';

export interface PayloadLayout {
  readonly kind: RoundKind;
  /** Names of the header integers, in order; one coefficient each. */
  readonly headerFields: readonly string[];
  /** Packed values after the header: the model's parameters in a training round, 0 otherwise. */
  readonly values: number;
  readonly packing: PackingLayout;
  /** All chunks, the header's included. */
  readonly chunks: number;
}

/** The layout of a contribution to a round of `kind`: the same under every roster of the job. */
export function payloadLayout(manifest: Manifest, kind: RoundKind): PayloadLayout {
  const packing = packingLayout({ bits: manifest.encoding.bits, sites: manifest.contributors.capacity });
  const values = kind === 'training' ? manifestLayout(manifest).parameterCount : 0;
  return {
    kind,
    headerFields: headerFields(manifest, kind),
    values,
    packing,
    chunks: 1 + packedChunks(packing, values),
  };
}

function headerFields(manifest: Manifest, kind: RoundKind): string[] {
  const evaluation = evaluationFields(manifest.evaluationBins);
  switch (kind) {
    case 'statistics':
      return [...statisticsFields(manifest.data), 'values out of range'];
    case 'training':
      // The evaluation is of the model the round starts from, on each site's held-out rows.
      return ['training examples', ...clippedFields(manifest), ...evaluation];
    case 'evaluation':
      return evaluation;
  }
}

/** Clipped values are counted for each tensor, because each has a range of its own. */
function clippedFields(manifest: Manifest): string[] {
  return manifestLayout(manifest).tensors.map(({ name }) => `clipped ${name}`);
}
