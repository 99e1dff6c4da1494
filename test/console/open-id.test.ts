// Signing in with the organisation's own provider, in a real browser: there, back, and out again; and what is said to whoever is
// let in nowhere.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startTestCoordinator, type TestCoordinator } from '../../coordinator/src/federation.fixture.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startProvider,
  type TestProvider,
} from '../../coordinator/src/http/open-id-provider.fixture.ts';
import { findFreePorts } from '../../scripts/demonstration/free-ports.ts';
import { browserSkip, launchBrowser } from '../page/opened-page.ts';
import { OpenedConsole } from './opened-console.ts';

const TIMEOUT_MS = 120_000;
const WITH_PROVIDER = 'Sign in with your organisation';

describe('signing in with a provider', { skip: browserSkip, timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let provider: TestProvider;
  let coordinator: TestCoordinator;
  let folder: string;
  let origin: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bs-oidc-'));
    const clientSecretFile = join(folder, 'secret');
    await writeFile(clientSecretFile, CLIENT_SECRET);
    const [port = 0] = await findFreePorts(1);
    origin = `https://127.0.0.1:${port}`;
    provider = await startProvider(`${origin}/v1/sign-in/callback`);
    const oidc = {
      ...{ issuer: provider.issuer, clientId: CLIENT_ID, clientSecretFile },
      ...{ requestedScopes: ['groups'], claim: 'groups' },
      scopes: { operator: ['federation-operators'], auditor: ['revision'], read: [] },
    };
    const listen = { grpc: '127.0.0.1:0', http: `127.0.0.1:${port}` };
    const http = { tls: 'authority' as const, url: origin, trustProxy: [], requestsPerMinute: 10_000, oidc };
    [browser, coordinator] = await Promise.all([launchBrowser(), startTestCoordinator({}, { listen, http })]);
  });
  after(async () => {
    await browser.close();
    await coordinator.remove();
    await provider.close();
    await rm(folder, { recursive: true });
  });

  async function comeBack(groups: readonly string[]): Promise<OpenedConsole> {
    provider.account = { sub: 'alice@hospital.example', groups };
    const opened = await OpenedConsole.open(browser, origin);
    await opened.page.getByRole('link', { name: WITH_PROVIDER }).click();
    return opened;
  }

  test('ends on the overview, with the scope that the group gives, and signing out ends it', async () => {
    const opened = await comeBack(['staff', 'revision']);
    const { page } = opened;
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.locator('[data-connection=live]').waitFor();
    assert.match(await opened.text('.who'), /^alice@hospital\.example auditor$/);
    assert.equal(await page.getByRole('link', { name: 'Submit a job' }).count(), 0);
    await opened.go('/audit/trail', 'Audit trail');
    const row = page.getByRole('row').filter({ hasText: 'alice@hospital.example' });
    await row.getByText('Signed in', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: WITH_PROVIDER }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: WITH_PROVIDER }).waitFor();
    assert.deepEqual(opened.complaints, []);
    await opened.close();
  });

  test('lets nobody in whose groups give no scope, and says so in words', async () => {
    const opened = await comeBack(['staff']);
    const { page } = opened;
    await page.locator('[data-refusal=NOT_ALLOWED]').waitFor();
    assert.match(
      await opened.text('[role=alert]'),
      /confirmed who you are, but nothing it says of you gives/,
    );
    assert.equal(await page.getByRole('navigation', { name: 'Pages' }).count(), 0);
    assert.deepEqual(opened.complaints, []);
    await opened.close();
  });

  test('says that a link to an answer of the provider is no sign-in, and repeats no words of the link', async () => {
    const opened = await OpenedConsole.open(browser, origin);
    await opened.page.goto(`${origin}/v1/sign-in/callback?code=x&state=y&error_description=words`);
    await opened.page.locator('[data-refusal=UNAUTHENTICATED]').waitFor();
    await opened.page.goto(`${origin}/#/sign-in/toString`);
    await opened.page.locator('[data-refusal=toString]').waitFor();
    assert.match(await opened.text('[role=alert]'), /^Signing in with your organisation failed/);
    await opened.close();
  });
});
