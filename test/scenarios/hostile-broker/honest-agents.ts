import type { Act, Beat, OrganisationId, Signed, StatusList } from '@interlock/domain';
import { digestOf, digestOfActs, type Signer, signDocument, signed } from '@interlock/proof';
import { BUYER, type Company, type Holder, type Right } from '@interlock/testkit/builders';
import type { HostileBroker } from './hostile-broker.js';

export interface Speech {
  readonly beat: Signed<Beat>;
  readonly statusList: Signed<StatusList>;
}

/** What an honest agent says when it is asked: a beat that answers the nonce and names everything its company stands by. */
export async function speech(
  right: Right,
  company: Company,
  agent: Holder,
  nonce: string | null,
  acts: readonly Act[] = [],
  over: Partial<Beat> = {},
): Promise<Speech> {
  const now = Date.now();
  const statusList: StatusList = {
    typ: 'status-list',
    v: 1,
    organisation: company.organisation,
    agreementId: right.agreement.id,
    sequence: acts.length,
    invalid: acts.flatMap((act) => (act.target.kind === 'grant' ? [act.target.id] : [])),
    issuedAt: now,
    expiresAt: now + 86_400_000,
  };
  const beat: Beat = {
    typ: 'beat',
    v: 1,
    organisation: company.organisation,
    epoch: 1,
    receiver: { organisation: BUYER, id: right.who.gateway.id },
    nonce,
    agreementId: right.agreement.id,
    agreement: digestOf(right.agreement),
    entity: digestOf(company.entity.document),
    acts: digestOfActs(acts.map(digestOf)),
    status: digestOf(statusList),
    checkpoint: null,
    issuedAt: now,
    ...over,
  };
  return { beat: await signed(beat, agent.signer, now), statusList: await signed(statusList, agent.signer, now) };
}

export async function beatBoth(
  broker: HostileBroker,
  right: Right,
  nonce: string | null,
  buyerActs: readonly Act[] = [],
): Promise<void> {
  const { vendor, buyer, vendorAgent, buyerAgent } = right.who;
  broker.say({ t: 'beat', ...(await speech(right, vendor, vendorAgent, nonce)) });
  broker.say({ t: 'beat', ...(await speech(right, buyer, buyerAgent, nonce, buyerActs)) });
}

/** The buyer's revocation of the grant, signed by its own agent. */
export function revocation(right: Right, over: Partial<Act> = {}): Act {
  return {
    typ: 'act',
    v: 1,
    verb: 'revoke',
    organisation: BUYER,
    agreementId: right.agreement.id,
    target: { kind: 'grant', id: right.grant.id },
    reason: 'the plant needs the machine',
    lifts: null,
    sequence: 1,
    previous: null,
    issuedAt: Date.now(),
    ...over,
  };
}

/** A suspension of the whole agreement, by one side. */
export const suspension = (right: Right, sequence: number, organisation: OrganisationId = BUYER): Act =>
  revocation(right, {
    verb: 'suspend',
    organisation,
    target: { kind: 'agreement', id: right.agreement.id },
    reason: `suspension ${sequence}`,
    sequence,
  });

/** The resume that lifts one suspension, signed by whoever is named. */
export async function resumeOf(suspended: Act, signers: readonly Signer[]): Promise<Signed<Act>> {
  const document: Act = { ...suspended, verb: 'resume', lifts: digestOf(suspended), sequence: suspended.sequence + 1 };
  const signatures = await Promise.all(signers.map((signer) => signDocument(document, signer, Date.now())));
  return { document, signatures };
}
