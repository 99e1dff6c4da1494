// What a person at this site should look at, and the command for it. Empty is the normal state.
import type { JobView, SiteView } from './site-view.ts';

type Attention = SiteView['attention'];
type Seen = Omit<SiteView, 'attention'>;

const AWAY_MS = 10 * 60_000;
const LOW_BYTES = 1 << 30;
const ORDER: readonly Attention[number]['level'][] = ['alarm', 'decision', 'note'];

/** Most urgent first. */
export function toAttention(view: Seen): Attention {
  const all = [
    ...aboutLog(view),
    ...aboutCertificate(view),
    ...aboutPolicy(view),
    ...view.jobs.flatMap((job) => aboutJob(job)),
    ...aboutCoordinator(view),
    ...aboutAgent(view),
    ...aboutDisk(view),
  ];
  return all.toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

function aboutLog({ log }: Seen): Attention {
  if (log.alarm === '') return [];
  const what = `The log contradicts itself, and this site contributes nothing: ${log.alarm}`;
  return [{ level: 'alarm', what, command: 'blindsum-site log show' }];
}

function aboutCertificate({ certificate, agent }: Seen): Attention {
  if (certificate === null) {
    const what = 'This site is not enrolled: it has no certificate.';
    return [{ level: 'alarm', what, command: 'blindsum-site enroll --token-file FILE' }];
  }
  if (certificate.state === 'valid') return [];
  const what =
    certificate.state === 'expired'
      ? 'The certificate of this site has expired: the coordinator lets it in no more.'
      : 'The certificate of this site was not renewed in time.';
  return [
    { level: 'alarm', what, command: agent.isRunning ? 'see the log of the agent' : 'blindsum-site run' },
  ];
}

function aboutPolicy({ policy }: Seen): Attention {
  if (policy.problem !== '')
    return [
      {
        level: 'alarm',
        what: `The policy has a mistake, and nothing is contributed until it is mended: ${policy.problem}`,
        command: '',
      },
    ];
  if (policy.file !== null) return [];
  const what = 'There is no policy: this site takes part in nothing.';
  return [{ level: 'note', what, command: 'set policy: in site.yaml' }];
}

function aboutJob({ job, decision, end }: JobView): Attention {
  if (end !== null) return [];
  switch (decision.verdict) {
    case 'waits':
      return [
        {
          level: 'decision',
          what: `${job} waits for a decision of this site.`,
          command: `blindsum-site jobs show ${job}`,
        },
      ];
    case 'forbidden':
      return [
        {
          level: 'note',
          what: `${job} is not taken part in: ${decision.why}`,
          command: `blindsum-site jobs show ${job}`,
        },
      ];
    default:
      return [];
  }
}

function aboutCoordinator({ coordinator, agent, atMs }: Seen): Attention {
  const sinceMs = coordinator.answeredMs ?? agent.startedMs;
  if (coordinator.state !== 'away' || !agent.isRunning || sinceMs === null || atMs - sinceMs < AWAY_MS)
    return [];
  return [
    {
      level: 'alarm',
      what: `The coordinator has not answered for ${Math.floor((atMs - sinceMs) / 60_000)} minutes: ${coordinator.failure}`,
      command: '',
    },
  ];
}

function aboutAgent({ agent, certificate }: Seen): Attention {
  if (agent.isRunning || certificate === null) return [];
  return [
    {
      level: 'note',
      what: 'The agent does not run: nothing is contributed.',
      command: 'blindsum-site run',
    },
  ];
}

function aboutDisk({ disk }: Seen): Attention {
  if (disk.freeBytes === null || disk.freeBytes >= LOW_BYTES) return [];
  const what = 'Less than 1 GiB is free where the state directory is: a full disk ends the agent.';
  return [{ level: 'alarm', what, command: `df -h ${disk.folder}` }];
}
