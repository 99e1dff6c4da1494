// Computes this site's contribution, encrypts it to disk and signs what it commits to. Nothing leaves the site here.
import { basename } from 'node:path';
import { CHUNK_BYTES, commitmentCodec, sharingKeyOf, signMessage } from '@blindsum/proto';
import type { PlainPayload } from '../encryption/payload.ts';
import { inRound, ownIndex, timed, type Session } from '../session-context.ts';
import { thresholdOf, type KnownRound } from '../session/site-terms.ts';
import { baseModel } from './base-model.ts';

/** A training that `signal` aborts rejects with its reason, and leaves nothing behind. */
export async function contribute(session: Session, round: KnownRound, signal?: AbortSignal): Promise<void> {
  const { journal, terms, files } = session;
  const { ref, context } = round;
  const payload = await computePayload(session, round, signal);
  const targets = { ciphertext: files.path(ref, 'ciphertext'), shares: files.path(ref, 'shares') };
  const { ciphertextRoot, chunks, shareRoot } = await timed(
    session,
    () => encrypt(session, round, { payload, files: targets }),
    (encrypted, ms) => ({ event: 'encrypted', ...inRound(round), bytes: encrypted.chunks * CHUNK_BYTES, ms }),
    'encrypt',
  );
  const commitment = { context, site: terms.site, ciphertextRoot, chunks, shareRoot };
  journal.recordCommitment(ref, {
    message: signMessage(commitmentCodec, commitment, session.keys.sign, terms.roster),
    files: { ciphertext: basename(targets.ciphertext), shares: basename(targets.shares) },
  });
}

interface Encryption {
  readonly payload: PlainPayload;
  readonly files: { readonly ciphertext: string; readonly shares: string };
}

function encrypt({ encryptor, terms }: Session, { context }: KnownRound, { payload, files }: Encryption) {
  const { manifest, roster } = terms;
  return encryptor.encrypt({
    context,
    payload,
    files,
    bits: manifest.encoding.bits,
    capacity: manifest.contributors.capacity,
    threshold: thresholdOf(terms),
    sharingKeys: roster.members.map(sharingKeyOf),
    ownIndex: ownIndex(terms),
  });
}

async function computePayload(
  session: Session,
  round: KnownRound,
  signal: AbortSignal | undefined,
): Promise<PlainPayload> {
  const { learner } = session;
  switch (round.layout.kind) {
    case 'statistics':
      return learner.statistics();
    case 'training':
      return train(session, round, signal);
    case 'evaluation':
      return learner.evaluate(baseModel(session));
  }
}

async function train(
  session: Session,
  round: KnownRound,
  signal: AbortSignal | undefined,
): Promise<PlainPayload> {
  const { learner, report } = session;
  const about = inRound(round);
  const { payload } = await timed(
    session,
    () =>
      learner.train(
        baseModel(session),
        round.ref.round,
        ({ epoch, epochs, loss }) => report({ event: 'train', ...about, epoch, epochs, loss }),
        signal,
      ),
    ({ result, norm }, ms) => {
      const loss = result.lossPerEpoch.at(-1) ?? 0;
      return { event: 'trained', ...about, loss, backend: result.backend, norm, ms };
    },
    'train',
  );
  return payload;
}
