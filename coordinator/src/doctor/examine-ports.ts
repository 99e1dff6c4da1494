// Where the coordinator listens, and whether others can find it there.
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { fails, judgePort, passes, warns, type Finding } from '@blindsum/proto';
import { toHostPort, tryToListen } from '@blindsum/proto/node';
import { hostOf, isLoopback } from '../config-http.ts';
import type { Config } from '../config.ts';

const TIMEOUT_MS = 5_000;
const ANY_ADDRESS = ['0.0.0.0', '[::]'];

/** A running coordinator is to answer where it listens; of one that does not run, the ports are to be free. */
export async function examinePorts(config: Config, isRunning: boolean): Promise<Finding[]> {
  const { listen } = config;
  const settings = { 'listen.grpc': listen.grpc, 'listen.http': listen.http };
  const ports = Object.entries(settings).map(async ([setting, address]) =>
    isRunning ? examineListener(setting, address) : judgePort(setting, address, await tryToListen(address)),
  );
  return [...(await Promise.all(ports)), ...examineHttp(config), ...(await examineAdvertised(config))];
}

async function examineListener(setting: string, address: string): Promise<Finding> {
  const { host, port } = toHostPort(address);
  if (port === 0) return passes(setting, `${address}: a port that changes with each start`);
  const dialled = ANY_ADDRESS.includes(hostOf(address)) ? 'localhost' : host;
  const outcome = await dial(dialled, port);
  if (outcome === 'answers') return passes(setting, `${address} answers`);
  return fails(
    setting,
    `the coordinator runs, and ${address} does not answer (${outcome})`,
    `it may have been started with another ${setting}: restart it, and see its log`,
  );
}

function dial(host: string, port: number): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    const end = (outcome: string) => {
      socket.destroy();
      done(outcome);
    };
    socket.setTimeout(TIMEOUT_MS, () => end('no answer'));
    socket.once('connect', () => end('answers'));
    socket.once('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => end(code));
  });
}

function examineHttp({ listen, http }: Config): Finding[] {
  if (isLoopback(hostOf(listen.http)) && http.url === undefined)
    return [
      warns(
        'auditors',
        `listen.http is ${listen.http}: nobody else can read the log`,
        'set listen.http to an address that auditors reach, or publish the folder of the log in another way',
      ),
    ];
  return [];
}

async function examineAdvertised({ advertise, listen }: Config): Promise<Finding[]> {
  const check = 'advertise';
  const address = advertise ?? listen.grpc;
  const host = hostOf(address);
  if (ANY_ADDRESS.includes(host))
    return [
      fails(check, `sites are told to dial ${address}`, 'set advertise to a name and port that sites reach'),
    ];
  if (isLoopback(host))
    return [
      warns(
        check,
        `sites are told to dial ${address}: only those on this machine can`,
        'for sites on other machines set listen.grpc to 0.0.0.0:7443 and advertise to a name that they resolve',
      ),
    ];
  return [await examineName(check, address)];
}

async function examineName(check: string, address: string): Promise<Finding> {
  const { host } = toHostPort(address);
  try {
    const { address: found } = await lookup(host);
    return passes(check, found === host ? address : `${address}, which is ${found} here`);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return fails(
      check,
      `${host} is not found (${code})`,
      'enter the name in the name server that sites ask, or set advertise to an address',
    );
  }
}
