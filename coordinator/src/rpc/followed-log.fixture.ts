// Every call about the log, as a site makes it.
import assert from 'node:assert/strict';
import { utf8 } from '@blindsum/proto';
import { LogService, RoundRecord } from '@blindsum/proto/rpc';
import {
  EMPTY_ROOT,
  encodeSignatureLines,
  memberWitnessKey,
  parseCheckpoint,
  parseNote,
  signCheckpoint,
  signCosignature,
} from '@blindsum/proto/tlog';
import { FEDERATION, refusedAs, type TestSite } from '../federation.fixture.ts';
import { createLogKeys } from '../log/log-keys.ts';
import type { RoundId } from '../ports.ts';

/** What members ask and say about the log; a checkpoint of another log is no evidence against this one. */
export async function followLog(site: TestSite, ref: RoundId): Promise<void> {
  const { head } = await site.call(LogService, 'getLog', {});
  await site.call(LogService, 'getCheckpoint', { oldSize: 1n });
  await site.call(LogService, 'getRecord', { oldSize: 1n, ref, kind: RoundRecord.END });
  const { text } = parseNote(head!.note);
  const key = memberWitnessKey(FEDERATION, site.member);
  const line = signCosignature({ text, timeSeconds: 1_800_000_000n }, key, site.signBytes);
  const { size } = parseCheckpoint(text);
  await site.call(LogService, 'cosign', { size, lines: utf8(encodeSignatureLines([line])) });
  const foreign = createLogKeys(FEDERATION, new Uint8Array(32).fill(1)).checkpoint;
  const empty = { origin: FEDERATION, size: 0n, root: EMPTY_ROOT };
  const note = utf8(signCheckpoint(empty, foreign.key, foreign.sign));
  await assert.rejects(site.call(LogService, 'showCheckpoint', { note }), refusedAs('BAD_SIGNATURE'));
}
