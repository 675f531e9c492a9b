import { randomBytes } from 'node:crypto';
import type { Delegation, EvidenceRecord, Grant, GrantId, LocalId, StandingApproval } from '@interlock/domain';
import { digestOf, keySigner, newPrivateKey, openRecord, signDocument, signLoginProof } from '@interlock/proof';
import { aStandingApproval, type Holder } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aBroker, type Broker } from './a-broker.js';
import { call, ok, TestChannel } from './a-caller.js';
import { type RightSteps, rightSteps } from './right-steps.js';
import {
  type Agreed,
  agreed,
  anId,
  aPartnership,
  aSessionAsk,
  BUYER,
  granted,
  publishBoth,
  ROLES,
  VENDOR,
} from './two-companies.js';

const id = (text: string) => text as LocalId;

let broker: Broker;
let who: Agreed['who'];
let gateway: TestChannel;
beforeAll(async () => {
  broker = await aBroker();
  who = await aPartnership(Date.now());
  await publishBoth(broker, who);
  gateway = await TestChannel.open(broker, who.gateway.signer);
}, 60_000);
afterAll(async () => {
  gateway?.close();
  await broker?.stop();
});

describe.each(ROLES)('delegations and standing approvals at the broker, %s', (_, roles) => {
  let pair: Agreed;
  let steps: RightSteps;
  beforeAll(async () => {
    pair = await agreed(broker, who, roles(who));
    steps = rightSteps(broker, pair);
  });

  const delegationOf = (parent: Grant | Delegation, over: Partial<Delegation> = {}): Delegation => ({
    ...parent,
    typ: 'delegation',
    id: anId<GrantId>('grt'),
    parent: digestOf(parent),
    requester: { organisation: VENDOR, id: id('technician') },
    subjects: [{ organisation: VENDOR, kind: 'person', id: id('colleague') }],
    uses: null,
    reason: 'holiday replacement',
    issuedAt: Date.now(),
    ...over,
  });
  const hand = async (document: Delegation, signers: readonly Holder[] = [pair.who.technician]) => {
    const signatures = await Promise.all(signers.map((one) => signDocument(document, one.signer, Date.now())));
    return call(broker, pair.who.vendorAgent.signer, 'POST', '/v1/grants', { grant: { document, signatures } });
  };
  const approve = async (document: Delegation, holder: Holder) =>
    call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/grants/${document.id}/signatures`, {
      digest: digestOf(document),
      signatures: [await signDocument(document, holder.signer, Date.now())],
    });
  const handed = async (parent: Grant | Delegation, over: Partial<Delegation> = {}) => {
    const document = delegationOf(parent, over);
    await ok(hand(document, [pair.who.technician, pair.who.approver, pair.who.secondApprover]));
    return document;
  };
  const statusOf = (right: { id: GrantId }) => steps.statusOf(right as Grant);
  const enter = async (right: Delegation) => {
    const signer = keySigner(VENDOR, newPrivateKey());
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: VENDOR, sub: right.subjects[0]!.id, aud: BUYER, jkt: signer.kid, acr: 'pwd', auth_time: iat };
    const times = { grant: right.id, iat, exp: iat + 600, jti: randomBytes(16).toString('base64url') };
    const proof = await signLoginProof({ ...claims, ...times }, pair.who.vendorAgent.signer);
    return call(broker, signer, 'POST', '/v1/sessions', aSessionAsk(right as unknown as Grant, proof));
  };

  it('wait for the owner like a grant, show what they hang on, and let the delegate in', async () => {
    const document = delegationOf(await granted(broker, pair));
    expect((await hand(document)).body).toMatchObject({ status: 'asked' });
    expect((await enter(document)).code).toBe('approvals_missing');
    await ok(approve(document, pair.who.approver));
    expect((await approve(document, pair.who.secondApprover)).body).toMatchObject({ status: 'active' });
    const view = await ok<{ above: unknown[] }>(
      call(broker, pair.who.buyerAgent.signer, 'GET', `/v1/grants/${document.id}`),
    );
    expect(view.above).toHaveLength(1);
    expect((await enter(document)).body).toMatchObject({ chain: { delegations: [{ document: { id: document.id } }] } });
    const rows = await broker.database.query<{ body: EvidenceRecord; opened: string[] | null }>(
      `select body, opened from audit.appended
        where body -> 'documents' ? $1 order by position`,
      [digestOf(document)],
    );
    const kinds = [
      'grant.requested',
      'session.refused',
      'grant.approved',
      'grant.approved',
      'grant.activated',
      'session.admitted',
    ];
    expect(rows.map(({ body }) => body.kind)).toEqual(kinds);
    for (const { body, opened } of rows)
      expect(openRecord(body, opened ?? [])).toMatchObject({
        value: { delegators: [{ organisation: VENDOR, id: 'technician' }] },
      });
  });

  it.each([
    ['delegation_wider', { actions: [id('ssh'), id('vnc')] }],
    ['delegation_wider', { purpose: id('training') }],
    ['delegation_dangling', { parent: digestOf('nothing') }],
    ['delegator_not_subject', { requester: { organisation: VENDOR, id: id('colleague') } }],
  ])('are refused as %s', async (code, over) => {
    const parent = await granted(broker, pair);
    expect((await hand(delegationOf(parent, over))).code).toBe(code);
  });

  it('end with what they hang on, however deep, and nothing is handed on afterwards', async () => {
    const grant = await granted(broker, pair);
    const active = await handed(grant);
    const waiting = delegationOf(grant, { subjects: [{ organisation: VENDOR, kind: 'person', id: id('fitter') }] });
    await ok(hand(waiting));
    await ok(steps.handIn({ target: { kind: 'grant', id: grant.id } }));
    expect(await Promise.all([statusOf(grant), statusOf(active), statusOf(waiting)])).toEqual([
      'revoked',
      'revoked',
      'revoked',
    ]);
    expect((await enter(active)).code).toBe('taken_away');
    expect((await approve(waiting, pair.who.approver)).code).toBe('illegal_transition');
    expect((await hand(delegationOf(grant))).code).toBe('taken_away');
  });

  it('lose every race against the revocation of what they hang on', async () => {
    const rounds = roles === ROLES[0]?.[1] ? 4 : 1;
    for (let round = 0; round < rounds; round += 1) {
      const grant = await granted(broker, pair);
      const waiting = delegationOf(grant);
      await ok(hand(waiting, [pair.who.technician, pair.who.approver]));
      const fresh = delegationOf(grant, { reason: `round ${round}` });
      const all = [pair.who.technician, pair.who.approver, pair.who.secondApprover];
      await Promise.all([
        approve(waiting, pair.who.secondApprover),
        ok(steps.handIn({ target: { kind: 'grant', id: grant.id }, reason: `round ${round}` })),
        hand(fresh, all),
        enter(waiting),
      ]);
      const rows = await broker.database.query<{ status: string }>(
        'select status from grants.grants where parent_digest = $1 or digest = $1',
        [digestOf(grant)],
      );
      expect(rows.filter((row) => row.status !== 'revoked')).toEqual([]);
      expect((await enter(waiting)).code).toBe('taken_away');
    }
  });

  it('are not activated by the database under a right that is not active', async () => {
    const grant = await granted(broker, pair);
    const waiting = delegationOf(grant);
    await ok(hand(waiting));
    await ok(steps.handIn({ target: { kind: 'grant', id: grant.id } }));
    await expect(
      broker.database.query(`update grants.grants set status = 'active' where id = $1`, [waiting.id]),
    ).rejects.toThrow();
    await expect(
      broker.database.query('update grants.grants set parent_digest = null where id = $1', [waiting.id]),
    ).rejects.toThrow();
  });

  const approvalOf = (over: Partial<StandingApproval> = {}): StandingApproval =>
    aStandingApproval(pair.who, pair.agreement, { id: anId<GrantId>('grt'), ...over }, Date.now());
  const propose = async (document: StandingApproval, signers: readonly Holder[] = [pair.who.approver]) => {
    const signatures = await Promise.all(signers.map((one) => signDocument(document, one.signer, Date.now())));
    return call(broker, pair.who.buyerAgent.signer, 'POST', '/v1/grants', { grant: { document, signatures } });
  };
  const second = async (document: StandingApproval) =>
    call(broker, pair.who.buyerAgent.signer, 'POST', `/v1/grants/${document.id}/signatures`, {
      digest: digestOf(document),
      signatures: [await signDocument(document, pair.who.secondApprover.signer, Date.now())],
    });
  const under = (document: StandingApproval, over: Partial<Grant> = {}) =>
    steps.ask({ standingApproval: digestOf(document), ...over });

  it('of a standing approval: stands when as many signed as a grant needs, and grants under it count at once', async () => {
    const approval = approvalOf();
    expect((await propose(approval)).body).toMatchObject({ status: 'asked' });
    expect((await under(approval)).code).toBe('taken_away');
    expect((await second(approval)).body).toMatchObject({ status: 'active' });
    const { grant, body } = await under(approval);
    expect(body).toMatchObject({ status: 'active', above: [{ document: { id: approval.id } }] });
    const entered = await steps.open(grant);
    expect(entered.body).toMatchObject({ chain: { standingApproval: { document: { id: approval.id } } } });
    const rows = await broker.database.query<{ body: EvidenceRecord }>(
      `select body from audit.appended where body -> 'documents' ? $1 and body -> 'documents' ? $2 order by position`,
      [digestOf(approval), digestOf(grant)],
    );
    const kinds = rows.map(({ body: { kind } }) => kind);
    expect(kinds).toEqual(['grant.requested', 'grant.activated', 'session.admitted']);
    // Nobody comes by the approval itself.
    expect((await steps.open({ ...grant, id: approval.id })).code).toBe('outside_grant');
    // Nor is the grant signed by anybody of the owner besides, and it is asked for once.
    const { technician, approver } = pair.who;
    const riding = await steps.ask({ standingApproval: digestOf(approval) }, pair.agreement, [technician, approver]);
    expect(riding.code).toBe('wrong_issuer');
  });

  it.each<[string, Partial<StandingApproval>, Partial<Grant>]>([
    ['standing_exceeded', { longestWindowSeconds: 60 }, {}],
    ['standing_exceeded', { subjects: [{ organisation: VENDOR, kind: 'person', id: id('colleague') }] }, {}],
    ['standing_dangling', {}, { standingApproval: digestOf('nothing') }],
  ])('of a standing approval: refused as %s where the grant is beyond it', async (code, over, asked) => {
    const approval = approvalOf(over);
    await ok(propose(approval, [pair.who.approver, pair.who.secondApprover]));
    expect((await under(approval, asked)).code).toBe(code);
  });

  it('of a standing approval: dead with it, whoever races its revocation', async () => {
    for (let round = 0; round < 4; round += 1) {
      const [approval, waiting] = [approvalOf(), approvalOf()];
      await ok(propose(approval, [pair.who.approver, pair.who.secondApprover]));
      await ok(propose(waiting));
      const { grant } = await under(approval);
      const revoke = (one: StandingApproval) =>
        ok(steps.handIn({ target: { kind: 'grant', id: one.id }, reason: `round ${round} ${one.id}` }));
      await Promise.all([under(approval), revoke(approval), steps.open(grant), second(waiting), revoke(waiting)]);
      const rows = await broker.database.query<{ status: string }>(
        'select status from grants.grants where digest = any ($1) or parent_digest = any ($1)',
        [[approval, waiting].map(digestOf)],
      );
      expect(rows.length).toBeGreaterThanOrEqual(3);
      expect(rows.filter((row) => row.status !== 'revoked')).toEqual([]);
      expect((await steps.open(grant)).code).toBe('taken_away');
      expect((await under(approval)).code).toBe('taken_away');
    }
  });
});
