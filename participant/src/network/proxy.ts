// The HTTP CONNECT proxy through which a site dials out, from site.yaml or from the environment as curl reads it. grpc-js looks at the
// environment too, but not at capitals, and at nothing else: it is told what was chosen here.
import { BlockList, isIP } from 'node:net';
import { Refusal, refuseUnless } from '@blindsum/proto';

export interface Proxy {
  /** host:port. */
  readonly address: string;
  /** `user:password` for Basic authentication. Secret: neither logged nor part of an error. */
  readonly credentials: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = '3128';

/** Parses `http://[user:password@]host[:port]`; refuses CONFIG_INVALID, naming `where` it stood and nothing of what stood there. */
export function parseProxy(text: string, where: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'http:' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!url || !isPlain || url.hostname === '') {
    throw new Refusal('CONFIG_INVALID', `${where}: expected http://host:port of an HTTP CONNECT proxy`);
  }
  const { hostname, username, password } = url;
  // A URL drops the port that HTTP has by default, which was then meant.
  const port = url.port || (/:80\/?$/.test(text) ? '80' : DEFAULT_PORT);
  return {
    address: `${hostname}:${port}`,
    credentials: username === '' ? undefined : decode(`${username}:${password}`, where),
  };
}

/** Parses the text of a file that holds `user:password`; refuses CONFIG_INVALID. */
export function parseCredentials(text: string, where: string): string {
  const line = text.replace(/\r?\n$/, '');
  refuseUnless(
    /^[^:\p{Cc}]+:\P{Cc}*$/u.test(line),
    'CONFIG_INVALID',
    `${where}: expected user:password on one line`,
  );
  return line;
}

/** The proxy that the environment names for `host`, if any; refuses CONFIG_INVALID. */
export function proxyFromEnvironment(environment: Environment, host: string): Proxy | undefined {
  const name = ['grpc_proxy', 'https_proxy', 'HTTPS_PROXY'].find((key) => environment[key]);
  if (name === undefined) return undefined;
  const exceptions = environment.no_grpc_proxy ?? environment.no_proxy ?? environment.NO_PROXY ?? '';
  return isExcepted(host, exceptions) ? undefined : parseProxy(environment[name]!, name);
}

/** Whether `host` is one of a comma-separated list: `*`, names with all below them, addresses, networks such as 10.0.0.0/8. */
function isExcepted(host: string, list: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  const entries = list.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => {
    if (entry === '*') return true;
    const suffix = entry.replace(/^\*?\./, '');
    if (isIP(name) !== 0) return name === entry || isInNetwork(name, entry);
    return suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
  });
}

function isInNetwork(address: string, entry: string): boolean {
  const [network, bits, ...more] = entry.split('/');
  const family = isIP(network!);
  if (family === 0 || family !== isIP(address) || bits === undefined || more.length > 0) return false;
  const longest = family === 4 ? 32 : 128;
  if (!/^[0-9]{1,3}$/.test(bits) || Number(bits) > longest) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network!, Number(bits), type);
  return list.check(address, type);
}

function decode(credentials: string, where: string): string {
  try {
    return decodeURIComponent(credentials);
  } catch {
    // Without the cause: it would quote them.
    throw new Refusal('CONFIG_INVALID', `${where}: user or password is not percent-encoded`);
  }
}
