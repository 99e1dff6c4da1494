// How the site's program speaks of what is wrong (docs/commands.md).
import { optionWords, SITE_HINTS, type ProgramRules } from '@blindsum/proto/command-line';

export const FAILURE_RULES: ProgramRules = {
  program: 'blindsum-site',
  hintOf: (code) => SITE_HINTS[code],
  asksForJson: (args) => ['--json', '--progress=json'].some((word) => words(args).includes(word)),
};

/** The words of the options. Progress as JSON lines is ended by such a line too, however it was asked for. */
function words(args: readonly string[]): readonly string[] {
  return optionWords(args).map((word, i, all) => (all[i - 1] === '--progress' ? `--progress=${word}` : word));
}
