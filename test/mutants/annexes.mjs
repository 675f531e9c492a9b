/** Checks of the papers beside an agreement, each removed at a time. */
import { ofDomain as of } from './of-folder.mjs';

const annexed = of('decide.ts', 'annex/machine.spec.ts');
const equivalence = of('annex/equivalence.ts', 'annex/equivalence.spec.ts');
const papers = of('annex/held.ts', 'annex/equivalence.spec.ts');
const machine = of('annex/machine.ts', 'annex/machine.spec.ts');
const insolvency = of('annex/insolvency.ts', 'annex/machine.spec.ts');
const annexTerms = (term) => of(`term/${term}.ts`, 'annex/machine.spec.ts');
const resource = of('act/standing.ts', 'annex/machine.spec.ts');

const atGateway = (code, text, replacement) => ({
  ...{ code, file: 'apps/edge-gateway/src/standing/take-annex.ts', text, replacement },
  spec: 'apps/edge-gateway/src/standing/held-annexes.spec.ts',
});
const references = (code, text, replacement) => ({
  ...{ code, file: 'apps/trust-registry/src/commands/check-references.ts', text, replacement },
  spec: 'apps/trust-registry/test/annexes.int.spec.ts',
});

export const ANNEXES = [
  atGateway('machine_decommissioned', 'ends.size === 0 ? own :', 'true ? own :'),
  atGateway('machine_transferred', 'signers.includes(annex.from.owner)', 'true'),
  atGateway('rate_limited', 'author === self || ', ''),
  atGateway('rate_limited', ' || fills(held, authorOf(input.document))', ''),
  references('reference_dangling', ", 'attestation')", ')'),
  references('reference_dangling', 'return here ?', 'return true ?'),
  references('reference_dangling', ' && sameResource(one.to, resource)', ''),
  references('reference_dangling', 'digestOf(one.nameplate) !== nameplate', 'false'),
  references('reference_cyclic', "if (there === 'transferred')", 'if (false)'),
  insolvency('party_insolvent', 'thirdPartyTerm(agreement, holder)?.broughtBy !== party', 'true'),
  equivalence('equivalence_lapsed', 'term.kinds.includes(kind) &&', 'true &&'),
  equivalence('equivalence_lapsed', 'term.resources.length === 0 || ', ''),
  equivalence('equivalence_lapsed', '.filter((side) => side !== term.party)', '.filter(() => true)'),
  equivalence('equivalence_lapsed', 'found.filter((one) => now < one.until)', 'found'),
  equivalence('equivalence_lapsed', 'annex.attestation === held.digest && ', ''),
  equivalence('equivalence_lapsed', ' && annex.organisation === side)', ')'),
  equivalence(
    'equivalence_lapsed',
    "annexesOf(papers.annexes, 'acceptance').filter(({ annex }) => annex.agreementId === agreement.id);",
    "annexesOf(papers.annexes, 'acceptance');",
  ),
  equivalence(
    'equivalence_lapsed',
    'Math.min(endOfAnnex(held, term, agreement, papers), ...accepted)',
    'Math.min(...accepted)',
  ),
  equivalence('equivalence_lapsed', 'withdrawn + term.warnSeconds * 1000', 'withdrawn'),
  equivalence('equivalence_lapsed', '.filter(({ annex }) => annex.acceptedBy === side)', '.filter(() => true)'),
  papers('equivalence_lapsed', "act.verb === 'revoke' &&", 'true &&'),
  papers('equivalence_lapsed', 'act.target.id === digest &&', 'true &&'),
  papers('equivalence_lapsed', 'act.agreementId === agreement.id &&', 'true &&'),
  papers('equivalence_lapsed', 'parties.includes(act.organisation),', 'true,'),
  annexed(
    'machine_transferred',
    'if (machine) return { code: machine,',
    'if (machine && false) return { code: machine,',
  ),
  annexed('party_insolvent', '!keptInInsolvency(term, rightsOf(chain), chain.owner, agreement)', 'false'),
  of('session/verdict-fault.ts', 'annex/machine.spec.ts')(
    'embargo_unknown',
    '.filter((one) => !gone.includes(one.term.party))',
    '',
  ),
  machine('machine_transferred', ' && annex.at <= now)', ')'),
  machine('machine_transferred', 'sameResource(annex.from, resource)', 'true'),
  machine('machine_decommissioned', "if (record?.state === 'decommissioned') return 'machine_decommissioned';", ''),
  machine('machine_decommissioned', 'b.annex.sequence - a.annex.sequence || ', ''),
  machine('machine_decommissioned', ' || ended(b) - ended(a)', ''),
  machine('machine_unrecorded', '.filter(({ annex }) => sameResource(annex.resource, resource))', ''),
  machine('machine_moved', '!term.sites.includes(record.site) || ', ''),
  machine('machine_moved', ' || !term.zones.includes(record.zone)', ''),
  machine('support_over', " && term.afterSupport === 'refuse'", ''),
  machine('support_over', 'record.supportEndsAt <= now', 'record.supportEndsAt < now'),
  insolvency('party_insolvent', 'annex.agreementId === agreement.id &&', 'true &&'),
  insolvency('party_insolvent', 'annex.party === term.party &&', 'true &&'),
  insolvency('party_insolvent', 'annex.organisation !== term.party &&', 'true &&'),
  insolvency('party_insolvent', 'sidesOfAgreement(agreement).includes(annex.organisation) &&', 'true &&'),
  insolvency(
    'party_insolvent',
    'Math.max(annex.issuedAt, heldSince) + term.waitSeconds * 1000 <= now',
    'Math.max(annex.issuedAt, heldSince) <= now',
  ),
  insolvency('party_insolvent', 'Math.max(annex.issuedAt, heldSince)', 'annex.issuedAt'),
  insolvency('party_insolvent', 'Math.max(annex.issuedAt, heldSince)', 'heldSince'),
  insolvency('party_insolvent', 'withdrawnAt(digest, agreement, papers.acts) === undefined', 'true'),
  insolvency('party_insolvent', 'successor === null ?', 'true ?'),
  insolvency('party_insolvent', 'if (holder === party) return false;', ''),
  insolvency('party_insolvent', 'owner !== term.party &&', 'true &&'),
  insolvency('party_insolvent', 'term.kinds.includes(kind) &&', 'true &&'),
  insolvency('party_insolvent', 'rights.every(', 'rights.slice(0, 1).every('),
  insolvency('party_insolvent', 'rights.every(', 'rights.slice(-1).every('),
  annexTerms('equivalence')('agreement_incoherent', 'agreement.house || ', ''),
  annexTerms('equivalence')('agreement_incoherent', 'ofStranger(term, agreement) || ', ''),
  annexTerms('equivalence')('agreement_incoherent', '!isControl(term.control) || ', ''),
  annexTerms('equivalence')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  annexTerms('machines')('agreement_incoherent', 'term.resources.length === 0 || ', ''),
  annexTerms('machines')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  annexTerms('insolvency')('agreement_incoherent', 'agreement.house ||\n', '\n'),
  annexTerms('insolvency')('agreement_incoherent', 'ofStranger(term, agreement) ||\n', '\n'),
  annexTerms('insolvency')('agreement_incoherent', 'successor === term.party || ', ''),
  annexTerms('insolvency')('agreement_incoherent', '!allAgreed(term.resources, agreement)', 'false'),
  resource('taken_away', '(one) => one.owner === owner && one.id === id);', '(one) => one.id === id);'),
];
