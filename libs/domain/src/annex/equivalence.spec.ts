import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, DAY, digest, id, NOW, OTHER, press7, VENDOR } from '../../test/a-right.js';
import { acceptanceOf, attestationOf, exceptionOf } from '../../test/annexes.js';
import { both, equivalence, goes, lapsed, press8, use, withdrawal, withPress8, withTerms } from '../../test/papers.js';
import type { ThirdPartyTerm } from '../documents/agreement.js';
import type { HeldAnnex } from '../documents/annex.js';
import type { AgreementId } from '../names.js';
import { CONTROLS, isControl } from './controls.js';
import { assurance, lapsedControl } from './equivalence.js';

describe('a control that counts as the other side’s own', () => {
  it('needs an attestation and its acceptance; what does not depend on it needs neither', () => {
    expect(use([equivalence], { annexes: both })).toMatchObject(goes);
    expect(use([equivalence])).toMatchObject(lapsed);
    expect(use([equivalence], { annexes: [attestationOf()] })).toMatchObject(lapsed);
    expect(use([equivalence], { annexes: [acceptanceOf()] })).toMatchObject(lapsed);
    expect(use([{ ...equivalence, kinds: ['data-collection'] }])).toMatchObject(goes);
    expect(use([{ ...equivalence, resources: [press7] }])).toMatchObject(lapsed);
    expect(use([], { agreement: withPress8({ ...equivalence, resources: [press8] }) })).toMatchObject(goes);
  });

  it.each<[string, HeldAnnex[]]>([
    ['another control', [attestationOf({ control: id('iec-62443-3-3/sr-1.2') }), acceptanceOf()]],
    ['another party', [attestationOf({ organisation: BUYER }), acceptanceOf()]],
    ['another agreement', [attestationOf({ agreementId: 'agr_2' as AgreementId }), acceptanceOf()]],
    ['an acceptance under another agreement', [attestationOf(), acceptanceOf({ agreementId: 'agr_2' as AgreementId })]],
    ['an acceptance of itself', [attestationOf(), acceptanceOf({ organisation: VENDOR })]],
    ['an acceptance by a stranger', [attestationOf(), acceptanceOf({ organisation: OTHER })]],
    ['an acceptance of another attestation', [attestationOf(), acceptanceOf({ attestation: digest('older') })]],
    ['an attestation that begins later', [attestationOf({ validFrom: NOW + 1 }), acceptanceOf()]],
    ['an attestation that is over', [attestationOf({ validUntil: NOW }), acceptanceOf()]],
    ['an acceptance that is over', [attestationOf(), acceptanceOf({ validUntil: NOW })]],
  ])('is assured by nothing with %s', (_, annexes) => expect(use([equivalence], { annexes })).toMatchObject(lapsed));

  it('ends to the millisecond, and begins again with the next attestation', () => {
    expect(use([equivalence], { annexes: [attestationOf({ validUntil: NOW + 1 }), acceptanceOf()] })).toMatchObject(
      goes,
    );
    const next = [attestationOf({}, 'second'), acceptanceOf({ attestation: digest('second') }, 'of the second')];
    const over = [attestationOf({ validUntil: NOW }), acceptanceOf()];
    expect(use([equivalence], { annexes: [...over, ...next] })).toMatchObject(goes);
  });

  it.each(['attestation', 'acceptance'])(
    'withdrawn %s: counts as long as the warning lasts, then no longer',
    (name) => {
      const at = (issuedAt: number) => ({ annexes: both, acts: [withdrawal(name, { issuedAt })] });
      expect(use([equivalence], at(NOW))).toMatchObject(goes);
      expect(use([equivalence], at(NOW - 3_600_000 + 1))).toMatchObject(goes);
      expect(use([equivalence], at(NOW - 3_600_000))).toMatchObject(lapsed);
      expect(use([{ ...equivalence, warnSeconds: 0 }], at(NOW))).toMatchObject(lapsed);
    },
  );

  it('is not withdrawn by a stranger, under another agreement, or by an act on something else', () => {
    const old = { issuedAt: NOW - DAY };
    for (const over of [
      { organisation: OTHER },
      { agreementId: 'agr_2' as AgreementId },
      { verb: 'suspend' as const },
      { target: { kind: 'annex' as const, id: digest('other') } },
    ])
      expect(
        use([equivalence], { annexes: both, acts: [withdrawal('attestation', { ...old, ...over })] }),
      ).toMatchObject(goes);
  });

  it('suspends exactly what depends on it: nothing else in the agreement moves', () => {
    const agreement = withTerms(equivalence);
    const papers = { annexes: [], acts: [] };
    expect(lapsedControl(agreement, 'remote-service', press7, papers, NOW)).toBe(equivalence);
    expect(lapsedControl(agreement, 'data-collection', press7, papers, NOW)).toBeUndefined();
    expect(lapsedControl(agreement, 'machine-to-machine', press7, papers, NOW)).toBeUndefined();
  });

  it('of a third party is accepted by both sides', () => {
    const guest = { type: 'third-party', party: OTHER } as ThirdPartyTerm;
    const parties = [
      ...agreementOf().parties,
      { ...agreementOf().parties[0]!, organisation: OTHER, role: 'third-party' as const },
    ];
    const agreement = agreementOf({ parties, terms: [guest] });
    const term = { ...equivalence, party: OTHER };
    const attested = attestationOf({ organisation: OTHER });
    const [byBuyer, byVendor] = [acceptanceOf(), acceptanceOf({ organisation: VENDOR }, 'of the vendor')];
    const by = (...annexes: HeldAnnex[]) =>
      assurance(term, agreement, { annexes: [attested, ...annexes], acts: [] }, NOW);
    expect(by(byBuyer)).toBeUndefined();
    expect(by(byVendor)).toBeUndefined();
    expect(by(byBuyer, byVendor)).toMatchObject({ by: 'attestation', until: NOW + DAY });
  });

  it('is of the catalogue, which has each control once', () => {
    expect(new Set(CONTROLS.map((one) => one.id)).size).toBe(CONTROLS.length);
    expect(CONTROLS.filter(({ id: name }) => name.startsWith('iec-62443-3-3/')).length).toBe(51);
    expect(isControl('nist-sp-800-207/tenet-7')).toBe(true);
    expect(isControl('nist-sp-800-207/tenet-8')).toBe(false);
  });
});

describe('a deviation that the other side conceded', () => {
  it('stands in for the attestation until its end, or until somebody withdraws it', () => {
    expect(use([equivalence], { annexes: [exceptionOf()] })).toMatchObject(goes);
    expect(use([equivalence], { annexes: [exceptionOf({ validUntil: NOW })] })).toMatchObject(lapsed);
    expect(use([equivalence], { annexes: [exceptionOf({ validFrom: NOW + 1 })] })).toMatchObject(lapsed);
    const acts = [withdrawal('exception', { issuedAt: NOW - DAY })];
    expect(use([equivalence], { annexes: [exceptionOf()], acts })).toMatchObject(lapsed);
  });

  it.each<[string, HeldAnnex]>([
    ['another party', exceptionOf({ organisation: BUYER })],
    ['another control', exceptionOf({ control: id('iec-62443-3-3/sr-1.2') })],
    ['another agreement', exceptionOf({ agreementId: 'agr_2' as AgreementId })],
    ['nobody who is a side', exceptionOf({ acceptedBy: OTHER })],
  ])('of or by %s stands in for nothing', (_, annex) =>
    expect(use([equivalence], { annexes: [annex] })).toMatchObject(lapsed),
  );
});
