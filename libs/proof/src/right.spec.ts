import type { LocalId, Thumbprint } from '@interlock/domain';
import { decide } from '@interlock/domain';
import { aCompany, aRight, BUYER, NOW, type Right, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { signDocument } from './envelope.js';
import { verifyChain } from './right.js';

const self = { organisation: BUYER, resources: ['press-7' as LocalId] };
const verify = (right: Right, chain: unknown = right.chain, token = right.loginProof, at = NOW) =>
  verifyChain(chain, right.who.pins, self, { loginProof: token }, at);

describe('the whole chain', () => {
  it('holds from the pins to the subject, and decides with its facts', async () => {
    const right = await aRight();
    const chain = await verify(right);
    expect(chain).toMatchObject({ allowed: true, value: { owner: BUYER, subjectSide: VENDOR, jkt: right.leaf } });
    if (!chain.allowed) return;
    const ask = {
      subject: chain.value.subject,
      leaf: right.leaf,
      action: 'ssh' as LocalId,
      resource: { owner: BUYER, id: 'press-7' as LocalId },
      session: null,
    };
    const none = { acts: [], verdicts: [], annexes: [], invalid: new Set<string>() };
    expect(decide(chain.value, ask, none, NOW)).toMatchObject({ allowed: true });
    expect(decide(chain.value, { ...ask, leaf: 'other' as Thumbprint }, none, NOW)).toMatchObject({
      refusal: { code: 'not_the_holder' },
    });
    expect(decide(chain.value, ask, none, NOW + 3_600_000)).toMatchObject({ refusal: { code: 'outside_window' } });
  });

  it('is refused with its own code for each broken link', async () => {
    const right = await aRight();
    const { chain, who } = right;
    const stranger = await aCompany('stranger.example', NOW);
    const oneApproval = { ...chain.grant, signatures: chain.grant.signatures.slice(0, 2) };
    const vendorOnly = { ...chain.agreement, signatures: chain.agreement.signatures.slice(0, 1) };
    const altered = { ...chain.grant, document: { ...chain.grant.document, purpose: 'other' as LocalId } };
    const cases: [string, unknown][] = [
      ['approvals_missing', { ...chain, grant: oneApproval }],
      ['signature_missing', { ...chain, agreement: vendorOnly }],
      ['bad_signature', { ...chain, grant: altered }],
      ['not_pinned', { ...chain, entities: [...chain.entities, stranger.entity] }],
      ['malformed', { ...chain, extra: 1 }],
      ['unknown_key', { ...chain, certificates: chain.certificates.filter((one) => one !== who.approver.certificate) }],
    ];
    for (const [code, documents] of cases) {
      expect([code, await verify(right, documents)]).toMatchObject([code, { refusal: { code } }]);
    }
  });

  it('refuses an agreement of the vendor with itself that names the press', async () => {
    const right = await aRight();
    const { vendor, technician } = right.who;
    const house = { ...right.agreement, house: true, parties: [right.agreement.parties[0]!] };
    const grant = { ...right.grant, agreement: digestOf(house) };
    const documents = {
      ...right.chain,
      agreement: { document: house, signatures: [await signDocument(house, vendor.agreement, NOW)] },
      grant: { document: grant, signatures: [await signDocument(grant, technician.signer, NOW)] },
    };
    expect(await verify(right, documents)).toMatchObject({ refusal: { code: 'agreement_incoherent' } });
  });

  it('refuses a proof for another partner, another grant, too old, or signed by another key', async () => {
    const stale = await aRight({ claims: { exp: NOW / 1000 - 1, iat: NOW / 1000 - 300 } });
    expect(await verify(stale)).toMatchObject({ refusal: { code: 'token_expired' } });
    const elsewhere = await aRight({ claims: { aud: 'other.example' as typeof BUYER } });
    expect(await verify(elsewhere)).toMatchObject({ refusal: { code: 'wrong_audience' } });
    const other = await aRight({ claims: { grant: 'grt_zzzzzzzzzzzzzzzzzzzzzzzzzz' as never } });
    expect(await verify(other)).toMatchObject({ refusal: { code: 'proof_of_other_grant' } });
  });
});
