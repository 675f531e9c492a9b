import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout, newId, ownPin, readSigner } from '@interlock/company-side';
import { type AuditAnswer, agreement as agreementForm } from '@interlock/contracts';
import { type Act, type Agreement, type AgreementId, type EvidenceRecord, TERMS } from '@interlock/domain';
import { digestOf, newPrivateKey, publicJwkOf, signed, thumbprintOf } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { everyClause } from '../../../test/every-clause.js';
import { bundledInterlock, type Interlock } from '../../../test/run-interlock.js';
import { smallLog } from '../../../test/small-log.js';
import { type TwoCompanies, twoCompanies } from '../../../test/two-companies.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(60_000);

let interlock: Interlock;
let world: TwoCompanies;
let vendor: string;
let buyer: string;
let draft: string;
let id: AgreementId;

const agreement = (...args: readonly string[]) => interlock.run('agreement', ...args, '--json');
const held = (): Agreement => JSON.parse(readFileSync(draft, 'utf8'));
const REGION_KEY = thumbprintOf(publicJwkOf(newPrivateKey()));

beforeAll(async () => {
  interlock = bundledInterlock();
  world = await twoCompanies(interlock.folder);
  [vendor, buyer] = [world.vendor.dir, world.buyer.dir];
  draft = join(interlock.folder, 'agreement.json');
}, 60_000);
afterAll(async () => {
  await world?.broker.stop();
  interlock?.remove();
});

const newAgreement = (...more: readonly string[]) =>
  agreement(
    ...['new', vendor, '--partner', 'delta-foods.example', '--role', 'vendor', '--approvers', 'maintenance:2'],
    ...['--resource', 'delta-foods.example/press-7=ssh', '--purposes', 'repair', '--out', draft, ...more],
  );

describe('interlock agreement new', () => {
  it('writes the narrowest agreement for remote service, in plain words beside the JSON', async () => {
    const made = await newAgreement('--profile', 'remote-service');
    expect(made).toMatchObject({ code: 0, json: { ok: true } });
    expect(held().terms).toEqual([
      {
        type: 'remote-service',
        approvals: [{ group: 'maintenance', persons: 2 }],
        ticketPattern: null,
        longestWindowSeconds: 7_200,
        purposes: ['repair'],
      },
      { type: 'offline', kind: 'remote-service', class: 'standard', mode: 'closed', leaseSeconds: 1_800 },
      { type: 'sessions', kind: 'remote-service', most: 1 },
      { type: 're-login', seconds: 7_200 },
      {
        ...{ type: 'time-limits', kind: 'remote-service' },
        ...{ bookingSeconds: 604_800, approvalSeconds: 86_400, workingSeconds: 7_200 },
      },
      { type: 'clock-skew', seconds: 5 },
    ]);
    expect(held().parties.map((party) => party.root)).toEqual([ownPin(vendor).root, ownPin(buyer).root]);
    const words = await interlock.run('agreement', 'diff', vendor, draft, draft);
    expect(words.stdout).toBe('the two say the same\n');
  });

  it('has ten questions, each asked once', () => {
    const source = readFileSync(join(import.meta.dirname, 'gather-wish.ts'), 'utf8');
    const asked = [...source.matchAll(/'(\d+)\. /g)].map(([, number]) => Number(number)).sort((a, b) => a - b);
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // And no other file of the verb asks anything.
    expect(readFileSync(join(import.meta.dirname, 'new-verb.ts'), 'utf8')).not.toMatch(/\bask\(/);
  });

  it('lets no key leave that was not named, and needs to know where a region lies', async () => {
    const region = ['--region', `eu-1=${REGION_KEY}`];
    expect(await newAgreement('--profile', 'data', ...region)).toMatchObject({ code: 2 });
    const secret = ['--trade-secret', 'force=iec-62443-3-3/sr-4.1@alpine-presses.example'];
    const key = ['--key', 'force:kN:process:coarsen:10', '--key', 'operator::person:drop', ...secret];
    const made = await newAgreement('--profile', 'both', ...region, '--region-country', 'DE', ...key);
    expect(made).toMatchObject({ code: 0 });
    const data = held().terms.find((term) => term.type === 'data-collection');
    expect(data).toMatchObject({
      recipients: ['alpine-presses.example'],
      regions: ['eu-1'],
      keys: [
        { key: 'force', action: 'coarsen', step: 10, secret: { recipients: ['alpine-presses.example'] } },
        { key: 'operator', action: 'drop' },
      ],
    });
  });

  it('writes a clause of every kind by options; whoever is brought in has a verb of its own', async () => {
    const made = await newAgreement(...everyClause(REGION_KEY));
    expect(made).toMatchObject({ code: 0 });
    expect(agreementForm.safeParse(held())).toMatchObject({ success: true });
    const said = new Set(held().terms.map(({ type }) => type));
    expect(Object.keys(TERMS).filter((type) => !said.has(type))).toEqual(['third-party']);
    expect(held().terms).toContainEqual(expect.objectContaining({ type: 'time-limits', workingSeconds: 28_800 }));
    expect(held().terms).toContainEqual(
      expect.objectContaining({ inspection: 'region', labels: ['internal'], scanning: 'required' }),
    );
    expect(held().terms).toContainEqual(expect.objectContaining({ cosigning: 'one', witnessSilenceSeconds: 7_200 }));
  });

  it('says which option is missing where nobody can be asked, and which form one has', async () => {
    const missing = await agreement('new', vendor, '--profile', 'both');
    expect(missing).toMatchObject({ code: 2 });
    expect(String(missing.json.error)).toContain('--partner');
    const wrong = [
      ['--profile', 'everything'],
      ['--profile', 'data', '--key', 'force:kN:process:pass:10'],
      ['--profile', 'data', '--region', 'eu-1'],
      ['--profile', 'data', '--trade-secret', 'force'],
      ['--profile', 'remote-service', '--approvers', 'maintenance:0'],
      ['--profile', 'remote-service', '--longest-window', '2 hours'],
    ];
    for (const ran of await Promise.all(wrong.map((one) => newAgreement(...one))))
      expect(ran).toMatchObject({ code: 2, json: { ok: false } });
  });

  it('names a partner that is not pinned only after he was compared', async () => {
    const made = await newAgreement('--profile', 'remote-service', '--partner', 'stranger.example');
    expect(made).toMatchObject({ code: 2 });
    expect(String(made.json.error)).toContain('interlock partner pin');
  });

  it('refuses what contradicts itself before anybody signs it', async () => {
    const made = await newAgreement(
      ...['--profile', 'remote-service', '--embargo', 'stranger.example=eu'],
      ...['--hours', 'mon-fri=06:00-22:00@Europe/Berlin'],
    );
    expect(made).toMatchObject({ code: 1, json: { code: 'agreement_incoherent' } });
  });
});

describe('an agreement', () => {
  it('is proposed by one company and put in force by the signature of the other', async () => {
    await newAgreement('--profile', 'remote-service');
    id = held().id;
    expect(await agreement('draft', vendor, draft)).toMatchObject({ code: 0, json: { id, status: 'draft' } });
    expect(await agreement('propose', vendor, id)).toMatchObject({ code: 2 });
    const proposed = await agreement('propose', vendor, id, '--digest', digestOf(held()));
    expect(proposed).toMatchObject({ code: 0, json: { id, status: 'proposed', digest: digestOf(held()) } });
    const seen = await agreement('list', buyer);
    expect(seen.json.agreements).toMatchObject([
      { id, signedBy: ['alpine-presses.example'], verified: false, refusal: { code: 'signature_missing' } },
    ]);
    const signedBy = await agreement('sign', buyer, id, '--digest', digestOf(held()));
    expect(signedBy).toMatchObject({ code: 0, json: { status: 'active' } });
    const shown = await interlock.run('agreement', 'show', vendor, id);
    expect(shown.stdout).toContain('remote service by people: approved by 2 of maintenance');
    expect(shown.stdout).toContain('verified here: holds');
  });

  it('is not signed by a digest that is not the one held, nor by nobody', async () => {
    const other = digestOf({ ...held(), version: 2 });
    expect(await agreement('sign', buyer, id, '--digest', other)).toMatchObject({
      code: 1,
      json: { code: 'not_what_was_shown' },
    });
    expect(await agreement('sign', buyer, id)).toMatchObject({ code: 2 });
  });

  it('is not signed with a root that was never compared', async () => {
    const forged = { ...held(), parties: held().parties.map((party) => ({ ...party, root: REGION_KEY })) };
    const file = join(interlock.folder, 'forged.json');
    writeFileSync(file, JSON.stringify(forged));
    const refused = await agreement('propose', vendor, file);
    expect(refused).toMatchObject({ code: 1, json: { code: 'party_root_not_pinned' } });
  });

  it('is compared clause by clause with the next version', async () => {
    const next = {
      ...held(),
      version: 2,
      previous: digestOf(held()),
      terms: held().terms.map((term) =>
        term.type === 'remote-service' ? { ...term, longestWindowSeconds: 60 } : term,
      ),
    };
    const file = join(interlock.folder, 'next.json');
    writeFileSync(file, JSON.stringify(next));
    const { json } = await agreement('diff', vendor, id, file);
    expect(json).toMatchObject({
      differences: [{ at: 'term remote-service', kind: 'changed', effect: 'narrower' }],
      narrower: true,
    });
    const back = await agreement('diff', vendor, file, id);
    expect(back.json).toMatchObject({ differences: [{ effect: 'wider' }], narrower: false });
  });

  it('that the broker does not know is one answer with one that is not yours', async () => {
    const nowhere = `agr_${'0'.repeat(26)}`;
    expect(await agreement('show', vendor, nowhere)).toMatchObject({ code: 1, json: { code: 'not_a_party' } });
  });

  it('and garbage in a file is named by its place', async () => {
    const file = join(interlock.folder, 'garbage.json');
    writeFileSync(file, JSON.stringify({ ...held(), endsAt: 'tomorrow' }));
    const refused = await agreement('propose', vendor, file);
    expect(refused).toMatchObject({ code: 2 });
    expect(String(refused.json.error)).toContain('endsAt');
  });
});

describe('a suspended agreement', () => {
  const resumeFile = () => join(interlock.folder, 'resume.json');

  it('is lifted by nobody while nothing is suspended', async () => {
    expect(await agreement('resume', vendor, id)).toMatchObject({ code: 2 });
  });

  it('goes on only when both companies have signed one and the same resume', async () => {
    const suspension = await suspend();
    const first = await agreement('resume', vendor, id, '--out', resumeFile());
    expect(first).toMatchObject({ code: 0, json: { lifts: suspension, complete: false } });
    expect(world.broker.acts).toHaveLength(1);
    const second = await agreement('resume', buyer, id, '--act', resumeFile());
    expect(second).toMatchObject({ code: 0, json: { lifts: suspension, complete: true } });
    expect(world.broker.acts.at(-1)?.signatures).toHaveLength(2);
    const again = await agreement('resume', buyer, id, '--act', resumeFile());
    expect(again).toMatchObject({ code: 1, json: { code: 'illegal_transition' } });
  });

  it('is ended for good by one company, with a reason', async () => {
    expect(await agreement('terminate', buyer, id)).toMatchObject({ code: 2 });
    const ended = await agreement('terminate', buyer, id, '--reason', 'the machine is sold');
    expect(ended).toMatchObject({ code: 0 });
    expect(world.broker.acts.at(-1)?.document).toMatchObject({
      verb: 'terminate',
      organisation: 'delta-foods.example',
    });
  });
});

describe('what was executed', () => {
  const file = () => join(interlock.folder, 'archive.json');
  const roots = () => [vendor, buyer].map((dir) => `${ownPin(dir).organisation}=${ownPin(dir).root}`).join(',');
  const archived = () => agreement('archive', vendor, id, '--out', file());
  let answers: (rows: AuditAnswer) => AuditAnswer = (answer) => answer;

  it('is one file with every act and every cosigned record, verified by the roots alone after its end', async () => {
    const log = smallLog(world, id, [1, 2, 3].map(aRecord));
    const both = [world.vendor, world.buyer];
    world.broker.before = ({ path, query }) => {
      if (path === 'GET /v1/audit/checkpoint')
        return { body: { treeSize: 2, checkpoint: log.checkpoint(2, both), logKey: '', witnesses: [] } };
      return path === 'GET /v1/audit/events' ? { body: answers(log.answer(query, both)) } : undefined;
    };
    const made = await archived();
    expect(made).toMatchObject({ code: 0, json: { versions: 1, acts: 3, records: 2, leftOut: 0 } });
    const verify = () => interlock.run('verify', file(), '--roots', roots(), '--json');
    expect(await verify()).toMatchObject({ code: 0, json: { ok: true, digest: made.json.digest } });
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('the machine is sold', 'the machine is gone'));
    expect(await verify()).toMatchObject({ code: 1, json: { ok: false } });
  });

  it('is not written with a record missing', async () => {
    answers = (answer) => ({ ...answer, rows: answer.rows.slice(1) });
    expect(await archived()).toMatchObject({ code: 1, json: { code: 'answer_incomplete' } });
  });
});

const aRecord = (count: number): EvidenceRecord => ({
  ...{ v: 1, id: newId('evd'), log: id, kind: 'agreement.signed', outcome: 'change', at: Date.UTC(2026, 5, 1, count) },
  ...{
    source: 'broker/trust-registry',
    organisation: world.vendor.company.organisation,
    subject: null,
    resource: null,
  },
  ...{ agreement: null, grant: null, session: null, clause: null, code: null, approvers: [], region: null },
  ...{ recipients: [], documents: [], count, correlation: null },
});

/** What the buyer's running agent signs. */
async function suspend() {
  const document: Act = {
    ...{ typ: 'act', v: 1, verb: 'suspend', organisation: world.buyer.company.organisation, agreementId: id },
    ...{ target: { kind: 'agreement', id }, reason: 'a test', lifts: null, sequence: 1, previous: null },
    issuedAt: Date.now(),
  };
  const signer = readSigner(layout(buyer).keys, 'agent', document.organisation);
  world.broker.acts.push(await signed(document, signer, Date.now()));
  return digestOf(document);
}
