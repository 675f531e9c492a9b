import { type Answerer, answer } from '@interlock/chassis';
import {
  DiscardDraft,
  HandInAgreementAct,
  HandInAnnex,
  KeepDraft,
  KeepGatewayReport,
  ListAgreements,
  ListDrafts,
  ListWaitingAgreements,
  ProposeAgreement,
  PublishCertificates,
  PublishEntity,
  ReadKeys,
  ReadMaterial,
  ReadParties,
  ReadPublished,
  SignAgreement,
} from '@interlock/contracts';
import { allow, refuse } from '@interlock/domain';
import { handInAct } from '../commands/hand-in-act.command.js';
import { handInAnnex } from '../commands/hand-in-annex.command.js';
import { dropDraft, keepDraft, listDrafts } from '../commands/keep-draft.command.js';
import { keepGatewayReport } from '../commands/keep-gateway-report.command.js';
import { listAgreements, listWaiting, readParties } from '../commands/list-agreements.command.js';
import { presentAgreement } from '../commands/present-agreement.js';
import { proposeAgreement } from '../commands/propose-agreement.command.js';
import { publishCertificates } from '../commands/publish-certificates.command.js';
import { publishEntity } from '../commands/publish-entity.command.js';
import { readMaterial } from '../commands/read-material.command.js';
import { readKeys, readPublished } from '../commands/read-published.command.js';
import { signAgreement } from '../commands/sign-agreement.command.js';
import type { Verbs } from '../verbs.js';

const EDGE = { actor: 'service', services: ['federation-api'] } as const;
/** Services that follow chains themselves. */
const WHO_VERIFY = { actor: 'service', services: ['federation-api', 'grants', 'data-router'] } as const;
const EDGE_AND_GRANTS = { actor: 'service', services: ['federation-api', 'grants'] } as const;

/** What organisations publish about themselves. */
const aboutOrganisations = (verbs: Verbs): readonly Answerer[] => [
  answer({ request: PublishEntity, access: EDGE, handle: ({ entity }) => publishEntity(verbs, entity) }),
  answer({
    request: PublishCertificates,
    access: EDGE,
    handle: ({ organisation, certificates }) => publishCertificates(verbs, organisation, certificates),
  }),
  answer({ request: KeepGatewayReport, access: EDGE, handle: (report) => keepGatewayReport(verbs, report) }),
  answer({ request: ReadPublished, access: EDGE, handle: ({ root }) => readPublished(verbs, root) }),
  answer({ request: ReadKeys, access: EDGE, handle: ({ organisation }) => readKeys(verbs, organisation) }),
];

/** What one of them writes and nobody else sees. */
const aboutDrafts = (verbs: Verbs): readonly Answerer[] => [
  answer({
    request: KeepDraft,
    access: EDGE,
    handle: ({ organisation, agreement }) => keepDraft(verbs, organisation, agreement),
  }),
  answer({
    request: ListDrafts,
    access: EDGE,
    handle: async ({ organisation }) => ({ drafts: await listDrafts(verbs, organisation) }),
  }),
  answer({
    request: DiscardDraft,
    access: EDGE,
    handle: ({ organisation, id, version }) => dropDraft(verbs, organisation, id, version),
  }),
];

/** What they agree on. */
const aboutAgreements = (verbs: Verbs): readonly Answerer[] => [
  answer({
    request: ProposeAgreement,
    access: EDGE,
    handle: ({ organisation, agreement }) => proposeAgreement(verbs, organisation, agreement),
  }),
  answer({ request: SignAgreement, access: EDGE, handle: (ask) => signAgreement(verbs, ask) }),
  answer({
    request: ListAgreements,
    access: EDGE,
    handle: async (ask) => {
      const { rows, next } = await listAgreements(verbs, ask);
      return { agreements: rows.map(presentAgreement), next };
    },
  }),
  answer({
    request: ListWaitingAgreements,
    access: EDGE,
    handle: ({ organisation }) => listWaiting(verbs, organisation),
  }),
  answer({
    request: ReadParties,
    access: EDGE_AND_GRANTS,
    handle: async ({ organisation, agreementIds }) => {
      const agreements = await readParties(verbs, organisation, agreementIds);
      return agreements ? allow({ agreements }) : refuse('not_a_party');
    },
  }),
  answer({ request: ReadMaterial, access: WHO_VERIFY, handle: (ask) => readMaterial(verbs, ask) }),
  answer({
    request: HandInAnnex,
    access: EDGE,
    handle: ({ organisation, agreementId, annex }) => handInAnnex(verbs, organisation, agreementId, annex),
  }),
  answer({
    request: HandInAgreementAct,
    access: EDGE,
    handle: ({ organisation, act }) => handInAct(verbs, organisation, act),
  }),
];

/** Every question this service answers, and who may put it. Each verb is repeatable by itself, so no answer is kept by key. */
export const answers = (verbs: Verbs): readonly Answerer[] => [
  ...aboutOrganisations(verbs),
  ...aboutDrafts(verbs),
  ...aboutAgreements(verbs),
];
