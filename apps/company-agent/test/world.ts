import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addPerson,
  addPin,
  agentClient,
  initCompany,
  type Log,
  layout,
  openPersonKey,
  ownPin,
  readCompany,
  robotBrowser,
  setBrokerKeys,
  signAgreement,
  signRoleMapping,
} from '@interlock/company-side';
import { readConfig } from '@interlock/contracts';
import {
  type Agreement,
  type Approvable,
  type Grant,
  type LocalId,
  type MemberList,
  type OrganisationId,
  ROLES,
  type Signed,
  type Thumbprint,
} from '@interlock/domain';
import { digestOf, newPrivateKey, publicJwkOf, signDocument } from '@interlock/proof';
import { aGrant, anAgreement, aPartnership } from '@interlock/testkit/builders';
import { SETTINGS } from '../src/settings.js';
import { type RunningAgent, startAgent } from '../src/start-agent.js';
import { FakeBroker } from './fake-broker.js';
import { startProvider, type TestProvider } from './identity-provider.js';

export const VENDOR = 'alpine-presses.example' as OrganisationId;
export const BUYER = 'delta-foods.example' as OrganisationId;
export const PASSPHRASE = 'a passphrase of this test';
export const BROKER = 'broker.example';
const id = (text: string) => text as LocalId;

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface Side {
  readonly dir: string;
  readonly origin: string;
  readonly provider: TestProvider;
  /** Settings of its agent from its next start on. */
  settings?: Readonly<Record<string, string>>;
  agent: RunningAgent;
}

export interface World {
  readonly broker: FakeBroker;
  readonly brokerOrigin: string;
  readonly logKey: ReturnType<typeof newPrivateKey>;
  readonly vendor: Side;
  readonly buyer: Side;
  readonly agreement: Agreement;
  restart(side: Side): Promise<void>;
  close(): Promise<void>;
}

/** Two companies with their own folders, providers and agents, a broker between them, and an agreement both signed. */
export async function world(change: (agreement: Agreement) => Agreement = (same) => same): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'agents-'));
  const broker = new FakeBroker();
  const brokerOrigin = await broker.start();
  const logKey = newPrivateKey();
  const vendor = await company(root, VENDOR, brokerOrigin);
  const buyer = await company(root, BUYER, brokerOrigin);
  addPin(vendor.dir, BUYER, ownPin(buyer.dir).root);
  addPin(buyer.dir, VENDOR, ownPin(vendor.dir).root);
  for (const { dir } of [vendor, buyer]) {
    const key = publicJwkOf(logKey);
    setBrokerKeys(dir, { name: BROKER, logKey: key, ticketKey: key });
  }
  await people(vendor.dir, buyer.dir);
  await roles(buyer);
  const agreement = change(await agreementOf(vendor.dir, buyer.dir));
  broker.agreements.set(agreement.id, { signed: await signByBoth(agreement, vendor.dir, buyer.dir), status: 'active' });
  const sides = { vendor: await run(vendor, brokerOrigin), buyer: await run(buyer, brokerOrigin) };
  await until(() => broker.connected(VENDOR) && broker.connected(BUYER));
  return {
    broker,
    brokerOrigin,
    logKey,
    ...sides,
    agreement,
    restart: async (side) => {
      await side.agent.close();
      await until(() => !broker.connected(side.agent.organisation));
      side.agent = (await run(side, brokerOrigin)).agent;
      await until(() => broker.connected(side.agent.organisation));
    },
    close: async () => {
      await Promise.all([sides.vendor.agent.close(), sides.buyer.agent.close()]);
      await Promise.all([vendor.provider.close(), buyer.provider.close(), broker.stop()]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function company(root: string, organisation: OrganisationId, brokerOrigin: string): Promise<Omit<Side, 'agent'>> {
  const dir = join(root, organisation);
  const origin = `http://127.0.0.1:${await freePort()}`;
  const provider = await startProvider();
  await initCompany(dir, {
    organisation,
    name: organisation === VENDOR ? 'Alpine Presses' : 'Delta Foods',
    jurisdiction: organisation === VENDOR ? 'AT' : 'NL',
    agentOrigin: origin,
    brokerOrigin,
    identityProvider: { issuer: provider.issuer, clientId: 'company-agent' },
    now: Date.now(),
  });
  const { client_id, redirect_uris, token_endpoint_auth_method, jwks } = agentClient(dir);
  const broker = {
    client_id: 'broker-login',
    redirect_uris: ['http://127.0.0.1:1/callback'],
    token_endpoint_auth_method: 'none' as const,
    application_type: 'native' as const,
  };
  provider.serve([
    { client_id, redirect_uris: [...redirect_uris], token_endpoint_auth_method, jwks: { keys: [...jwks.keys] } },
    // Another relying party of the same company's provider: what it obtains must be worth nothing at the agent.
    broker,
  ]);
  return { dir, origin, provider };
}

async function people(vendor: string, buyer: string): Promise<void> {
  const now = Date.now();
  const common = { passphrase: PASSPHRASE, now };
  await addPerson(vendor, {
    id: id('technician'),
    groups: [id('service')],
    purposes: ['grant', 'delegate'],
    ...common,
  });
  await addPerson(vendor, { id: id('colleague'), groups: [id('service')], purposes: ['grant'], ...common });
  const approve = { purposes: ['approve'] as const, ...common };
  await addPerson(buyer, { id: id('first-approver'), groups: [id('maintenance')], ...approve });
  await addPerson(buyer, { id: id('second-approver'), groups: [id('maintenance')], ...approve });
  for (const name of ['architect', 'auditor'])
    await addPerson(buyer, { id: id(name), groups: [], purposes: [], ...common });
}

/** The buyer's people by the groups of its own provider; the vendor has no mapping, and nobody there has a role. */
async function roles({ dir, provider }: Pick<Side, 'dir' | 'provider'>): Promise<void> {
  const given = { architect: ['architect'], auditor: ['auditor'], approver: ['first-approver', 'second-approver'] };
  for (const [group, logins] of Object.entries(given)) for (const login of logins) provider.groups.set(login, [group]);
  const rules = ROLES.map((role) => ({ claim: 'groups', value: role, role }));
  const mapped = await signRoleMapping(dir, { scopes: ['groups'], rules, outsideAuditors: [] }, Date.now());
  if (!mapped.allowed) throw new Error(mapped.refusal.code);
}

async function agreementOf(vendor: string, buyer: string): Promise<Agreement> {
  const template = anAgreement(await aPartnership(), {}, Date.now());
  const party = (dir: string, role: 'vendor' | 'buyer') => ({
    ...ownPin(dir),
    role,
    entity: digestOf(readCompany(dir).entities.at(-1)?.document),
  });
  return { ...template, parties: [party(vendor, 'vendor'), party(buyer, 'buyer')] };
}

export async function signByBoth(agreement: Agreement, ...dirs: readonly string[]): Promise<Signed<Agreement>> {
  const signatures = await Promise.all(dirs.map((dir) => signAgreement(dir, agreement, Date.now())));
  return { document: agreement, signatures: signatures.flatMap((one) => (one.allowed ? [one.value] : [])) };
}

async function run(side: Omit<Side, 'agent'>, brokerOrigin: string): Promise<Side> {
  const settings = readConfig(SETTINGS, {
    AGENT_FOLDER: side.dir,
    AGENT_PORT: new URL(side.origin).port,
    AGENT_ORIGIN: side.origin,
    BROKER_ORIGIN: brokerOrigin,
    AGENT_TIME_ZONE: 'Europe/Vienna',
    AGENT_JOURNAL_BYTES: '10000000',
    ...side.settings,
  });
  return Object.assign(side, { agent: await startAgent(settings, silent) });
}

/** A grant that the vendor's technician signed; the buyer has not approved it. */
export async function askedGrant({ vendor, agreement }: World, over: Partial<Grant> = {}): Promise<Signed<Grant>> {
  const letters = Array.from(randomBytes(26), (byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte & 31]).join('');
  const grant = aGrant(agreement, { id: `grt_${letters}` as Grant['id'], ...over }, Date.now());
  return { document: grant, signatures: [await signAs(vendor, 'technician', grant)] };
}

/** A grant that both approvers of the buyer signed too, held by the broker. */
export async function approvedGrant(w: World, over: Partial<Grant> = {}): Promise<Signed<Grant>> {
  const { document, signatures } = await askedGrant(w, over);
  const approvals = [
    await signAs(w.buyer, 'first-approver', document),
    await signAs(w.buyer, 'second-approver', document),
  ];
  const signed = { document, signatures: [...signatures, ...approvals] };
  w.broker.grants.set(document.id, { signed, status: 'active' });
  return signed;
}

export async function signAs({ dir }: Side, person: string, grant: Approvable | MemberList) {
  const organisation = readCompany(dir).settings.organisation;
  const opened = openPersonKey(layout(dir).person(id(person)), organisation, PASSPHRASE);
  if (!opened.allowed) throw new Error(opened.refusal.code);
  return signDocument(grant, opened.value, Date.now());
}

/** A person's browser, logged in at the agent's pages. */
export async function browserOf(side: Side, login: string) {
  const robot = robotBrowser((url) => url.pathname === '/waiting');
  const inbox = await robot.logIn(`${side.origin}/sign-in`, { login, password: side.provider.password });
  return { robot, inbox };
}

/** What a program on a person's computer sends and keeps. */
export function program(port = 45_678) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    redirect_uri: `http://127.0.0.1:${port}/waiting`,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { verifier, state, query };
}

/** A program that a person let act for him: its bearer token. */
export async function programOf(side: Side, login: string): Promise<string> {
  const { query, verifier } = program();
  const { robot } = await browserOf(side, login);
  const consent = await robot.open(`${side.origin}/sign-in?${query}`);
  const back = await robot.submit(consent, {}, '/login/confirm');
  const answer = await post(`${side.origin}/session/token`, {
    code: back.url.searchParams.get('code'),
    code_verifier: verifier,
  });
  return String(answer.body.accessToken);
}

/** The same of somebody who was added while the agent runs: it reads its folder once a second. */
export async function programOfAdded(side: Side, login: string): Promise<string> {
  const tokens: string[] = [];
  await until(async () => {
    const { inbox } = await browserOf(side, login);
    if (inbox.status === 200) tokens.push(await programOf(side, login));
    return tokens.length > 0;
  });
  return tokens[0] ?? '';
}

/** Runs a login for a grant up to the page that asks for the yes. */
export async function askProof(w: World, grant: Grant['id'], login: string, side: Side = w.vendor) {
  const asked = program();
  asked.query.set('grant', grant);
  asked.query.set('jkt', LEAF);
  const { robot } = await browserOf(side, login);
  return { ...asked, robot, page: await robot.open(`${side.origin}/login?${asked.query}`) };
}

export const LEAF = 'A'.repeat(43) as Thumbprint;

export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function get(url: string, token: string) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Waits for a condition, for at most ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('the condition did not come true within ten seconds');
    await new Promise((done) => setTimeout(done, 20));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
