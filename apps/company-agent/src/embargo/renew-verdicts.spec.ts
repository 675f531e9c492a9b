import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  firstUses,
  keptDecisions,
  layout,
  readCompany,
  recordAuthorisation,
  recordRuling,
  replayDecision,
  reviewQueue,
  revokeAuthorisation,
  setDecisionPoint,
  setPolicies,
} from '@interlock/company-side';
import type { LocalId, Verdict } from '@interlock/domain';
import { digestOf, trust, verifyVerdict } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { allLists, lay, parties, territories } from '../../test/embargo-lists.js';
import {
  approvedGrant,
  BUYER,
  PASSPHRASE,
  post,
  programOf,
  until,
  VENDOR,
  type World,
  world,
} from '../../test/world.js';

const EU = 'eu' as LocalId;
jest.setTimeout(60_000);

let w: World;
let grant: Awaited<ReturnType<typeof approvedGrant>>['document'];
let made = Date.now() - 60_000;
beforeAll(async () => {
  const term = { type: 'embargo' as const, party: VENDOR, issuers: [EU], maxAgeSeconds: 3_600 };
  const point = { type: 'decision-point' as const, party: VENDOR, present: true, maxAgeSeconds: 1 };
  w = await world((agreement) => ({ ...agreement, terms: [...agreement.terms, term, point] }));
  grant = (await approvedGrant(w)).document;
});
afterAll(() => w?.close());

const verdicts = (): Verdict[] =>
  w.broker.verdicts
    .map(({ document }) => document)
    .filter((one) => one.kind === 'embargo' && one.grant === digestOf(grant));
/** The next verdict about the grant, after whatever was just done. */
async function next(change: () => Promise<unknown> | unknown): Promise<Verdict> {
  const before = verdicts().length;
  await change();
  await until(() => {
    w.broker.send(VENDOR, { t: 'inbox', kind: 'grant', id: grant.id });
    return verdicts().length > before;
  });
  return verdicts()[before]!;
}
const later = () => (made += 1_000);
const dir = () => w.vendor.dir;

describe('embargo verdicts', () => {
  it('are no without lists, and yes with them, signed with the embargo key over the snapshot they were made from', async () => {
    expect((await next(() => undefined)).outcome).toBe('blocked');
    await next(() => lay(dir(), ...allLists(later())));
    await until(() => verdicts().at(-1)?.outcome === 'clear');
    const { entities, certificates, pins } = readCompany(dir());
    const ring = await trust(entities, certificates, pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(await verifyVerdict(w.broker.verdicts.at(-1), ring.value, Date.now())).toMatchObject({ allowed: true });
    // Kept after it was handed over.
    await until(() => keptDecisions(dir()).some(({ decision }) => decision.outcome === 'clear'));
  });

  it('turn for what stands when a place is embargoed, and turn back only when it no longer is', async () => {
    expect((await next(() => lay(dir(), territories(['NL'], later())))).outcome).toBe('blocked');
    expect((await next(() => lay(dir(), territories(['CU'], later())))).outcome).toBe('clear');
  });

  it('keep a person from asking for what the lists refuse, and tell no reason', async () => {
    await next(() => lay(dir(), territories(['NL'], later())));
    const technician = await programOf(w.vendor, 'technician');
    const asked = await post(
      `${w.vendor.origin}/grants`,
      {
        agreementId: w.agreement.id,
        kind: 'remote-service',
        resources: [{ owner: BUYER, id: 'press-7' }],
        actions: ['ssh'],
        purpose: 'repair',
        ticket: 'INC-4711',
        windows: [{ from: Date.now() - 1_000, to: Date.now() + 3_600_000 }],
        passphrase: PASSPHRASE,
      },
      { authorization: `Bearer ${technician}` },
    );
    expect(asked).toMatchObject({ status: 403, body: { code: 'embargo_blocked' } });
    expect(JSON.stringify(asked.body)).not.toContain('NL');
  });

  it('are permitted under a licence from its recording to its revocation; its first use is to be reported', async () => {
    const licence = {
      number: 'L-1',
      authority: 'the licensing office',
      issuer: 'eu',
      kind: 'licence',
      scope: { rules: ['r1'], parties: null, acts: ['session'], places: null, items: null, contractsBefore: null },
      validity: { validFrom: null, validTo: '2099-01-01' },
      conditions: [],
      reporting: [{ what: 'notify the first use', withinDays: 30 }],
    };
    expect((await next(() => recordAuthorisation(dir(), JSON.stringify(licence), Date.now()))).outcome).toBe('clear');
    await until(() => firstUses(dir()).length === 1);
    expect(firstUses(dir())[0]).toMatchObject({ authorisation: 'L-1', due: [{ what: 'notify the first use' }] });
    expect((await next(() => revokeAuthorisation(dir(), 'L-1', Date.now()))).outcome).toBe('blocked');
    await next(() => lay(dir(), territories(['CU'], later())));
  });

  it('wait for a human where a name is near, and ask again when the entry changes', async () => {
    expect((await next(() => lay(dir(), parties(['Delta Food'], later())))).outcome).toBe('blocked');
    await until(() => reviewQueue(dir()).length > 0);
    const rulings = () => {
      for (const { list, entry, version, organisation, name } of reviewQueue(dir())) {
        const subject = { list, entry, version, organisation, name };
        recordRuling(dir(), { subject, says: 'not-a-match', by: 'compliance', reason: 'other', at: Date.now() });
      }
    };
    expect((await next(rulings)).outcome).toBe('clear');
    expect((await next(() => lay(dir(), parties(['Delta Fods'], later())))).outcome).toBe('blocked');
    await until(() => reviewQueue(dir()).length > 0);
    expect((await next(rulings)).outcome).toBe('clear');
  });

  it('were all made from what is kept, and come out the same again', () => {
    const kept = keptDecisions(dir());
    expect(kept.length).toBeGreaterThan(6);
    const lists = kept.filter(({ decision }) => decision.lists.length > 0);
    for (const record of lists) expect(replayDecision(dir(), record)).toMatchObject({ value: { same: true } });
    // Each edition that was obeyed stands in the company's own evidence, once.
    const journal = join(layout(dir()).state, 'journal');
    const text = readdirSync(journal)
      .map((name) => readFileSync(join(journal, name), 'utf8'))
      .join('');
    const imports = [...text.matchAll(/"kind":"list-import","snapshot":"(sha256:[^"]+)"/g)].map(([, digest]) => digest);
    expect(imports.length).toBeGreaterThan(1);
    expect(imports).toContain(verdicts().find(({ outcome }) => outcome === 'clear')?.snapshot);
  });

  it('are no when a list was altered, is gone, or the snapshot is not signed', async () => {
    const folder = join(layout(dir()).embargo, 'lists');
    const named = (JSON.parse(readFileSync(join(layout(dir()).embargo, 'snapshot.json'), 'utf8')) as Named).document
      .lists;
    const file = join(folder, `${named.find(({ kind }) => kind === 'parties')!.digest.replace('sha256:', '')}.json`);
    expect(readdirSync(folder).length).toBeGreaterThan(named.length);
    const whole = readFileSync(file);
    // Indexed lists are used until the snapshot changes, so the change that follows is what meets the altered file.
    writeFileSync(file, whole.toString('utf8').replace('Delta Fods', 'Delta Fads'));
    const current = join(layout(dir()).embargo, 'snapshot.json');
    const snapshot = readFileSync(current, 'utf8');
    expect((await next(() => writeFileSync(current, snapshot.replace(/"takenAt":\d+/, '"takenAt":1')))).outcome).toBe(
      'blocked',
    );
    writeFileSync(file, whole);
    expect((await next(() => writeFileSync(current, snapshot))).outcome).toBe('clear');
    expect((await next(() => rmSync(current))).outcome).toBe('blocked');
  });
});

interface Named {
  readonly document: { readonly lists: readonly { readonly kind: string; readonly digest: string }[] };
}

describe('the company’s own decision point', () => {
  const given = () => w.broker.verdicts.map(({ document }) => document).filter(({ kind }) => kind === 'decide');
  const turnsTo = (outcome: Verdict['outcome']) =>
    until(() => {
      w.broker.send(VENDOR, { t: 'inbox', kind: 'grant', id: grant.id });
      return given().findLast((one) => one.grant === digestOf(grant))?.outcome === outcome;
    });

  it('is asked about each use of a right, and its yes is a signed verdict; no, half a yes, nonsense and silence are no', async () => {
    expect(given()).toEqual([]);
    let say: (asked: { evaluations: unknown[] }) => { status?: number; body: string } | undefined;
    const asked: { url: string | undefined; authorization: string | undefined; body: { evaluations: unknown[] } }[] =
      [];
    const server = createServer(async (request, response) => {
      const body = (await new Response(Readable.toWeb(request) as ReadableStream).json()) as { evaluations: unknown[] };
      asked.push({ url: request.url, authorization: request.headers.authorization, body });
      const said = say(body);
      if (said) response.writeHead(said.status ?? 200).end(said.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const all = (decision: unknown) => (told: { evaluations: unknown[] }) => ({
      body: JSON.stringify({ evaluations: told.evaluations.map(() => ({ decision })) }),
    });
    say = all(true);
    setDecisionPoint(
      dir(),
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/access/v1/evaluations`,
      'shown',
    );
    await turnsTo('clear');
    expect(asked.find(({ body }) => JSON.stringify(body).includes(grant.id))).toMatchObject({
      authorization: 'Bearer shown',
      body: {
        evaluations: [
          {
            subject: { type: 'person', id: `${VENDOR}/technician` },
            resource: { type: 'resource', id: `${BUYER}/press-7` },
            action: { name: 'ssh' },
          },
        ],
      },
    });
    const noes: (typeof say)[] = [
      all(false),
      all('true'),
      () => ({ body: '{"evaluations":[]}' }),
      () => ({ body: 'yes' }),
      (told) => ({ status: 500, ...all(true)(told) }),
      () => undefined,
    ];
    for (const no of noes) {
      say = no;
      await turnsTo('blocked');
      say = all(true);
      await turnsTo('clear');
    }
    const { entities, certificates, pins } = readCompany(dir());
    const ring = await trust(entities, certificates, pins, Date.now());
    if (!ring.allowed) throw new Error(ring.refusal.code);
    expect(await verifyVerdict(w.broker.verdicts.at(-1), ring.value, Date.now())).toMatchObject({ allowed: true });
    server.closeAllConnections();
    server.close();
  });

  it('is a policy set in the agent itself, where the company gave it one: what no policy permits is a no from the next look on', async () => {
    setPolicies(dir(), '');
    await turnsTo('blocked');
    setPolicies(dir(), `permit (principal == Person::"${VENDOR}/technician", action == Action::"ssh", resource);`);
    await turnsTo('clear');
    setPolicies(dir(), 'permit (principal, action, resource) when { principal.badge };');
    await turnsTo('blocked');
  });
});
