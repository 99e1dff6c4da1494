// `blindsum-coordinator init`: from nothing to a federation that runs.
import { join } from 'node:path';
import { federationSchema, hostPortSchema, Refusal } from '@blindsum/proto';
import { writeConfiguration, type FirstSettings } from '../init/write-configuration.ts';
import type { Output } from './operator.ts';

export interface InitOptions extends FirstSettings {
  readonly folder: string;
}

/** Writes the configuration, says what comes next, and resolves to its path. Refuses CONFIG_INVALID. */
export async function init({ folder, ...settings }: InitOptions, output: Output): Promise<string> {
  verifySettings(settings);
  const config = await writeConfiguration(folder, settings);
  const next = nextSteps(config);
  if (output.json) output.print(JSON.stringify({ config, federation: settings.federation, next }));
  else {
    output.print(`${config} holds every setting with its default and its danger. What comes next:`);
    for (const step of next) output.print(`  ${step}`);
  }
  return config;
}

/** Where the first operator's API key goes when the federation is started at once. */
export function bootstrapKeyFile(folder: string): string {
  return join(folder, 'operator.key');
}

function nextSteps(config: string): string[] {
  return [
    `blindsum-coordinator doctor --config ${config}`,
    `blindsum-coordinator serve --config ${config}`,
    `blindsum-coordinator invite hospital-a --config ${config}`,
  ];
}

function verifySettings({ federation, advertise, listenHttp }: FirstSettings): void {
  const problems = [
    [federationSchema.safeParse(federation).success, '--federation: expected a name like hospitals.example'],
    [
      advertise === undefined || hostPortSchema.safeParse(advertise).success,
      '--advertise: expected host:port',
    ],
    [hostPortSchema.safeParse(listenHttp).success, '--listen-http: expected host:port'],
  ] as const;
  for (const [isRight, problem] of problems) if (!isRight) throw new Refusal('CONFIG_INVALID', problem);
}
