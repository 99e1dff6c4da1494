// Signing in with an OpenID provider: authorization code with PKCE (RFC 7636), state and nonce bound to one browser, the ID token's
// signature verified. Who may do what is in our configuration, by a claim of the provider: by default nobody may do anything.
import { readFile } from 'node:fs/promises';
import * as client from 'openid-client';
import { Refusal, type TrailActor } from '@blindsum/proto';
import { isLoopback, scopeOf, type OidcConfig } from '../config-http.ts';
import type { Clock } from '../ports.ts';
import { PendingSignIns } from './pending-sign-ins.ts';

export type Person = Extract<TrailActor, { kind: 'person' }>;

export interface SignInStart {
  /** Where the browser goes. */
  readonly location: string;
  /** For its cookie. */
  readonly secret: string;
}

const DISCOVERY_MS = 3_600_000;
const TIMEOUT_SECONDS = 10;
/** Signed by the provider: its clock may be ahead. */
const TOLERANCE_SECONDS = 30;

export class OpenIdSignIn {
  readonly #config: OidcConfig;
  readonly #redirectUri: string;
  readonly #clock: Clock;
  readonly #pending: PendingSignIns;
  #provider: { readonly found: Promise<client.Configuration>; readonly atMs: number } | undefined;

  /** `origin` is ours, as browsers see it. */
  constructor(config: OidcConfig, origin: string, clock: Clock) {
    this.#config = config;
    this.#redirectUri = `${origin}/v1/sign-in/callback`;
    this.#clock = clock;
    this.#pending = new PendingSignIns(clock);
  }

  /** Refuses UNAVAILABLE if the provider does not answer. */
  async begin(): Promise<SignInStart> {
    const provider = await this.#discover();
    const expected = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const { state, nonce, codeVerifier } = expected;
    const location = client.buildAuthorizationUrl(provider, {
      redirect_uri: this.#redirectUri,
      scope: ['openid', ...this.#config.requestedScopes].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...{ state, nonce },
    });
    return { location: location.href, secret: this.#pending.add(expected) };
  }

  /**
   * Who came back with this query. Refuses UNAUTHENTICATED unless the answer is the provider's to this browser's own sign-in, once;
   * NOT_ALLOWED for a person whom our configuration gives no scope; UNAVAILABLE if the provider does not answer.
   */
  async complete(query: string, secret: string | undefined): Promise<Person> {
    const expected = secret === undefined ? undefined : this.#pending.take(secret);
    if (!expected)
      throw new Refusal('UNAUTHENTICATED', 'no sign-in is under way in this browser: begin again');
    const claims = await this.#redeem(new URL(`${this.#redirectUri}?${query}`), expected);
    const scope = scopeOf(this.#config, toTexts(claims[this.#config.claim]));
    if (scope === undefined)
      throw new Refusal('NOT_ALLOWED', `none of your ${this.#config.claim} gives a scope here`);
    return { kind: 'person', issuer: claims.iss, subject: claims.sub, scope };
  }

  async #redeem(
    url: URL,
    { state, nonce, codeVerifier }: { state: string; nonce: string; codeVerifier: string },
  ) {
    const provider = await this.#discover();
    try {
      const tokens = await client.authorizationCodeGrant(provider, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      return tokens.claims()!;
    } catch (cause) {
      throw toRefusal(cause);
    }
  }

  /** The provider's own description, for an hour; a failure is not remembered. */
  #discover(): Promise<client.Configuration> {
    const nowMs = this.#clock.nowMs();
    if (!this.#provider || nowMs - this.#provider.atMs >= DISCOVERY_MS) {
      const found = discover(this.#config);
      this.#provider = { found, atMs: nowMs };
      found.catch(() => (this.#provider = undefined));
    }
    return this.#provider.found;
  }
}

async function discover({ issuer, clientId, clientSecretFile }: OidcConfig): Promise<client.Configuration> {
  const secret = (await readFile(clientSecretFile, 'utf8')).trim();
  const url = new URL(issuer);
  const options: client.DiscoveryRequestOptions = {
    timeout: TIMEOUT_SECONDS,
    // The configuration lets http be loopback alone.
    execute: url.protocol === 'http:' && isLoopback(url.hostname) ? [client.allowInsecureRequests] : [],
  };
  const metadata = { client_secret: secret, [client.clockTolerance]: TOLERANCE_SECONDS };
  try {
    const provider = await client.discovery(
      url,
      clientId,
      metadata,
      client.ClientSecretBasic(secret),
      options,
    );
    // TLS to the provider would do; with this a token that somebody else slips in is refused as well.
    client.enableNonRepudiationChecks(provider);
    return provider;
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `the OpenID provider ${issuer} does not answer as one`, { cause });
  }
}

/** A text, or a list of texts; anything else gives nothing. */
function toTexts(claim: unknown): string[] {
  return [claim].flat().filter((value) => typeof value === 'string');
}

/** Without the provider's words, which may quote what was sent. */
function toRefusal(cause: unknown): Refusal {
  const { code } = cause as { code?: unknown };
  if (cause instanceof TypeError || code === 'OAUTH_TIMEOUT')
    return new Refusal('UNAVAILABLE', 'the OpenID provider does not answer', { cause });
  return new Refusal('UNAUTHENTICATED', 'the OpenID provider did not confirm this sign-in', { cause });
}
