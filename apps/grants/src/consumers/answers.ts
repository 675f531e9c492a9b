import { type Answerer, answer } from '@interlock/chassis';
import {
  AskGrant,
  DenyGrant,
  EvaluateAccess,
  HandInRightAct,
  HandInSignal,
  HandInVerdict,
  IssueToken,
  KeepStatusList,
  ListGrants,
  ListWaitingGrants,
  OpenSession,
  ReadChain,
  ReadGrant,
  ReadRightStanding,
  ReadToken,
  RevokeToken,
  SearchAccess,
  SignGrant,
} from '@interlock/contracts';
import { askGrant } from '../commands/ask-grant.command.js';
import { denyGrant } from '../commands/deny-grant.command.js';
import { handInAct } from '../commands/hand-in-act.command.js';
import { handInSignal } from '../commands/hand-in-signal.command.js';
import { handInVerdict, takeStatusList } from '../commands/hand-in-verdict.command.js';
import { issueToken } from '../commands/issue-token.command.js';
import { openSession } from '../commands/open-session.command.js';
import { listGrants, listWaiting, readChain, readGrant, readStanding } from '../commands/read-grants.command.js';
import { readToken } from '../commands/read-token.command.js';
import { revokeToken } from '../commands/revoke-token.command.js';
import { signGrant } from '../commands/sign-grant.command.js';
import { Decisions } from '../decisions/decisions.js';
import type { Verbs } from '../verbs.js';

const access = { actor: 'service', services: ['federation-api'] } as const;

/** Every question this service answers, and who may put it. */
export const answers = (verbs: Verbs): readonly Answerer[] => [
  ...decisionAnswers(new Decisions(verbs)),
  ...tokenAnswers(verbs),
  answer({ request: AskGrant, access, handle: ({ organisation, grant }) => askGrant(verbs, organisation, grant) }),
  answer({ request: SignGrant, access, handle: (ask) => signGrant(verbs, ask) }),
  answer({ request: DenyGrant, access, handle: (ask) => denyGrant(verbs, ask) }),
  answer({ request: ListGrants, access, handle: (ask) => listGrants(verbs, ask) }),
  answer({ request: ListWaitingGrants, access, handle: ({ organisation }) => listWaiting(verbs, organisation) }),
  answer({ request: ReadGrant, access, handle: ({ organisation, id }) => readGrant(verbs, organisation, id) }),
  answer({ request: ReadChain, access, handle: ({ organisation, id }) => readChain(verbs, organisation, id) }),
  answer({ request: OpenSession, access, handle: (ask) => openSession(verbs, ask) }),
  answer({ request: HandInRightAct, access, handle: ({ organisation, act }) => handInAct(verbs, organisation, act) }),
  answer({
    request: HandInVerdict,
    access,
    handle: ({ organisation, verdict }) => handInVerdict(verbs, organisation, verdict),
  }),
  answer({ request: HandInSignal, access, handle: (ask) => handInSignal(verbs, ask) }),
  answer({
    request: KeepStatusList,
    access,
    handle: ({ organisation, statusList }) => takeStatusList(verbs, organisation, statusList),
  }),
  answer({
    request: ReadRightStanding,
    access: { actor: 'service', services: ['federation-api', 'data-router'] },
    handle: ({ organisation, agreementId }) => readStanding(verbs, organisation, agreementId),
  }),
];

const decisionAnswers = (decisions: Decisions): Answerer[] => [
  answer({
    request: EvaluateAccess,
    access,
    handle: async ({ asks }) => ({ answers: await decisions.evaluate(asks) }),
  }),
  answer({ request: SearchAccess, access, handle: (ask) => decisions.search(ask) }),
];

const tokenAnswers = (verbs: Verbs): Answerer[] => [
  answer({ request: IssueToken, access, handle: (ask) => issueToken(verbs, ask) }),
  answer({
    request: ReadToken,
    access,
    handle: async ({ organisation, digest }) => ({ token: await readToken(verbs, organisation, digest) }),
  }),
  answer({ request: RevokeToken, access, handle: (ask) => revokeToken(verbs, ask) }),
];
