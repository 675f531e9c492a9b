import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certifyPasskey } from '@interlock/company-side';
import type { LocalId, Thumbprint } from '@interlock/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { STYLE } from '../../../apps/company-agent/src/pages/style.js';
import { pagesAtExtremes } from '../../../apps/company-agent/test/pages-at-extremes.js';
import { comesTrue } from '../comes-true.js';
import { findChromium } from './find-chromium.js';
import { interlockUp, STARTS_WITHIN, type Up } from './interlock-up.js';
import { lookAt, openBrowser, type Seat, takeSeat } from './look-at-pages.js';
import { naming } from './processes.js';

const program = findChromium();
// It is of the distribution ("chromium"), and not every machine has it: the name of what was left out stands in the report.
const withChromium = program === undefined ? describe.skip : describe;

withChromium('the pages of a company agent, in Chromium at two sizes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-pages-'));
  chmodSync(folder, 0o711);
  const dir = join(folder, 'trial');
  let up: Up;
  let browser: Browser;
  let agreement = '';

  const json = (path: string) => JSON.parse(readFileSync(join(dir, 'companies/buyer', path), 'utf8'));
  async function seat(login: string): Promise<Seat> {
    const accounts: { sub: string; password: string }[] = json('identity-provider/accounts.json');
    const password = accounts.find(({ sub }) => sub === login)?.password ?? '';
    return takeSeat(browser, json('company.json').agentOrigin, { login, password });
  }

  beforeAll(async () => {
    up = await interlockUp({ dir, args: ['--through', '4'] });
    await up.says(/The trial stays up until Ctrl-C/);
    agreement = /agreement (agr_\w+) version 2 is in force/.exec(up.said())?.[1] ?? '';
    browser = await openBrowser(program ?? '');
  }, STARTS_WITHIN + 10_000);

  afterAll(async () => {
    await browser?.close();
    up?.send('SIGKILL');
    await comesTrue(async () => naming(folder).length === 0, 60_000);
    rmSync(folder, { recursive: true, force: true });
  }, 70_000);

  it('are readable, in contrast, on a telephone too, and reached by the keyboard alone', async () => {
    const auditor = await seat('auditor');
    const pages = [
      '/',
      '/agreements',
      `/agreements/${agreement}`,
      '/grants',
      '/live',
      '/flows',
      '/reach',
      '/reach?machine=delta-foods.example%2Fpress-7&time=',
      `/audit?log=${agreement}`,
      `/audit/${agreement}/0`,
    ];
    for (const path of pages) expect(await auditor.look(path)).toMatchObject({ path, faults: [] });
    await auditor.leave();
    const lead = await seat('shift-lead');
    for (const path of ['/', '/grants/new']) expect(await lead.look(path)).toMatchObject({ path, faults: [] });
    await lead.leave();
  }, 120_000);

  it('are the same in dark, with the longest names, with nothing, and where a log cannot be shown', async () => {
    const looked = new Set([
      'long names: agreement',
      'long names: audit',
      'long names: live',
      'long names: flows',
      'empty: inbox',
      'refused: live',
    ]);
    const pages = (await pagesAtExtremes()).filter(({ name }) => looked.has(name));
    expect(pages).toHaveLength(looked.size);
    for (const { name, html } of pages)
      expect({ name, faults: await lookAt(browser, html, STYLE) }).toEqual({ name, faults: [] });
  }, 60_000);

  it('say what the trial did: the terms, who can reach the press, and a record with its place in the log', async () => {
    const auditor = await seat('auditor');
    const said = async (path: string) => (await auditor.look(path)).text.replaceAll(/\s+/g, ' ');
    expect(await said(`/agreements/${agreement}`)).toContain('remote service by people: approved by 2 of maintenance');
    const reach = await said('/reach?machine=delta-foods.example%2Fpress-7&time=');
    expect(reach).toMatch(
      /technician of alpine-presses.example.*approved by (plant-engineer, shift-lead|shift-lead, plant-engineer)/,
    );
    expect(await said('/live')).toContain('No gateway has ever recorded a lock-out');
    expect(await said(`/audit?log=${agreement}&kind=session.opened`)).toMatch(/cosigned by .*technician of/);
    expect(await said(`/audit/${agreement}/0`)).toMatch(/Place ?0 of \d+.*agreement.proposed/);
    await auditor.leave();
  }, 60_000);

  it('show the session that is open, and cut it by one button; then it is gone', async () => {
    const officer = await seat('security-officer');
    const { page } = officer;
    const open = () => page.getByText('technician of alpine-presses.example').count();
    await comesTrue(async () => {
      await officer.look('/live');
      return (await open()) === 1;
    }, 30_000);
    expect(await officer.look('/live')).toMatchObject({ faults: [] });
    await page.getByLabel('Reason, shown to the partner').fill('seen on the page');
    await page.getByRole('button', { name: 'Cut this session now' }).click();
    await page.getByText('It is signed').waitFor();
    await comesTrue(async () => {
      await officer.look('/live');
      return (await open()) === 0;
    }, 30_000);
    await officer.leave();
  }, 90_000);

  it('have a grant signed by a passkey, once the company has certified it', async () => {
    const agentOf = (word: string) =>
      JSON.parse(readFileSync(join(dir, `companies/${word}/company.json`), 'utf8')).agentOrigin;
    const secret = JSON.parse(readFileSync(join(dir, 'trial.json'), 'utf8')).secrets;
    const password = secret['vendor.technician.password'];
    const { page: asking, leave } = await takeSeat(browser, agentOf('vendor'), { login: 'technician', password });
    await asking.goto(`${agentOf('vendor')}/grants/new`);
    const minute = (at: number) => new Date(at).toISOString().slice(0, 16);
    const wanted = { 'Services, separated by commas': 'ssh', Purpose: 'repair', Ticket: 'INC-4711' };
    const spans = { 'From (UTC)': minute(Date.now()), 'To (UTC)': minute(Date.now() + 3_600_000) };
    const typed = { ...wanted, ...spans, 'Passphrase of your key': secret['vendor.technician.passphrase'] };
    for (const [label, value] of Object.entries(typed)) await asking.getByLabel(label).fill(value);
    await asking.getByRole('button', { name: 'Sign and ask' }).click();
    await asking.getByText('nobody yet').waitFor();
    const grant = /grt_\w{26}/.exec((await asking.textContent('h1')) ?? '')?.[0] ?? '';
    await leave();

    const lead = await seat('shift-lead');
    const authenticators = await lead.page.context().newCDPSession(lead.page);
    await authenticators.send('WebAuthn.enable');
    const ways = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const;
    await authenticators.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...ways, isUserVerified: true, automaticPresenceSimulation: true },
    });
    expect(await lead.look('/passkeys')).toMatchObject({ faults: [] });
    await lead.page.getByRole('button', { name: 'Add a passkey' }).click();
    await lead.page.getByText('nothing before it is certified').waitFor();
    const fingerprint = (await lead.page.locator('td code').textContent()) ?? '';
    const certified = await certifyPasskey(
      join(dir, 'companies/buyer'),
      'shift-lead' as LocalId,
      fingerprint as Thumbprint,
      Date.now(),
    );
    expect(certified).toMatchObject({ allowed: true });
    await comesTrue(async () => {
      await lead.page.goto(`${agentOf('buyer')}/grants/${grant}`);
      return (await lead.page.getByRole('button', { name: 'Sign with your passkey' }).count()) === 1;
    }, 30_000);
    expect(await lead.look(`/grants/${grant}`)).toMatchObject({ faults: [] });
    // It is offered once the broker knows its certificate, so the first signature counts.
    await lead.page.getByRole('button', { name: 'Sign with your passkey' }).click();
    await lead.page.waitForURL(/\/approve$/);
    await lead.page.getByText('shift-lead (maintenance').waitFor();
    await lead.leave();
  }, 120_000);
});
