import type { Term } from '@interlock/domain';
import { signDocument } from '@interlock/proof';
import { aGrant, anAgreement, aPartnership, bothSign, type Holder, NOW, rightUnder } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { id, rightOpens } from '../test/at-the-gateway.js';

const HOUR = 3_600_000;
const [maintenance, safety] = [id('maintenance'), id('safety')];
type Partners = Awaited<ReturnType<typeof aPartnership>>;

let who: Partners;
beforeAll(async () => {
  who = await aPartnership(NOW);
});

/** Whether a session opens at the gateway when these people of the plant said yes to it under an agreement that asks two groups. */
async function opensWith(approvers: readonly Holder[], at = NOW) {
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
    ...approvers.map((one) => signDocument(grant, one.signer, at)),
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
});
