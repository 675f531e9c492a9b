import type { RefusalRow } from './refusal-row.js';
import { REFUSALS_AT_DOORS } from './refusals-at-doors.js';
import { REFUSALS_OF_LOGS } from './refusals-of-logs.js';

/**
 * Every refusal code there is, with the HTTP status and the sentence a person reads. "No such thing" and "not yours" share one
 * answer: existence is itself confidential.
 */
export const REFUSALS = {
  // documents and signatures
  malformed: { status: 400, title: 'The document does not have the shape its kind requires; the clause names where' },
  not_json: { status: 400, title: 'The bytes are not JSON in UTF-8' },
  not_canonical: {
    status: 400,
    title: 'The JSON is not in canonical form (RFC 8785); send exactly the bytes that were signed',
  },
  wrong_type: { status: 400, title: 'The signature was made for another kind of document' },
  wrong_issuer: { status: 403, title: 'The signature is not of the organisation whose signature is needed' },
  wrong_audience: { status: 403, title: 'The token was made for another organisation' },
  wrong_algorithm: {
    status: 400,
    title: 'The algorithm does not fit the key; use EdDSA with Ed25519 or ES256 with P-256',
  },
  unknown_key: { status: 403, title: 'The organisation publishes no such key; publish its certificate first' },
  wrong_purpose: {
    status: 403,
    title: 'The key is published for other purposes; sign with the one for this kind of document',
  },
  key_expired: { status: 403, title: 'The key has expired; sign again with a current one' },
  key_not_yet_valid: { status: 403, title: 'The key is not valid yet' },
  signed_in_the_future: { status: 403, title: 'The signature is from the future; check the clock of the signer' },
  bad_signature: { status: 403, title: 'The signature does not match the bytes' },
  passkey_other_document: {
    status: 403,
    title: 'The passkey signed another document than this; sign again on the page',
  },
  passkey_other_origin: {
    status: 403,
    title: 'The passkey signed on a page that is not of the own agent of its company',
  },
  passkey_copied: {
    status: 403,
    title: 'The passkey counts no further than it had: two authenticators hold one key; revoke it and enrol another',
  },
  passkey_unattended: {
    status: 403,
    title: 'The passkey did not ask for its holder; use one that verifies by PIN, finger or face',
  },
  signature_missing: { status: 403, title: 'A signature that is needed is not there; the clause names the document' },
  token_expired: { status: 403, title: 'The token has expired; log in again' },
  token_too_long: { status: 403, title: 'The token claims to live longer than is allowed' },
  // trust
  not_pinned: {
    status: 403,
    title: 'This organisation is not pinned; compare root fingerprints and run "interlock partner pin"',
  },
  root_mismatch: {
    status: 403,
    title: 'The root key is not the one that was pinned; compare fingerprints again with the partner',
  },
  entity_expired: { status: 403, title: 'The entity document has expired; its organisation must publish a new one' },
  organisation_revoked: {
    status: 403,
    title:
      'The root of this organisation has revoked everything; it enrols anew, and its partners compare the new root with it',
  },
  custody_not_agreed: {
    status: 403,
    title:
      'A key that speaks for this party is published for other things too, and the agreement does not say that one agent may hold all its keys',
  },
  entity_too_long: { status: 400, title: 'An entity document may live at most 90 days' },
  entity_fork: { status: 409, title: 'Two entity documents carry the same number; its organisation must explain' },
  version_replayed: { status: 409, title: 'A later version is here already; what came before it is not taken again' },
  reference_dangling: {
    status: 409,
    title: 'The document follows a version that is not here; hand in the ones before it first',
  },
  reference_cyclic: {
    status: 400,
    title: 'The document follows itself over others; no chain of documents can go in a circle',
  },
  certificate_dangling: { status: 400, title: 'The key certificate hangs on an entity document that is not here' },
  certificate_too_long: {
    status: 400,
    title: 'A key that beats may be certified for at most 24 hours, one that opens sealed data for at most 7 days',
  },
  // agreement
  party_root_not_pinned: { status: 403, title: 'The agreement names another root than the one that was pinned' },
  party_entity_unknown: { status: 409, title: 'The agreement hangs on an entity document that is not here' },
  term_without_evaluator: {
    status: 409,
    title: 'Nothing here can evaluate a term of this agreement; the clause names it',
  },
  agreement_incoherent: { status: 409, title: 'The agreement contradicts itself; the clause names where' },
  agreement_not_yet_effective: { status: 409, title: 'The agreement is not in effect yet' },
  agreement_over: { status: 409, title: 'The agreement has ended' },
  illegal_transition: { status: 409, title: 'This step does not follow from the present state' },
  not_narrower: { status: 403, title: 'One side may only take away; the clause names what is not provably narrower' },
  version_superseded: { status: 409, title: 'Another version was proposed meanwhile; read it, then amend that one' },
  // grant
  not_a_party: { status: 404, title: 'There is nothing here for you under this name' },
  same_side: { status: 403, title: 'An organisation cannot grant itself access under an agreement with another' },
  third_party_not_agreed: {
    status: 403,
    title: 'A third party holds no more than it was brought in for, and no more than the side that brought it in',
  },
  resource_not_agreed: { status: 403, title: 'The agreement does not name this resource' },
  recipient_not_agreed: {
    status: 403,
    title: 'The agreement does not name the organisation that asks among the recipients of this data product',
  },
  action_not_agreed: { status: 403, title: 'The agreement does not name this service or data product of the resource' },
  kind_not_agreed: { status: 403, title: 'The agreement has no term for this kind of grant' },
  purpose_not_agreed: { status: 403, title: 'The agreement does not allow this purpose' },
  ticket_missing: { status: 400, title: 'The agreement asks for a ticket of a certain form' },
  window_too_long: { status: 400, title: 'The window is empty or longer than the agreement allows' },
  window_outside_agreement: { status: 400, title: 'The window reaches outside the life of the agreement' },
  approvals_missing: { status: 403, title: 'The owner has not approved as the agreement asks' },
  recurrence_differs: {
    status: 403,
    title:
      'The windows are not those of the rule beside them, in this zone database and by the calendar of the plant; ask again',
  },
  plant_closed: {
    status: 403,
    title: 'The plant is closed now by its own calendar, and a recurring window leaves that out',
  },
  booked_too_early: {
    status: 403,
    title: 'A window begins further ahead than the agreement lets it be booked; ask again later, or for an earlier one',
  },
  approval_lapsed: {
    status: 403,
    title: 'An approval is older than the agreement lets it be; ask for the grant anew',
  },
  approval_out_of_hours: {
    status: 403,
    title: 'An approval was given outside the hours for which its approver is certified; approve within them',
  },
  approver_is_party_to_request: { status: 403, title: 'Who asks or acts cannot approve' },
  grant_of_other_agreement: { status: 409, title: 'The grant hangs on another agreement version' },
  requester_unknown: { status: 403, title: 'The one who asks did not sign' },
  dormant_not_agreed: {
    status: 403,
    title:
      'The agreement lets nobody activate such a grant at the gateway: it needs the offline mode local, and one subject',
  },
  delegation_not_agreed: { status: 403, title: 'The agreement does not let people hand this on' },
  delegation_too_deep: { status: 403, title: 'The agreement lets this be handed on fewer times' },
  delegation_wider: { status: 403, title: 'The delegation gives more than its giver holds; the clause names the part' },
  delegation_dangling: { status: 409, title: 'The delegation hangs on a right that is not here' },
  delegator_not_subject: { status: 403, title: 'Only who holds a right can hand it on, with his own delegation key' },
  delegate_not_agreed: { status: 403, title: 'The agreement does not let this be handed to these persons' },
  uses_spent: { status: 403, title: 'The right has opened as many sessions as it may' },
  // enforcement
  not_self: { status: 403, title: 'The owner of the resource is not the organisation of this enforcement point' },
  not_on_provisioning_list: { status: 403, title: 'This enforcement point is not provisioned for the resource' },
  proof_of_other_grant: { status: 403, title: 'The login proof was made for another grant' },
  subject_unknown: { status: 403, title: 'No certificate binds this key to this subject' },
  not_the_holder: { status: 403, title: 'The key in use is not the key of the subject' },
  outside_grant: { status: 403, title: 'The grant does not cover this' },
  not_activated: {
    status: 403,
    title:
      'A dormant grant opens only what an approver who is present activates at the gateway, and no other grant does',
  },
  activation_unfit: {
    status: 403,
    title:
      'The activation is not for this, or not by an approver whom the grant names; ask the gateway for its nonce and sign again',
  },
  function_not_granted: {
    status: 403,
    title: 'The grant covers only some functions of this service, and this is not one of them; the clause names it',
  },
  protocol_violation: { status: 400, title: 'What was sent is not the protocol of this service' },
  outside_window: { status: 403, title: 'It is outside the granted window' },
  too_many_sessions: {
    status: 409,
    title: 'As many sessions of this grant are open as both sides agreed; end one of them first',
  },
  login_over: { status: 403, title: 'The login is older than the agreement lets it count; log in again' },
  access_place_not_agreed: {
    status: 403,
    title: 'Data would be opened from a country that the agreement does not name for it',
  },
  files_not_agreed: {
    status: 403,
    title:
      'Files could be brought to the machine this way, and the agreement does not allow it; ask for another service',
  },
  outside_hours: {
    status: 403,
    title: 'It is outside the hours of the week that both sides agreed for it',
  },
  taken_away: { status: 403, title: 'The right was suspended, revoked or terminated' },
  narrowed: { status: 403, title: 'One side narrowed the agreement; the clause names what no longer covers this' },
  signature_unproven: {
    status: 403,
    title:
      'A key this rests on has come to its end, and nothing shows that it signed before; have it signed again with a current key',
  },
  equivalence_lapsed: {
    status: 403,
    title:
      'Nothing assures a control this depends on; the clause names it; attest it and have the other side accept it',
  },
  machine_transferred: { status: 403, title: 'The machine has another owner now; this agreement covers it no longer' },
  machine_decommissioned: { status: 403, title: 'The machine was taken out of service' },
  machine_unrecorded: {
    status: 403,
    title: 'The agreement asks for a record of the machine; its owner signs one',
  },
  machine_moved: { status: 403, title: 'The machine stands where the agreement does not say it may' },
  support_over: { status: 403, title: 'Support for the machine has ended, and the agreement ends with it' },
  party_insolvent: {
    status: 403,
    title: 'A party is insolvent, and the agreement keeps nothing of this for that case',
  },
  annex_out_of_order: {
    status: 409,
    title: 'The record does not follow the newest one of this machine; read it, then write the next',
  },
  status_invalid: { status: 403, title: 'The right stands on a status list as invalid' },
  embargo_unknown: { status: 403, title: 'An embargo verdict that the agreement asks for is missing or stale' },
  embargo_blocked: { status: 403, title: 'An embargo verdict blocks this' },
  embargo_list_empty: { status: 400, title: 'An empty list would make everything clear; fetch it again' },
  embargo_list_truncated: { status: 400, title: 'The list is not whole; fetch it again from its issuer' },
  embargo_list_shrunk: {
    status: 409,
    title: 'More of the list would go away than goes away at once; say how many entries the issuer took off it',
  },
  embargo_list_older: { status: 409, title: 'A newer edition of this list is in force' },
  embargo_snapshot_missing: { status: 409, title: 'This company has no embargo lists; import them' },
  embargo_snapshot_altered: {
    status: 409,
    title: 'The embargo lists are not what this company signed; import them anew',
  },
  embargo_authorisation_exists: {
    status: 409,
    title:
      'An authorisation of this number is recorded, and its terms never change; record a new one under another number',
  },
  embargo_authorisation_unknown: { status: 404, title: 'No authorisation of this number is recorded' },
  decision_point_unknown: { status: 403, title: 'A decision point that the agreement names has not answered' },
  decision_point_denied: { status: 403, title: 'A decision point that the agreement names said no' },
  signal_unknown: {
    status: 403,
    title:
      'A fact that the agreement asks for was not said, or not recently enough; the clause names it and whose word it is',
  },
  signal_turned: {
    status: 403,
    title: 'A fact that the agreement asks for does not hold, says the company whose word it is; the clause names it',
  },
  release_not_agreed: {
    status: 403,
    title:
      'The gateway runs a program that the agreement does not name; agree on its release, or run one that is agreed',
  },
  other_side_denied: {
    status: 403,
    title: 'The other company judged this for itself and said no; only it can say why',
  },
  region_not_agreed: { status: 403, title: 'The agreement does not allow this region' },
  endpoint_not_agreed: { status: 403, title: 'The endpoint showed a key that the agreement does not name' },
  clock_ahead: {
    status: 403,
    title: 'The clock here runs ahead of what its own company says; set it right, nothing opens before its time',
  },
  lease_over: { status: 403, title: 'A side has not said "still agreed" recently enough' },
  working_time_over: {
    status: 403,
    title: 'The time to work in this window, which began when it was first used, is over',
  },
  window_over: { status: 403, title: 'The window is over' },
  offline_closed: { status: 403, title: 'The agreement closes this when the broker is lost' },
  on_hold: {
    status: 409,
    title: 'A company holds this log; nothing of it is erased until that company lifts its hold',
  },
  lockout: { status: 403, title: 'The plant has locked this gateway; only the plant can lift it' },
  evidence_unavailable: { status: 503, title: 'Evidence cannot be written, so nothing may open' },
  no_ticket: { status: 403, title: 'The ticket does not admit this session' },
  gateway_not_connected: {
    status: 503,
    title: 'No gateway that enforces for this resource is connected; ask the owner of the resource',
  },
  proof_used_up: { status: 409, title: 'The login proof has opened as many sessions as it may; log in again' },
  ticket_used: { status: 409, title: 'The ticket was used before' },
  ...REFUSALS_AT_DOORS,
  ...REFUSALS_OF_LOGS,
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof REFUSALS;
