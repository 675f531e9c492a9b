import type { RefusalRow } from './refusal-row.js';

/** What is refused at a door: of data, of the log, of a company's own agent, of the API. Part of the one table in `refusals.ts`. */
export const REFUSALS_AT_DOORS = {
  // data that is pushed
  event_malformed: {
    status: 400,
    who: 'source',
    title: 'The event is not one of its format; the clause names what is missing or wrong, correct that and push again',
  },
  event_too_large: {
    status: 413,
    who: 'source',
    title: 'An event or a push holds at most 64 KiB; split it, and push the parts',
  },
  event_too_deep: { status: 400, who: 'source', title: 'The data is nested deeper than 16 objects; flatten it' },
  encoding_unsupported: {
    status: 400,
    who: 'source',
    title: 'The content or its coding is not read here; send JSON in UTF-8, as it is or with gzip',
  },
  source_malformed: { status: 400, who: 'source', title: 'The source names no machine; name it as //owner/machine' },
  label_unknown: {
    status: 403,
    who: 'both',
    title:
      'The event carries a label that the agreement does not know, so its demands cannot be met; agree the label, or leave the event out',
  },
  time_implausible: {
    status: 400,
    who: 'source',
    title: 'The time is no RFC 3339 time, before 1990, or more than a day ahead; set the clock of the source',
  },
  reference_not_carried: {
    status: 400,
    who: 'source',
    title: 'Data by reference is not carried; push the data itself',
  },
  samples_mode: {
    status: 400,
    who: 'source',
    title: 'The samples mode of the publisher is not OPC UA PubSub; switch it to PubSub messages (--mm=PubSub)',
  },
  command_refused: {
    status: 403,
    who: 'source',
    title:
      'A right to data carries no commands to a machine, and no request for a rebirth; ask for remote service, or for machine to machine',
  },
  alias_without_birth: {
    status: 409,
    who: 'source',
    title: 'No birth certificate explains this alias; push the birth again',
  },
  birth_missing: {
    status: 409,
    who: 'source',
    title: 'The edge node or device is not born here; push NBIRTH or DBIRTH first',
  },
  sequence_broken: {
    status: 409,
    who: 'source',
    title: 'A message before this one is missing; push it, or let the edge node be born again',
  },
  format_unknown: {
    status: 400,
    who: 'source',
    title: 'The content type is none that is read here; the documentation of the ingest port lists them',
  },
  no_flow: {
    status: 409,
    who: 'requester',
    title: 'No data-collection grant in force collects from this machine; ask for one, then push again',
  },
  flow_opening: {
    status: 503,
    who: 'nobody',
    title: 'The flow of this machine is not open here at this moment; push again after Retry-After',
  },
  edge_full: { status: 503, who: 'nobody', title: 'Batches wait here for their region; push again after Retry-After' },
  scan_not_clean: {
    status: 403,
    who: 'source',
    title:
      'The scanner did not find it clean; it is held in quarantine until the owner and each recipient release these bytes. Correct the content and push it under a new id',
  },
  scanner_unavailable: {
    status: 503,
    who: 'gateway',
    title: 'The agreement asks for a scanner, and none answers for these bytes; push again after Retry-After',
  },
  release_unfit: {
    status: 403,
    who: 'signer',
    title:
      'The release is not for what is held here, or not of a person who may release it; the clause names what does not fit',
  },
  scan_missing: {
    status: 403,
    who: 'source',
    title: 'The agreement asks for a scanner, and the gateway that sealed this says of none; it is not opened',
  },
  inspected_at_plant: {
    status: 403,
    who: 'source',
    title:
      'The agreement has this data inspected in the plant, so it is not taken in plain text here; push it at the gateway',
  },
  inspected_in_region: {
    status: 403,
    who: 'source',
    title: 'The agreement has this data inspected in the region; push it at the door of whoever runs the region',
  },
  erasure_differs: {
    status: 403,
    who: 'partner',
    title:
      'The batches told with the proof are not those that were signed as erased; ask for the file as it was written',
  },
  no_longer_kept: {
    status: 410,
    who: 'nobody',
    title: 'What you ask for was erased when its retention was over; go on from the oldest that is kept',
  },
  // evidence logs
  not_cosigned: {
    status: 403,
    who: 'partner',
    title:
      'Fewer companies cosigned this than the agreement asks for; wait for the witnesses, or ask why one is silent',
  },
  bundle_unsupported: {
    status: 400,
    who: 'sender',
    title: 'The bundle holds something that nothing in it supports; the clause names it',
  },
  evidence_rejected: {
    status: 400,
    who: 'gateway',
    title:
      'The evidence record is not what its declaration says and was parked; look at the log of the gateway that wrote it',
  },
  // a company's own agent
  login_needed: { status: 401, who: 'subject', title: 'Nobody is logged in; log in with your own company first' },
  person_unknown: {
    status: 403,
    who: 'administrator',
    title:
      'Your company has not given this login a place at its agent; its administrator gives it one ("interlock key person add")',
  },
  account_held_back: {
    status: 403,
    who: 'administrator',
    title: 'Your company’s own provider says no to this account for now; whoever looks after accounts there knows why',
  },
  identity_provider_unavailable: {
    status: 503,
    who: 'administrator',
    title:
      'Your company’s identity provider does not answer, so nobody can log in; try again. What is open goes on, and a gateway is locked at the gateway as ever',
  },
  not_in_role: {
    status: 403,
    who: 'administrator',
    title: 'Your role in your company does not include this; ask its administrator',
  },
  role_needed: {
    status: 403,
    who: 'administrator',
    title:
      'This is for another role, and the clause names it; your company gives roles by the claims of its own login ("interlock role map")',
  },
  role_mapping_missing: {
    status: 403,
    who: 'administrator',
    title:
      'Your company has not signed which claims of its login make which role; its administrator runs "interlock role map"',
  },
  role_mapping_incoherent: {
    status: 400,
    who: 'administrator',
    title: 'The role mapping contradicts itself; the clause names where',
  },
  claim_not_read: {
    status: 400,
    who: 'administrator',
    title: 'No role comes from an address, a name or a claim about the token; map a group, a role or the subject',
  },
  identity_provider_unknown: {
    status: 400,
    who: 'administrator',
    title:
      'The role mapping reads claims of an identity provider that the entity document does not name; name it there, or map claims of the one that is named',
  },
  outside_auditor_too_long: {
    status: 400,
    who: 'administrator',
    title: 'An outside auditor is named for at most 90 days; name him again after',
  },
  outside_auditor_over: {
    status: 403,
    who: 'administrator',
    title:
      'The time for which this company named you as its outside auditor is over, or has not begun; ask it to name you again ("interlock role auditor")',
  },
  wrong_passphrase: {
    status: 403,
    who: 'subject',
    title:
      'The passphrase does not open your key; type it again; nobody can read it back to you, your administrator can certify a new key',
  },
  not_what_was_shown: {
    status: 409,
    who: 'subject',
    title: 'What is held now is not what you were shown; read it again, then decide',
  },
  form_not_ours: {
    status: 403,
    who: 'subject',
    title: 'The form did not come from a page of this agent; open the page again',
  },
  redirect_not_loopback: {
    status: 400,
    who: 'sender',
    title: 'A program asked to be answered elsewhere than on this computer; let it listen on 127.0.0.1 or ::1',
  },
  code_unknown: {
    status: 400,
    who: 'subject',
    title: 'The code is unknown, used, too old, or not yours; begin the login again',
  },
  broker_unavailable: { status: 503, who: 'operator', title: 'The broker does not answer; try again later' },
  // callers
  caller_unknown: {
    status: 401,
    who: 'sender',
    title:
      'The caller proof is missing, stale, replayed or not of a published key; make a new proof for this one request with a key that its company published, and look at the clock',
  },
  caller_not_allowed: {
    status: 403,
    who: 'sender',
    title: 'This endpoint is not for this kind of caller; call it as one of those that /reference names for it',
  },
  dpop_wrong: {
    status: 400,
    who: 'sender',
    title:
      'The DPoP proof is missing, stale, replayed, for another request, or of another key than the one that is vouched for; make a new one for this request with the key of the client',
  },
  not_a_login_proof: {
    status: 400,
    who: 'sender',
    title: 'The token must be a login proof of the company of the subject; an ID token is for that company alone',
  },
  target_unknown: {
    status: 400,
    who: 'sender',
    title: 'The audience is not the owner of the resource that is named; name the owner of the resource',
  },
  details_malformed: {
    status: 400,
    who: 'sender',
    title:
      'The authorization_details do not say what is asked for; name one grant, one resource as owner/name and one action',
  },
  oauth_grant_unsupported: {
    status: 400,
    who: 'sender',
    title: 'This way to a token does not exist here; the metadata lists those that do',
  },
  idempotency_key_reused: {
    status: 409,
    who: 'sender',
    title: 'This Idempotency-Key was used for another request; take a new key for a new request',
  },
  rate_limited: { status: 429, who: 'sender', title: 'Too many requests; wait as long as Retry-After says' },
  json_member_twice: { status: 400, who: 'sender', title: 'An object names a member twice; say it once' },
  json_number_inexact: {
    status: 400,
    who: 'sender',
    title: 'A number is larger than every reader holds exactly (2^53); write it as text, or leave it out',
  },
  text_not_normalised: {
    status: 400,
    who: 'signer',
    title:
      'A text is no Unicode in normalisation form C, so that it reads like another one; normalise it before you sign',
  },
  too_large: { status: 413, who: 'sender', title: 'The body is larger than this endpoint takes; send less at a time' },
} as const satisfies Record<string, RefusalRow>;
