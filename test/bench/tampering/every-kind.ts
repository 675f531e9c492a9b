// One honest document of every kind there is, with the verifier by which whoever receives it takes it. A kind without an entry does not compile.

import type { DocumentKind } from '@interlock/contracts';
import {
  canonicalBytes,
  digestOf,
  digestOfActs,
  digestOfBytes,
  keySigner,
  newPrivateKey,
  trust,
  unseal,
  verifyActivation,
  verifyAgreement,
  verifyBeat,
  verifyEntity,
  verifyRight,
  verifyRoleMapping,
  verifySignal,
  verifyStatusList,
  verifySuccession,
  verifyUsageStatement,
  verifyVerdict,
} from '@interlock/proof';
import { aCompany, approveBeforehand, BUYER, handOn, NOW, VENDOR } from '@interlock/testkit/builders';
import { encryptTo } from '../../../libs/proof/src/jwe.js';
import { anErasure, aRelease } from './a-release.js';
import { ANNEX_KINDS } from './annex-kinds.js';
import { acted, DAY, id, type Made, plain, press, sign, type Target, type World } from './make-target.js';

async function aBatch({ right, ring }: World): Promise<readonly Target[]> {
  const { gateway, recipient } = right.who;
  const content = Buffer.from('[["2026-06-01T12:00:00Z","force","120"]]');
  const { kid, organisation } = recipient.signer;
  const document = {
    ...{ typ: 'batch', v: 2, agreement: right.chain.grant.document.agreement, grant: digestOf(right.grant) },
    ...{ flow: right.grant.id, gateway: { organisation: BUYER, id: gateway.id }, machine: press, region: id('eu-1') },
    ...{ product: id('press-telemetry'), presenter: null, sequence: 0, previous: null, dropped: 0 },
    ...{ recipients: [{ organisation, kid }], content: digestOfBytes(content), receivedAt: NOW, sealedAt: NOW },
  } as const;
  const [key] = ring.find(organisation, kid, 'open');
  if (!key) throw new Error('the recipient has no key to open with');
  const bytesOf = (input: unknown) => {
    try {
      return canonicalBytes(input);
    } catch {
      return Buffer.from(JSON.stringify(input));
    }
  };
  const verify = (input: unknown, now = NOW) => {
    const text = encryptTo([key], Buffer.concat([bytesOf(input), Buffer.from('\n'), content]));
    return unseal(JSON.parse(text), { organisation, kid, key: recipient.key }, ring, now);
  };
  return [{ name: 'batch', real: await sign(document as never, gateway.signer), late: false, verify }];
}

async function aRootLine({ right }: World): Promise<readonly Target[]> {
  const { root } = right.who.buyer;
  const next = keySigner(BUYER, newPrivateKey());
  const says = {
    typ: 'root-succession',
    v: 1,
    organisation: BUYER,
    from: root.key,
    to: next.kid,
    sequence: 2,
  } as const;
  const real = await sign({ ...says, issuedAt: NOW }, root);
  return [{ name: 'root-succession', real, late: true, verify: (input, now = NOW) => verifySuccession(input, now) }];
}

export const EVERY_KIND: { readonly [K in DocumentKind]: Made } = {
  entity: async ({ right: { who } }) => [
    {
      ...{ name: 'entity', real: who.vendor.entity, late: true, early: true },
      verify: (input, now = NOW) => verifyEntity(input, who.pins, now),
    },
  ],
  'root-succession': aRootLine,
  'key-certificate': async ({ right: { who, chain } }) => [
    {
      ...{ name: 'key-certificate', real: who.approver.certificate, late: true, early: true },
      verify: (input, now = NOW) => trust(chain.entities, [input], who.pins, now),
    },
  ],
  provisioning: async ({ right: { who }, ring }) => [
    await plain(
      {
        ...{
          typ: 'provisioning',
          v: 1,
          organisation: BUYER,
          gateway: who.gateway.id,
          targets: [],
          relays: [],
          regions: [],
        },
        ...{ pins: [{ organisation: BUYER, root: who.buyer.pin }], scrub: [], issuedAt: NOW },
        broker: { origin: 'https://broker.example', ticketKey: who.gateway.signer.key },
      } as never,
      who.buyer.certify,
      'certify',
      ring,
      true,
    ),
  ],
  'role-mapping': async () => {
    const issuer = 'https://login.gamma-metals.example';
    const own = await aCompany('gamma-metals.example', NOW, { identityProviders: [{ issuer, clientId: 'agent' }] });
    const { organisation } = own;
    const ring = await trust([own.entity], [], new Map([[organisation, own.pin]]), NOW);
    if (!ring.allowed) throw new Error(ring.refusal.code);
    const mapping = {
      ...{ typ: 'role-mapping', v: 1, organisation, entity: digestOf(own.entity.document), sequence: 1 },
      ...{ previous: null, issuer, scopes: ['groups'], outsideAuditors: [], issuedAt: NOW },
      rules: [{ claim: 'groups', value: 'audit', role: 'auditor' }],
    } as const;
    const verify = (input: unknown, now = NOW) => verifyRoleMapping(input, organisation, ring.value, now);
    return [{ name: 'role-mapping', real: await sign(mapping as never, own.certify), late: true, verify }];
  },
  agreement: async ({ right: { who, chain }, ring }) => [
    {
      ...{ name: 'agreement', real: chain.agreement, late: false },
      verify: (input, now = NOW) => verifyAgreement(input as never, ring, who.pins, now),
    },
  ],
  grant: async ({ right: { chain, who } }) => [
    {
      ...{ name: 'grant', real: chain.grant, late: false },
      verify: (input, now = NOW) => verifyRight({ ...chain, grant: input }, who.pins, now),
    },
  ],
  'standing-approval': async ({ right }) => {
    const { chain, who } = await approveBeforehand(right);
    const { standingApproval: real } = chain;
    if (!real) throw new Error('nothing was approved beforehand');
    const verify = (input: unknown, now = NOW) => verifyRight({ ...chain, standingApproval: input }, who.pins, now);
    return [{ name: 'standing-approval', real, late: false, verify }];
  },
  delegation: async ({ right }) => {
    const { chain, who } = await handOn(right);
    const [real] = chain.delegations ?? [];
    if (!real) throw new Error('nothing was handed on');
    const verify = (input: unknown, now = NOW) => verifyRight({ ...chain, delegations: [input] }, who.pins, now);
    return [{ name: 'delegation', real, late: false, verify }];
  },
  activation: async ({ right: { grant, who }, ring, shiftLead }) => {
    const nonce = 'n'.repeat(22);
    const dormant = { subjectKeys: [], approverKeys: [shiftLead.signer.kid], seconds: 3_600, uses: 1 };
    const asked = { right: { grant: { ...grant, dormant }, grantDigest: digestOf(grant), owner: BUYER } };
    const gateway = { organisation: BUYER, id: who.gateway.id };
    const document = {
      ...{ typ: 'activation', v: 1, organisation: BUYER, gateway: gateway.id, grant: digestOf(grant) },
      ...{
        resource: press.id,
        action: id('ssh'),
        leaf: who.technician.signer.kid,
        nonce,
        reason: 'it stands',
        at: NOW,
      },
    } as const;
    const verify = (input: unknown, now = NOW) => verifyActivation(input, ring, { ...asked, gateway, nonce }, now);
    return [{ name: 'activation', real: await sign(document as never, shiftLead.signer), late: false, verify }];
  },
  act: async (world) => {
    const { vendor, buyer, buyerAgent } = world.right.who;
    return [
      await acted('suspend', [buyerAgent.signer], world),
      await acted('terminate', [buyer.agreement], world),
      await acted('resume', [vendor.agreement, buyer.agreement], world),
    ];
  },
  beat: async ({ right: { agreement, who }, ring }) => {
    const receiver = { organisation: BUYER, id: who.gateway.id };
    const held = {
      ...{ agreement: digestOf(agreement), entity: digestOf(who.buyer.entity.document) },
      ...{ acts: digestOfActs([]), status: digestOf('status') },
    };
    const document = {
      ...{
        typ: 'beat',
        v: 1,
        organisation: BUYER,
        epoch: 1,
        receiver,
        nonce: null,
        agreementId: agreement.id,
        ...held,
      },
      ...{ checkpoint: null, issuedAt: NOW },
    } as const;
    const verify = (input: unknown, now = NOW) => verifyBeat(input, ring, receiver, held, now);
    return [{ name: 'beat', real: await sign(document as never, who.buyerAgent.signer), late: false, verify }];
  },
  'status-list': async ({ right: { agreement, who }, ring }) => {
    const document = {
      ...{ typ: 'status-list', v: 1, organisation: BUYER, agreementId: agreement.id, sequence: 1 },
      ...{ invalid: ['grt_1'], issuedAt: NOW, expiresAt: NOW + DAY },
    } as const;
    const verify = (input: unknown, now = NOW) => verifyStatusList(input, ring, BUYER, now);
    return [{ name: 'status-list', real: await sign(document as never, who.buyerAgent.signer), late: false, verify }];
  },
  verdict: async ({ right: { grant, who }, ring }) => {
    const document = {
      ...{ typ: 'verdict', v: 1, kind: 'embargo', organisation: BUYER, grant: digestOf(grant), outcome: 'clear' },
      ...{ snapshot: digestOf('lists'), issuedAt: NOW, expiresAt: NOW + DAY },
    } as const;
    const verify = (input: unknown, now = NOW) => verifyVerdict(input, ring, now);
    return [{ name: 'verdict', real: await sign(document as never, who.buyerAgent.signer), late: false, verify }];
  },
  signal: async ({ ring, shiftLead, right: { who } }) => {
    const about = { kind: 'resource', id: press.id };
    const document = {
      typ: 'signal',
      v: 1,
      organisation: BUYER,
      signal: 'presence',
      about,
      holds: true,
      at: NOW,
    } as const;
    const verify = (input: unknown, now = NOW) => verifySignal(input, ring, now);
    const ofGateway = {
      ...{ ...document, signal: 'program', about: { kind: 'gateway', id: who.gateway.id } },
      program: {
        version: '1',
        digest: 'a'.repeat(64),
        node: 'v22',
        tzdata: '2026a',
        evaluators: [],
        functionRights: [],
      },
    };
    return [
      { name: 'signal', real: await sign(document as never, shiftLead.signer), late: false, verify },
      { name: 'signal program', real: await sign(ofGateway as never, who.gateway.signer), late: false, verify },
    ];
  },
  receipt: async ({ right, ring }) => [
    await plain(
      {
        ...{
          typ: 'receipt',
          v: 1,
          moment: 'opening',
          by: 'gateway',
          session: `ses_${'0'.repeat(26)}`,
          at: NOW,
          code: null,
        },
        ...{ grant: digestOf(right.grant), agreement: digestOf(right.agreement), subject: right.grant.subjects[0] },
        ...{ resource: press, gateway: { organisation: BUYER, id: right.who.gateway.id }, jkt: right.leaf, bytes: 0 },
      } as never,
      right.who.gateway.signer,
      'enforce',
      ring,
    ),
  ],
  batch: aBatch,
  'embargo-snapshot': async ({ right: { who }, ring }) => [
    await plain(
      {
        ...{ typ: 'embargo-snapshot', v: 1, organisation: BUYER, sequence: 1, previous: null, takenAt: NOW },
        lists: [{ kind: 'parties', issuer: 'eu', digest: digestOf('list'), entries: 1 }],
      } as never,
      who.buyerAgent.signer,
      'embargo',
      ring,
    ),
  ],
  ...ANNEX_KINDS,
  'quarantine-release': aRelease,
  'erasure-proof': anErasure,
  'usage-statement': async ({ right: { agreement, who }, ring }) => {
    const flow = { resource: null, region: null, recipients: [VENDOR], batches: 1, bytes: 2, withoutSize: 0 };
    const document = {
      ...{ typ: 'usage-statement', v: 1, organisation: VENDOR, agreementId: agreement.id, treeSize: 4 },
      ...{ issuedAt: NOW, from: NOW - DAY, to: NOW, sessions: [], flows: [flow] },
    } as const;
    const verify = (input: unknown, now = NOW) => verifyUsageStatement(input, ring, agreement, now);
    return [
      { name: 'usage-statement', real: await sign(document as never, who.vendor.agreement), late: false, verify },
    ];
  },
};

/** Every one of them, seen to be taken as it is: an altered one that is refused proves nothing where the honest one is refused too. */
export async function honestTargets(world: World): Promise<readonly Target[]> {
  const made = await Promise.all(Object.values(EVERY_KIND).map((make) => make(world)));
  for (const { name, real, verify } of made.flat()) {
    const taken = await verify(real);
    if (!taken.allowed) throw new Error(`the honest ${name} is refused: ${taken.refusal.code} ${taken.refusal.clause}`);
  }
  return made.flat();
}
