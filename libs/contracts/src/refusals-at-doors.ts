import type { RefusalRow } from './refusal-row.js';

/** What is refused at a door: of data, of the log, of a company's own agent, of the API. Part of the one table in `refusals.ts`. */
export const REFUSALS_AT_DOORS = {
  // data that is pushed
  event_malformed: {
    status: 400,
    title: 'The event is not one of its format; the clause names what is missing or wrong, correct that and push again',
  },
  event_too_large: { status: 413, title: 'An event or a push holds at most 64 KiB; split it, and push the parts' },
  event_too_deep: { status: 400, title: 'The data is nested deeper than 16 objects; flatten it' },
  encoding_unsupported: {
    status: 400,
    title: 'Send JSON in UTF-8, as it is or with gzip; bytes and other contents are not read here',
  },
  source_malformed: { status: 400, title: 'The source must name the machine as //owner/machine' },
  label_unknown: {
    status: 403,
    title:
      'The event carries a label that the agreement does not know, so its demands cannot be met; agree the label, or leave the event out',
  },
  time_implausible: {
    status: 400,
    title: 'The time is no RFC 3339 time, before 1990, or more than a day ahead; set the clock of the source',
  },
  reference_not_carried: { status: 400, title: 'Data by reference is not carried; push the data itself' },
  samples_mode: {
    status: 400,
    title: 'The samples mode of the publisher is not OPC UA PubSub; switch it to PubSub messages (--mm=PubSub)',
  },
  command_refused: {
    status: 403,
    title: 'A right to data carries no commands to a machine, and no request for a rebirth',
  },
  alias_without_birth: { status: 409, title: 'No birth certificate explains this alias; push the birth again' },
  birth_missing: { status: 409, title: 'The edge node or device is not born here; push NBIRTH or DBIRTH first' },
  sequence_broken: {
    status: 409,
    title: 'A message before this one is missing; push it, or let the edge node be born again',
  },
  format_unknown: {
    status: 400,
    title: 'The content type is none that is read here; the documentation of the ingest port lists them',
  },
  no_flow: {
    status: 409,
    title: 'No data-collection grant in force collects from this machine; ask for one, then push again',
  },
  edge_full: { status: 503, title: 'Batches wait here for their region; push again after Retry-After' },
  inspected_at_plant: {
    status: 403,
    title:
      'The agreement has this data inspected in the plant, so it is not taken in plain text here; push it at the gateway',
  },
  inspected_in_region: {
    status: 403,
    title: 'The agreement has this data inspected in the region; push it at the door of whoever runs the region',
  },
  no_longer_kept: {
    status: 410,
    title: 'What you ask for was erased when its retention was over; go on from the oldest that is kept',
  },
  // evidence logs
  not_cosigned: {
    status: 403,
    title:
      'Fewer companies cosigned this than the agreement asks for; wait for the witnesses, or ask why one is silent',
  },
  bundle_unsupported: {
    status: 400,
    title: 'The bundle holds something that nothing in it supports; the clause names it',
  },
  evidence_rejected: { status: 400, title: 'The evidence record is not what its declaration says; it was parked' },
  // a company's own agent
  login_needed: { status: 401, title: 'Log in with your own company first' },
  person_unknown: { status: 403, title: 'Your company has not given this login a place at its agent' },
  account_held_back: {
    status: 403,
    title: 'Your company’s own provider says no to this account for now; whoever looks after accounts there knows why',
  },
  identity_provider_unavailable: {
    status: 503,
    title:
      'Your company’s identity provider does not answer, so nobody can log in; try again. What is open goes on, and a gateway is locked at the gateway as ever',
  },
  not_in_role: { status: 403, title: 'Your role in your company does not include this' },
  role_needed: {
    status: 403,
    title:
      'This is for another role; the clause names it. Your company gives roles by the claims of its own login ("interlock role map")',
  },
  role_mapping_missing: {
    status: 403,
    title:
      'Your company has not signed which claims of its login make which role; its administrator runs "interlock role map"',
  },
  role_mapping_incoherent: { status: 400, title: 'The role mapping contradicts itself; the clause names where' },
  claim_not_read: {
    status: 400,
    title: 'No role comes from an address, a name or a claim about the token; map a group, a role or the subject',
  },
  identity_provider_unknown: {
    status: 400,
    title: 'The role mapping reads claims of an identity provider that the entity document does not name',
  },
  outside_auditor_too_long: {
    status: 400,
    title: 'An outside auditor is named for at most 90 days; name him again after',
  },
  outside_auditor_over: {
    status: 403,
    title: 'The time for which this company named you as its outside auditor is over, or has not begun',
  },
  wrong_passphrase: { status: 403, title: 'The passphrase does not open your key' },
  not_what_was_shown: { status: 409, title: 'What is held now is not what you were shown; read it again, then decide' },
  form_not_ours: { status: 403, title: 'The form did not come from a page of this agent; open the page again' },
  redirect_not_loopback: { status: 400, title: 'A program may only be answered on this computer (127.0.0.1 or ::1)' },
  code_unknown: { status: 400, title: 'The code is unknown, used, too old, or not yours; begin the login again' },
  broker_unavailable: {
    status: 503,
    title: 'The broker does not answer; try again later',
  },
  // callers
  caller_unknown: { status: 401, title: 'The caller proof is missing, stale, replayed or not of a published key' },
  caller_not_allowed: { status: 403, title: 'This endpoint is not for this kind of caller' },
  dpop_wrong: {
    status: 400,
    title:
      'The DPoP proof is missing, stale, replayed, for another request, or of another key than the one that is vouched for',
  },
  not_a_login_proof: {
    status: 400,
    title: 'The token must be a login proof of the company of the subject; an ID token is for that company alone',
  },
  target_unknown: { status: 400, title: 'The audience is not the owner of the resource that is named' },
  details_malformed: {
    status: 400,
    title: 'Name one grant, one resource as owner/name and one action in authorization_details',
  },
  oauth_grant_unsupported: {
    status: 400,
    title: 'This way to a token does not exist here; the metadata lists those that do',
  },
  idempotency_key_reused: {
    status: 409,
    title: 'This Idempotency-Key was used for another request; take a new key for a new request',
  },
  rate_limited: { status: 429, title: 'Too many requests; wait as long as Retry-After says' },
  json_member_twice: { status: 400, title: 'An object names a member twice; say it once' },
  json_number_inexact: {
    status: 400,
    title: 'A number is larger than every reader holds exactly (2^53); write it as text, or leave it out',
  },
  text_not_normalised: {
    status: 400,
    title:
      'A text is no Unicode in normalisation form C, so that it reads like another one; normalise it before you sign',
  },
  too_large: { status: 413, title: 'The body is larger than this endpoint takes' },
} as const satisfies Record<string, RefusalRow>;
