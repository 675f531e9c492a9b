import type { Grant, SignatureBlock, Term } from '@interlock/domain';
import { passkeyChallenge, signDocument } from '@interlock/proof';
import {
  aGrant,
  anAgreement,
  aPartnership,
  aPasskey,
  bothSign,
  type Holder,
  NOW,
  type Passkey,
  rightUnder,
  type Saying,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { id, rightOpens } from '../test/at-the-gateway.js';

const HOUR = 3_600_000;
const [maintenance, safety] = [id('maintenance'), id('safety')];
type Partners = Awaited<ReturnType<typeof aPartnership>>;

type WithPasskey = { readonly certificate: Holder['certificate']; readonly passkey: Passkey; readonly says: Saying };
type Approving = Holder | WithPasskey;

let who: Partners;
beforeAll(async () => {
  who = await aPartnership(NOW);
});

/** Whether a session opens at the gateway when these people of the plant said yes to it under an agreement that asks two groups. */
async function opensWith(approvers: readonly Approving[], at = NOW) {
  const asked = anAgreement(who);
  const approvals = [
    { group: maintenance, persons: 1 },
    { group: safety, persons: 1 },
  ];
  const terms = asked.terms.map((term) => (term.type === 'remote-service' ? { ...term, approvals } : term) as Term);
  const agreement = { ...asked, terms };
  const right = await rightUnder(who, agreement);
  const grant = aGrant(agreement);
  const signatures = await Promise.all([
    signDocument(grant, who.technician.signer, NOW),
    ...approvers.map((one) => yes(one, grant, at)),
  ]);
  const certificates = [...right.chain.certificates, ...approvers.map((one) => one.certificate)];
  const chain = {
    ...right.chain,
    agreement: await bothSign(who, agreement),
    certificates,
    grant: { document: grant, signatures },
  };
  return rightOpens({ ...right, chain });
}

/** By passkey where that is what the person holds. */
const yes = (one: Approving, grant: Grant, at: number): Promise<SignatureBlock> =>
  'says' in one
    ? Promise.resolve(one.passkey.sign(grant, who.buyer.organisation, at, one.says))
    : signDocument(grant, one.signer, at);

const refused = (code: string) => ({ allowed: false, refusal: { code } });
const person = (name: string, groups: readonly string[], more = {}) =>
  who.buyer.holder('person', name, ['approve'], { groups: groups.map(id), ...more });

describe('several groups that must all approve, at the gateway', () => {
  it('each say yes by a person of their own: one of a group, both of one, or one who is in both are not enough', async () => {
    const [fitter, other] = [await person('fitter', ['maintenance']), await person('other', ['maintenance'])];
    const [officer, both] = [await person('officer', ['safety']), await person('both', ['maintenance', 'safety'])];
    expect(await opensWith([fitter, officer])).toMatchObject({ allowed: true });
    expect(await opensWith([both, officer])).toMatchObject({ allowed: true });
    expect(await opensWith([fitter])).toMatchObject(refused('approvals_missing'));
    expect(await opensWith([fitter, other])).toMatchObject(refused('approvals_missing'));
    expect(await opensWith([both])).toMatchObject(refused('approvals_missing'));
    const bothAgain = await person('both', ['safety']);
    expect(await opensWith([both, bothAgain])).toMatchObject(refused('approvals_missing'));
  });

  it('count within the hours of each approver, as the own company certified them, and at no other time', async () => {
    const fitter = await person('fitter', ['maintenance']);
    const officer = await person('officer', ['safety'], { hours: [{ from: NOW - HOUR, to: NOW }] });
    expect(await opensWith([fitter, officer], NOW - HOUR)).toMatchObject({ allowed: true });
    expect(await opensWith([fitter, officer], NOW - HOUR - 1_000)).toMatchObject(refused('approval_out_of_hours'));
    expect(await opensWith([fitter, officer], NOW)).toMatchObject(refused('approval_out_of_hours'));
  });

  it('are filled by a deputy whom the own company certified, over what and for as long as it says, and by no other key of his', async () => {
    const fitter = await person('fitter', ['maintenance']);
    const lent = (over = {}) => ({
      deputises: [
        {
          ...{ for: id('officer'), groups: [safety], resources: [id('press-7')] },
          ...{ periods: [{ from: NOW - HOUR, to: NOW }], ...over },
        },
      ],
    });
    const deputy = await person('deputy', [], lent());
    const opened = await opensWith([fitter, deputy], NOW - HOUR);
    if (!opened.allowed) throw new Error(opened.refusal.code);
    const said = opened.value.chain.approvers.map(({ id: name, deputyFor }) => [name, deputyFor?.map((one) => one.id)]);
    expect(said).toEqual([
      ['fitter', undefined],
      ['deputy', ['officer']],
    ]);
    expect(await opensWith([fitter, deputy], NOW)).toMatchObject(refused('approvals_missing'));
    expect(await opensWith([fitter, deputy], NOW - HOUR - 1_000)).toMatchObject(refused('approvals_missing'));
    const elsewhere = await person('deputy', [], lent({ resources: [id('press-8')] }));
    expect(await opensWith([fitter, elsewhere], NOW - HOUR)).toMatchObject(refused('approvals_missing'));
    for (const more of [
      lent({ for: id('deputy') }),
      lent({ periods: [] }),
      lent({ groups: [] }),
      { ...lent(), guest: true },
    ])
      expect(await opensWith([fitter, await person('deputy', [], more)], NOW - HOUR)).toMatchObject(
        refused('malformed'),
      );
    // What the broker writes into a certificate is not what the company signed.
    const honest = await person('deputy', []);
    const forged = {
      document: { ...honest.certificate.document, ...lent() },
      signatures: honest.certificate.signatures,
    };
    expect(await opensWith([fitter, { ...honest, certificate: forged }], NOW - HOUR)).toMatchObject(
      refused('bad_signature'),
    );
  });

  it('say yes by passkey too, and the gateway itself reads on which page and whether its holder was asked', async () => {
    const officer = await person('officer', ['safety']);
    const passkey = aPasskey();
    const { certificate } = await person('fitter', ['maintenance'], { key: passkey.jwk });
    const origin = who.buyer.entity.document.agentOrigin;
    const fitter = (says: Partial<Saying> = {}) => ({ certificate, passkey, says: { origin, ...says } });
    expect(await opensWith([fitter(), officer])).toMatchObject({ allowed: true });
    expect(await opensWith([fitter({ flags: 0x01 }), officer])).toMatchObject(refused('passkey_unattended'));
    const broker = { origin: 'https://broker.example', rpId: new URL(origin).hostname };
    expect(await opensWith([fitter(broker), officer])).toMatchObject(refused('passkey_other_origin'));
    const other = { challenge: passkeyChallenge(Buffer.from('another grant')) };
    expect(await opensWith([fitter(other), officer])).toMatchObject(refused('passkey_other_document'));
  });
});
