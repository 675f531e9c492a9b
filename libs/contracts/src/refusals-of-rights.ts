import type { RefusalRow } from './refusal-row.js';

/** Why an enforcement point does not open, or closes. Part of the one table in `refusals.ts`. */
export const REFUSALS_OF_RIGHTS = {
  // enforcement
  not_self: {
    status: 403,
    who: 'sender',
    title: 'The owner of the resource is not the organisation of this enforcement point; ask at a gateway of the owner',
  },
  not_on_provisioning_list: {
    status: 403,
    who: 'owner',
    title:
      'This enforcement point is not provisioned for the resource; provision it for the resource, or connect over the gateway that is',
  },
  proof_of_other_grant: {
    status: 403,
    who: 'subject',
    title: 'The login proof was made for another grant; log in for this grant',
  },
  subject_unknown: {
    status: 403,
    who: 'publisher',
    title:
      'No certificate binds this key to this subject; its company certifies the key for this person, machine or workload',
  },
  not_the_holder: {
    status: 403,
    who: 'subject',
    title: 'The key in use is not the key of the subject; use the key that was named when you logged in',
  },
  outside_grant: {
    status: 403,
    who: 'requester',
    title: 'The grant does not cover this; ask for a grant that names it',
  },
  not_activated: {
    status: 403,
    who: 'owner',
    title:
      'A dormant grant opens only what an approver who is present activates at the gateway, and no other grant does; have an approver activate it there',
  },
  activation_unfit: {
    status: 403,
    who: 'owner',
    title:
      'The activation is not for this, or not by an approver whom the grant names; ask the gateway for its nonce and sign again',
  },
  function_not_granted: {
    status: 403,
    who: 'requester',
    title: 'The grant covers only some functions of this service, and this is not one of them; the clause names it',
  },
  protocol_violation: {
    status: 400,
    who: 'subject',
    title: "What was sent is not the protocol of this service; use a client of this service's own protocol",
  },
  outside_window: {
    status: 403,
    who: 'requester',
    title: 'It is outside the granted window; come within it, or ask for another one',
  },
  too_many_sessions: {
    status: 409,
    who: 'subject',
    title: 'As many sessions of this grant are open as both sides agreed; end one of them first',
  },
  login_over: {
    status: 403,
    who: 'subject',
    title: 'The login is older than the agreement lets it count; log in again',
  },
  login_too_weak: {
    status: 403,
    who: 'subject',
    title: 'The way of this login is none that the agreement takes; log in again by one that it names',
  },
  access_place_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'Data would be opened from a country that the agreement does not name for it; open it where the agreement allows, or agree that country',
  },
  files_not_agreed: {
    status: 403,
    who: 'requester',
    title:
      'Files could be brought to the machine this way, and the agreement does not allow it; ask for another service',
  },
  outside_hours: {
    status: 403,
    who: 'both',
    title: 'It is outside the hours of the week that both sides agreed for it; come within them',
  },
  taken_away: {
    status: 403,
    who: 'both',
    title: 'The right was suspended, revoked or terminated; ask whoever took it away, the log names who and why',
  },
  narrowed: {
    status: 403,
    who: 'partner',
    title:
      'One side narrowed the agreement; the clause names what no longer covers this; ask the side that narrowed it',
  },
  signature_unproven: {
    status: 403,
    who: 'signer',
    title:
      'A key this rests on has come to its end, and nothing shows that it signed before; have it signed again with a current key',
  },
  equivalence_lapsed: {
    status: 403,
    who: 'both',
    title:
      'Nothing assures a control this depends on; the clause names it; attest it and have the other side accept it',
  },
  machine_transferred: {
    status: 403,
    who: 'both',
    title: 'The machine has another owner now; this agreement covers it no longer',
  },
  machine_decommissioned: {
    status: 403,
    who: 'owner',
    title: 'The machine was taken out of service; ask the owner which machine does its work now',
  },
  machine_unrecorded: {
    status: 403,
    who: 'owner',
    title: 'The agreement asks for a record of the machine; its owner signs one',
  },
  machine_moved: {
    status: 403,
    who: 'both',
    title: 'The machine stands where the agreement does not say it may; agree its new place, or have it brought back',
  },
  membership_unknown: {
    status: 403,
    who: 'both',
    title:
      'The grant is bounded by a member list that is not here or was withdrawn; its organisation publishes it again, or ask under another one',
  },
  not_a_member: {
    status: 403,
    who: 'both',
    title: 'The member list of the grant does not have it, or has it no more; ask under a list that has it',
  },
  support_over: {
    status: 403,
    who: 'both',
    title:
      'Support for the machine has ended, and the agreement ends with it; agree anew if it is to be served further',
  },
  party_insolvent: {
    status: 403,
    who: 'both',
    title:
      'A party is insolvent, and the agreement keeps nothing of this for that case; ask its administrator, and agree anew with whoever goes on',
  },
  annex_out_of_order: {
    status: 409,
    who: 'sender',
    title: 'The record does not follow the newest one of this machine; read it, then write the next',
  },
  status_invalid: {
    status: 403,
    who: 'partner',
    title: 'The right stands on a status list as invalid; ask the company that keeps the list',
  },
  decision_point_unknown: {
    status: 403,
    who: 'company',
    title: 'A decision point that the agreement names has not answered; whoever runs it sees whether it is up',
  },
  decision_point_denied: {
    status: 403,
    who: 'company',
    title: 'A decision point that the agreement names said no; whoever runs it can say why',
  },
  signal_unknown: {
    status: 403,
    who: 'partner',
    title:
      'A fact that the agreement asks for was not said, or not recently enough; the clause names it and whose word it is',
  },
  signal_turned: {
    status: 403,
    who: 'partner',
    title: 'A fact that the agreement asks for does not hold, says the company whose word it is; the clause names it',
  },
  release_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The gateway runs a program that the agreement does not name; agree on its release, or run one that is agreed',
  },
  other_side_denied: {
    status: 403,
    who: 'partner',
    title: 'A company judged this for itself and said no; only that company can say why, its own log explains it',
  },
  region_not_agreed: {
    status: 403,
    who: 'both',
    title: 'The agreement does not allow this region; use a region that it names, or agree this one',
  },
  endpoint_not_agreed: {
    status: 403,
    who: 'operator',
    title:
      'The endpoint showed a key that the agreement does not name; trust nothing that came from it, and ask who runs the region which key it shows',
  },
  clock_ahead: {
    status: 403,
    who: 'gateway',
    title: 'The clock here runs ahead of what its own company says; set it right, nothing opens before its time',
  },
  lease_over: {
    status: 403,
    who: 'company',
    title:
      'A side has not said "still agreed" recently enough; look whether the agents of both companies are up and reach the broker',
  },
  working_time_over: {
    status: 403,
    who: 'requester',
    title: 'The time to work in this window, which began when it was first used, is over; ask for another window',
  },
  window_over: { status: 403, who: 'requester', title: 'The window is over; ask for another one if work is left' },
  offline_closed: {
    status: 403,
    who: 'operator',
    title: 'The agreement closes this when the broker is lost; wait until the broker is back',
  },
  on_hold: {
    status: 409,
    who: 'company',
    title: 'A company holds this log; nothing of it is erased until that company lifts its hold',
  },
  lockout: { status: 403, who: 'plant', title: 'The plant has locked this gateway; only the plant can lift it' },
  evidence_unavailable: {
    status: 503,
    who: 'gateway',
    title: 'Evidence cannot be written, so nothing may open; make room on its disk, or mend the disk',
  },
  no_ticket: {
    status: 403,
    who: 'subject',
    title: 'The ticket does not admit this session; ask for admission again, and show the ticket that you get',
  },
  gateway_not_connected: {
    status: 503,
    who: 'owner',
    title: 'No gateway that enforces for this resource is connected; ask the owner of the resource',
  },
  proof_used_up: {
    status: 409,
    who: 'subject',
    title: 'The login proof has opened as many sessions as it may; log in again',
  },
  ticket_used: { status: 409, who: 'subject', title: 'The ticket was used before; ask for admission again' },
} as const satisfies Record<string, RefusalRow>;
