// Every parser that faces a stranger. A parser is added in one line of one of these lists.
import { ANSWER_TARGETS } from './answer-targets.ts';
import { FILE_TARGETS } from './file-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { IDENTITY_TARGETS } from './identity-targets.ts';
import { LOG_TARGETS } from './log-targets.ts';
import { SITE_LOG_TARGETS } from './site-log-targets.ts';
import { PROTOCOL_TARGETS } from './protocol-targets.ts';
import { PROVENANCE_TARGETS } from './provenance-targets.ts';
import { RECORD_TARGETS } from './record-targets.ts';

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...PROTOCOL_TARGETS,
  ...LOG_TARGETS,
  ...RECORD_TARGETS,
  ...SITE_LOG_TARGETS,
  ...PROVENANCE_TARGETS,
  ...FILE_TARGETS,
  ...IDENTITY_TARGETS,
  ...ANSWER_TARGETS,
];
