// The `http` section of coordinator.yaml: how operators and auditors reach the coordinator, and who they are.
import { resolve } from 'node:path';
import { z } from 'zod';
import { Refusal, refuseUnless, SCOPES, type Scope } from '@blindsum/proto';

const fileSchema = z.string().min(1);
const issuerSchema = urlSchema(
  /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/,
  'expected https://host, without query or user',
);
const originSchema = urlSchema(
  /^https?:\/\/[a-z0-9.:[\]-]+$/,
  'expected https://host:port in small letters, without a path',
);

/** Values of a claim that give a scope. */
const grantsSchema = z.array(z.string().min(1).max(200)).max(100).default([]);

const oidcFormat = z.strictObject({
  /** As the provider spells itself. */
  issuer: issuerSchema,
  clientId: z.string().min(1).max(200),
  /** A file that holds the client's secret alone. */
  clientSecretFile: fileSchema,
  /** Asked for besides `openid`. */
  requestedScopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/))
    .max(20)
    .default([]),
  /** A claim of the ID token: a text, or a list of texts. */
  claim: z.string().min(1).max(100).default('groups'),
  /** Which of its values may do what; by default nobody may do anything. */
  scopes: z.strictObject({ operator: grantsSchema, auditor: grantsSchema, read: grantsSchema }).prefault({}),
});

export const httpFormat = z
  .strictObject({
    /** A certificate of the federation's authority, files that are looked at again every minute, or `off` on loopback. */
    tls: z
      .union(
        [
          z.literal('authority'),
          z.literal('off'),
          z.strictObject({ certificateFile: fileSchema, keyFile: fileSchema }),
        ],
        'expected authority, off, or certificateFile and keyFile',
      )
      .default('authority'),
    /** The address that browsers show; from listen.http unless given. */
    url: originSchema.optional(),
    /** Addresses of proxies whose X-Forwarded-For is believed. */
    trustProxy: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .max(16)
      .default([]),
    /** From one address. */
    requestsPerMinute: z.int().min(1).max(1_000_000).default(6000),
    oidc: oidcFormat.optional(),
  })
  .prefault({});

export type HttpConfig = z.output<typeof httpFormat>;
export type OidcConfig = z.output<typeof oidcFormat>;

/** With absolute paths. Refuses CONFIG_INVALID for what would put credentials on the wire in the clear. */
export function resolveHttp(http: HttpConfig, address: string, at: string): HttpConfig {
  refuseUnless(
    http.tls !== 'off' || isLoopback(hostOf(address)),
    'CONFIG_INVALID',
    `http.tls: off is for loopback alone, and listen.http is ${address}`,
  );
  const { tls, oidc, url } = http;
  refuseUnless(
    oidc === undefined || url !== undefined,
    'CONFIG_INVALID',
    'http.url: is missing, and the OpenID provider sends browsers back to it',
  );
  return {
    ...http,
    tls:
      typeof tls === 'string'
        ? tls
        : { certificateFile: resolve(at, tls.certificateFile), keyFile: resolve(at, tls.keyFile) },
    ...(oidc && { oidc: resolveOidc(oidc, at) }),
  };
}

function resolveOidc(oidc: OidcConfig, at: string): OidcConfig {
  const issuer = new URL(oidc.issuer);
  if (issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
    throw new Refusal('CONFIG_INVALID', 'http.oidc.issuer: expected https://');
  return { ...oidc, clientSecretFile: resolve(at, oidc.clientSecretFile) };
}

/** The largest scope that one of the values gives; undefined for none. */
export function scopeOf(
  { scopes }: Pick<OidcConfig, 'scopes'>,
  values: readonly string[],
): Scope | undefined {
  return SCOPES.find((scope) => scopes[scope].some((granted) => values.includes(granted)));
}

/** Of a host as configurations and URLs write it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/** Of the form that is asked for, and one that a browser would take. */
function urlSchema(form: RegExp, message: string) {
  return z.string().refine((text) => form.test(text) && URL.canParse(text), message);
}

/** Without the port; IPv6 addresses keep their brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
