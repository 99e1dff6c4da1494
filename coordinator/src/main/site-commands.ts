// Commands about sites: under `sites`, and those of every day also by themselves.
import { Option, type Command } from 'commander';
import { REVOCATION_REASONS, type RevocationReason } from '@blindsum/proto/command-line';
import { onCoordinator, toOutput, toTarget, type Options } from './command.ts';

const loadSites = () => import('../commands/sites.ts');
const loadViews = () => import('../commands/views.ts');

export function addSiteGroup(program: Command): void {
  const sites = program.command('sites').description('sites: who is admitted, invited, online or revoked');
  onCoordinator(sites, 'list')
    .description('show every site')
    .option('--state <states>', 'only these: online, offline, revoked')
    .option('--json', 'print JSON')
    .action(async (options: Options & { readonly state?: string }) =>
      (await loadViews()).listSites(toTarget(options), options.state, toOutput(options)),
    );
  onCoordinator(sites, 'show <site>')
    .alias('status')
    .description('show a site with its fingerprint and the jobs it belongs to')
    .option('--json', 'print JSON')
    .action(async (site: string, options: Options) =>
      (await loadViews()).showSite(toTarget(options), site, toOutput(options)),
    );
  addContributions(sites);
  addSiteCommands(sites);
}

export function addContributions(program: Command): void {
  onCoordinator(program, 'contributions <site>')
    .description('show what a site contributed, round by round, and why it was left out')
    .option('--json', 'print JSON')
    .action(async (site: string, options: Options) =>
      (await loadViews()).listContributions(toTarget(options), site, toOutput(options)),
    );
}

/** commander lets no other reason through. */
type RevokeFlags = Omit<Options, 'reason'> & { readonly reason: RevocationReason };
type InviteFlags = Options & { readonly expires: string; readonly replace?: boolean };

export function addSiteCommands(program: Command): void {
  onCoordinator(program, 'invite <site>')
    .description('print a one-time token with which the site enrols by itself')
    .option('--expires <time>', 'how long it may be used: 30m, 24h, 7d', '24h')
    .option('--replace', 'the site may take the place of an admitted or revoked one of that name')
    .option('--json', 'print JSON')
    .action(async (site: string, options: InviteFlags) => {
      const { expires, replace: replaces = false } = options;
      return (await loadSites()).invite(toTarget(options), { site, expires, replaces }, toOutput(options));
    });
  onCoordinator(program, 'invitations')
    .description('show invitations, or end one')
    .option('--revoke <id>', 'end this one, used or not')
    .option('--json', 'print JSON')
    .action(async (options: Options & { readonly revoke?: string }) => {
      const { invitations, revokeInvitation } = await loadSites();
      return options.revoke === undefined
        ? invitations(toTarget(options), toOutput(options))
        : revokeInvitation(toTarget(options), options.revoke, toOutput(options));
    });
  onCoordinator(program, 'revoke <site>')
    .description('keep a site out, from its next call on')
    .addOption(
      new Option('--reason <code>', 'why; goes into the log')
        .choices([...REVOCATION_REASONS])
        .default('unspecified'),
    )
    .option('--json', 'print JSON')
    .action(async (site: string, options: RevokeFlags) =>
      (await loadSites()).revoke(toTarget(options), { site, reason: options.reason }, toOutput(options)),
    );
}
