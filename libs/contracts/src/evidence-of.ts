import type { EvidenceKind } from '@interlock/domain';

/** What a change leaves behind: records of these kinds, or why it needs none. */
export type Leaves = readonly EvidenceKind[] | { readonly none: string };

const reads: Leaves = { none: 'it reads' };
const beat: Leaves = {
  none: 'a beat, a status list or a cosignature proves itself and takes nothing away (trust model 7)',
};

/**
 * What each question between services leaves in the logs. `test/architecture/evidence-of-changes.spec.ts` refuses a question that is not here, and a kind that
 * its service never writes. What companies call changes nothing by itself: it asks one of these.
 */
export const EVIDENCE_OF_REQUESTS: Readonly<Record<string, Leaves>> = {
  'audit.checkpoint.v1': reads,
  'audit.cosign.v1': beat,
  'audit.count.v1': reads,
  'audit.erase.v1': ['evidence.erased'],
  'audit.erase-person.v1': ['evidence.erased'],
  'audit.hold.v1': ['hold.set', 'hold.lifted'],
  'audit.pending.v1': reads,
  'audit.prove-signatures.v1': reads,
  'audit.prove.v1': reads,
  'audit.holds.v1': reads,
  'audit.query.v1': reads,
  'audit.say-received.v1': ['data.received', 'data.erased', 'scan.released'],
  'audit.tile.v1': reads,
  'data-router.bus-user.v1': ['user.issued'],
  'grants.act.v1': ['grant.revoked', 'session.cut', 'lockout.set'],
  'grants.ask.v1': ['grant.requested', 'grant.refused'],
  'grants.chain.v1': reads,
  'grants.deny.v1': ['grant.refused'],
  'grants.evaluate.v1': ['decision.given'],
  'grants.issue-token.v1': ['token.issued', 'token.refused'],
  'grants.list.v1': reads,
  'grants.open-session.v1': ['session.admitted', 'session.refused'],
  'grants.read-token.v1': reads,
  'grants.read.v1': reads,
  'grants.revoke-token.v1': ['token.revoked'],
  'grants.search.v1': ['decision.given'],
  'grants.sign.v1': ['grant.approved', 'grant.activated', 'grant.refused'],
  'grants.signal.v1': { none: 'a signal proves itself, and what it ends or lets begin is in the log by the gateway' },
  'grants.standing.v1': reads,
  'grants.status-list.v1': beat,
  'grants.verdict.v1': ['verdict.taken'],
  'grants.waiting.v1': reads,
  'trust-registry.act.v1': [
    'agreement.suspended',
    'agreement.narrowed',
    'agreement.resumed',
    'agreement.terminated',
    'annex.withdrawn',
    'resource.withdrawn',
  ],
  'trust-registry.agreements.v1': reads,
  'trust-registry.annex.v1': ['annex.taken'],
  'trust-registry.discard-draft.v1': { none: "a draft is its author's alone (decision 0205)" },
  'trust-registry.drafts.v1': reads,
  'trust-registry.gateway-report.v1': { none: 'the gateway says the same in its own evidence: gateway.started' },
  'trust-registry.keep-draft.v1': { none: "a draft is its author's alone (decision 0205)" },
  'trust-registry.keys.v1': reads,
  'trust-registry.material.v1': reads,
  'trust-registry.parties.v1': reads,
  'trust-registry.propose.v1': ['agreement.proposed', 'agreement.signed', 'agreement.refused'],
  'trust-registry.publish-certificates.v1': ['certificates.published'],
  'trust-registry.publish-entity.v1': ['entity.published'],
  'trust-registry.published.v1': reads,
  'trust-registry.sign.v1': ['agreement.signed', 'agreement.countersigned', 'agreement.activated', 'agreement.refused'],
  'trust-registry.waiting.v1': reads,
};

const heard = (what: string): Leaves => ({ none: `${what} stands in the log since it was said` });

/** What each consumer leaves, by its durable name. */
export const EVIDENCE_OF_CONSUMERS: Readonly<Record<string, Leaves>> = {
  'grants_note-agreement-change': heard('what became of the agreement'),
  'data-router_agreement-activated': ['flow.cut', 'flow.refused'],
  'data-router_agreement-status': ['flow.cut'],
  'data-router_certificates': heard('what was published'),
  'data-router_grant-activated': ['flow.refused'],
  'data-router_grant-revoked': ['flow.cut'],
  'data-router_key-revoked': ['flow.cut'],
  'audit_register-parties': heard('the activation'),
  'audit_keep-witness-keys': heard('what was published'),
  'trust-registry_keep-revoked-key': heard('the act on the key'),
};

/** What the services do by themselves, by the names of their workers. */
export const EVIDENCE_OF_WORKERS: Readonly<Record<string, Leaves>> = {
  sequencer: ['finding'],
  checkpoints: { none: 'a checkpoint is signed, and kept' },
  retention: ['evidence.erased'],
  'parked-alarm': { none: 'it tells a person of what is parked' },
  'move-with-time': [
    'agreement.activated',
    'agreement.refused',
    'agreement.suspended',
    'agreement.resumed',
    'agreement.terminated',
    'agreement.ended',
  ],
  'warn-of-annexes': ['annex.expiring', 'annex.ended'],
  tidy: ['grant.expired'],
  'count-refusals': ['session.refused', 'token.refused'],
  'ask-witnesses': { none: 'it asks' },
  'forget-proofs': { none: 'what it forgets can be used no more' },
  'record-refused': ['caller.refused', 'request.refused'],
  cut: { none: 'it pays what flow.cut and session.cut ordered' },
  refresh: ['flow.cut', 'flow.refused'],
  carry: ['finding', 'data.erased'],
  sweep: { none: 'it forgets answers and events that were taken' },
};

/** An entry of a company's own hash-chained journal: what happens inside a company is nobody else's. */
export interface InOwnJournal {
  readonly own: string;
}

const asked = (name: string): { readonly asks: string } => ({ asks: name });
const own = (name: string): InOwnJournal => ({ own: name });

/** What each route of an agent leaves that may change something: an entry of the company's journal, or what it asks the broker leaves. A refusal leaves `refused`, whatever the route. */
export const EVIDENCE_OF_AGENT_ROUTES: Readonly<Record<string, InOwnJournal | { readonly asks: string } | Leaves>> = {
  'POST /login/confirm': own('login-proof'),
  'POST /login/token': { none: 'the yes before it stands in the journal' },
  'POST /session/token': { none: 'whoever uses it is named by what he does' },
  'POST /sign-out': { none: 'it takes a session away' },
  'POST /local/beats': beat,
  'POST /acts': own('act'),
  'POST /acts/hand-in': own('act'),
  'POST /passkeys': { none: 'a key without a certificate signs nothing' },
  'POST /shared-signals/events': own('account-event'),
  'POST /ssf/streams/:id/poll': { none: 'what is fetched was written down before, and stays until it is acknowledged' },
  'POST /ssf/verification': { none: 'it asks for an event that says nothing of anybody' },
  'POST /svids': own('svid'),
  'POST /scim/v2/Users': { none: 'it makes nobody anything' },
  'PATCH /scim/v2/Users/:id': own('account-event'),
  'PUT /scim/v2/Users/:id': own('account-event'),
  'DELETE /scim/v2/Users/:id': own('account-event'),
  'POST /grants': own('signed'),
  'POST /standing-approvals': own('signed'),
  'POST /grants/:id/deny': asked('grants.deny.v1'),
  'POST /grants/:id/approve': own('signed'),
  'POST /grants/:id/delegations': own('signed'),
  'POST /releases/:log/:id': own('signed'),
  'POST /simulations': reads,
};

/** What the plant's own hand on a gateway leaves in the logs of the agreements held there. */
export const EVIDENCE_OF_GATEWAY_ROUTES: Readonly<Record<string, Leaves>> = {
  'POST /acts': ['session.cut', 'flow.cut'],
  'POST /entities': ['session.cut', 'flow.cut'],
  'POST /beats': beat,
  'POST /signals': ['session.cut'],
  'POST /activations': ['session.activated'],
  'POST /releases': ['scan.released'],
  'PUT /lockout': ['lockout.set'],
  'DELETE /lockout': ['lockout.lifted'],
};
