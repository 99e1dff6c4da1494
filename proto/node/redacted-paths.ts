// What no line of a log shows, whatever hands it over: a second fence, behind never logging such values at all. Plain data, for pino's `redact`.
const NAMES = [
  'authorization',
  'cookie',
  'credential',
  'credentials',
  'headers',
  'passphrase',
  'password',
  'privateKey',
  'proxyAuthorization',
  'secret',
  'secretKey',
  'seed',
  'sharingSecret',
  'token',
];

/** By these names, at the top of a line, or in a value of it (an error, a request), and in a value of that. */
export const REDACTED = {
  paths: NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  censor: '[redacted]',
};
