import { decide, type LocalId, takenAwayBy } from '@interlock/domain';
import {
  approveBeforehand,
  aRight,
  BUYER,
  type GivenBefore,
  NOW,
  type Right,
  VENDOR,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import { verifyChain } from './right.js';

const id = (text: string) => text as LocalId;
const DAY = 86_400_000;
const self = { organisation: BUYER, resources: [id('press-7')] };
const verify = (right: Right, at = NOW) =>
  verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, at);
const code = async (right: Right, at = NOW) => {
  const said = await verify(right, at);
  return said.allowed ? 'allowed' : said.refusal.code;
};
/** The same chain with another standing approval, or another grant, in its place. */
const withChain = (right: GivenBefore, over: Partial<Right['chain']>): Right => ({
  ...right,
  chain: { ...right.chain, ...over },
});

let right: Right;
let given: GivenBefore;
beforeAll(async () => {
  right = await aRight({ agreement: { endsAt: NOW + 365 * DAY } });
  given = await approveBeforehand(right);
});

describe('a grant under a standing approval, at the enforcement point', () => {
  it('opens with the signature of its own side alone, and names who said yes beforehand', async () => {
    const chain = await verify(given);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const { approver, secondApprover } = right.who;
    expect(chain.value.approvers.map((one) => one.id)).toEqual([approver.id, secondApprover.id]);
    expect(chain.value.standingApproval?.document.uses).toBe(10);
    expect(chain.value.documents).toContain(digestOf(given.approval));
    const ask = {
      subject: { organisation: VENDOR, kind: 'person' as const, id: id('technician') },
      ...{ leaf: given.leaf, action: id('ssh'), resource: { owner: BUYER, id: id('press-7') }, session: null },
    };
    const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
    expect(decide(chain.value, ask, none, NOW)).toMatchObject({ allowed: true });
  });

  it('dies with the keys of those who gave it', async () => {
    const chain = await verify(given);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const act = (organisation: string, thumbprint: string) => ({
      act: {
        ...{ typ: 'act', v: 1, verb: 'revoke', organisation, agreementId: right.agreement.id, reason: '', lifts: null },
        ...{ target: { kind: 'key', id: thumbprint }, sequence: 1, previous: null, issuedAt: NOW },
      },
      digest: digestOf('act'),
      signers: [organisation],
    });
    const dies = (organisation: string, thumbprint: string) =>
      takenAwayBy([act(organisation, thumbprint) as never], { ...chain.value, session: null }, NOW) !== undefined;
    expect(dies(BUYER, right.who.secondApprover.signer.kid)).toBe(true);
    expect(dies(VENDOR, right.who.secondApprover.signer.kid)).toBe(false);
  });

  it('is refused without it, with another, and with one it does not name', async () => {
    const { standingApproval: _, ...without } = given.chain;
    expect(await code({ ...given, chain: without })).toBe('signature_missing');
    const other = await approveBeforehand(right, { approval: { uses: 11 } });
    expect(await code(withChain(given, { standingApproval: other.chain.standingApproval! }))).toBe('standing_dangling');
    expect(await code(withChain(given, { grant: right.chain.grant }))).toBe('wrong_issuer');
  });

  it.each<[string, Parameters<typeof approveBeforehand>[1]]>([
    ['standing_exceeded', { approval: { subjects: [{ organisation: VENDOR, kind: 'person', id: id('colleague') }] } }],
    ['standing_exceeded', { approval: { longestWindowSeconds: 60 } }],
    ['standing_exceeded', { approval: { windows: [{ from: NOW - 3_600_000, to: NOW + 60_000 }] } }],
    ['purpose_not_agreed', { approval: { purpose: id('training') } }],
    ['resource_not_agreed', { approval: { resources: [{ owner: BUYER, id: id('press-8') }] } }],
    ['grant_of_other_agreement', { approval: { agreement: digestOf('another version') } }],
    ['standing_too_wide', { approval: { windows: [{ from: NOW - DAY, to: NOW + 90 * DAY }] } }],
    ['requester_unknown', { approval: { requester: { organisation: BUYER, id: id('operator') } } }],
    ['malformed', { approval: { uses: 0 } }],
    ['malformed', { approval: { ticket: 'INC-4711' as never } }],
    ['standing_exceeded', { grant: { windows: [{ from: NOW, to: NOW + 4 * 3_600_000 + 1 }] } }],
    ['malformed', { grant: { standingApproval: 'sha256:short' as never } }],
  ])('is refused as %s', async (refused, over) => {
    expect(await code(await approveBeforehand(right, over))).toBe(refused);
  });

  it('needs as many approvers as a grant, with approval keys, of the owner, and nobody else’s signature', async () => {
    const { technician, approver, secondApprover, vendor, buyer, buyerAgent } = right.who;
    const by = (approval: readonly (typeof approver)[]) => approveBeforehand(right, {}, { approval });
    expect(await code(await by([approver]))).toBe('approvals_missing');
    expect(await code(await by([approver, approver]))).toBe('approvals_missing');
    expect(await code(await by([secondApprover]))).toBe('requester_unknown');
    expect(await code(await by([approver, secondApprover, technician]))).toBe('wrong_issuer');
    expect(await code(await by([approver, buyerAgent]))).toBe('wrong_purpose');
    const guest = await buyer.holder('person', 'guest', ['approve'], { groups: [id('maintenance')], guest: true });
    const theirs = await vendor.holder('person', 'chief', ['approve'], { groups: [id('maintenance')] });
    const more = {
      ...right,
      chain: { ...right.chain, certificates: [...right.chain.certificates, guest.certificate, theirs.certificate] },
    };
    expect(await code(await approveBeforehand(more, {}, { approval: [approver, guest] }))).toBe('approvals_missing');
    expect(await code(await approveBeforehand(more, {}, { approval: [approver, theirs] }))).toBe('wrong_issuer');
    // An approval of the grant itself is not asked for, so it is not let ride along.
    const both = await approveBeforehand(right, {}, { grant: [technician, approver] });
    expect(await code(both)).toBe('wrong_issuer');
    expect(await code(await approveBeforehand(right, {}, { grant: [approver, secondApprover] }))).toBe('wrong_issuer');
  });

  it('is refused where a byte of it was altered, or it was signed as another kind of document', async () => {
    const { document, signatures } = given.chain.standingApproval!;
    for (const over of [
      { uses: 1_000 },
      { longestWindowSeconds: 8 * 3_600 },
      { gateway: { ...document.gateway, id: id('other') } },
    ]) {
      const altered = { ...document, ...over };
      const grant = { ...given.chain.grant.document, standingApproval: digestOf(altered) };
      const asked = { document: grant, signatures: [await signDocument(grant, right.who.technician.signer, NOW)] };
      expect(await code(withChain(given, { grant: asked, standingApproval: { document: altered, signatures } }))).toBe(
        'bad_signature',
      );
    }
    const crossed = { document, signatures: right.chain.grant.signatures.slice(1) };
    expect(await code(withChain(given, { standingApproval: crossed }))).toBe('wrong_type');
  });

  it('is nobody’s any more when it is over', async () => {
    const short = { windows: [{ from: NOW - 3_600_000, to: NOW + 60_000 }] };
    const grant = { windows: [{ from: NOW - 60_000, to: NOW + 60_000 }] };
    const soon = await approveBeforehand(right, { approval: short, grant });
    const chain = await verify(soon, NOW + 59_000);
    if (!chain.allowed) throw new Error(chain.refusal.code);
    const ask = {
      subject: chain.value.subject,
      leaf: soon.leaf,
      action: id('ssh'),
      resource: soon.grant.resources[0]!,
      session: null,
    };
    const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
    expect(decide(chain.value, ask, none, NOW + 59_000)).toMatchObject({ allowed: true });
    expect(decide(chain.value, ask, none, NOW + 60_000)).toMatchObject({ refusal: { code: 'outside_window' } });
  });
});
