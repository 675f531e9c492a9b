import type { RefusalRow } from './refusal-row.js';

/** Why something is not agreed, and why a grant is not given. Part of the one table in `refusals.ts`. */
export const REFUSALS_OF_AGREEMENTS = {
  // agreement
  party_root_not_pinned: {
    status: 403,
    who: 'company',
    title:
      'The agreement names another root than the one that was pinned; compare fingerprints again with that company, and propose with the root it has',
  },
  party_entity_unknown: {
    status: 409,
    who: 'publisher',
    title: 'The agreement hangs on an entity document that is not here; have that company publish it first',
  },
  term_without_evaluator: {
    status: 409,
    who: 'both',
    title: 'Nothing here can evaluate a term of this agreement; the clause names it',
  },
  agreement_incoherent: {
    status: 409,
    who: 'signer',
    title: 'The agreement contradicts itself; the clause names where',
  },
  agreement_not_yet_effective: {
    status: 409,
    who: 'nobody',
    title: 'The agreement is not in effect yet; wait for the day on which it takes effect',
  },
  agreement_over: { status: 409, who: 'both', title: 'The agreement has ended; agree anew if it is still needed' },
  illegal_transition: {
    status: 409,
    who: 'sender',
    title: 'This step does not follow from the present state; read what is held now, and begin from there',
  },
  not_narrower: {
    status: 403,
    who: 'signer',
    title: 'One side may only take away; the clause names what is not provably narrower',
  },
  version_superseded: {
    status: 409,
    who: 'sender',
    title: 'Another version was proposed meanwhile; read it, then amend that one',
  },
  // grant
  not_a_party: {
    status: 404,
    who: 'sender',
    title:
      'There is nothing here for you under this name; check the name; that it does not exist and that it is not yours is one answer on purpose',
  },
  same_side: {
    status: 403,
    who: 'requester',
    title:
      'An organisation cannot grant itself access under an agreement with another; let people of the other side ask, or give access at home without an agreement',
  },
  third_party_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'A third party holds no more than it was brought in for, and no more than the side that brought it in; amend what it was brought in for',
  },
  resource_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The agreement does not name this resource; ask for one that it names, or agree a version that names this one',
  },
  recipient_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The agreement does not name the organisation that asks among the recipients of this data product; agree a version that names it',
  },
  action_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The agreement does not name this service or data product of the resource; ask for one that it names, or agree a version that names this one',
  },
  kind_not_agreed: {
    status: 403,
    who: 'both',
    title: 'The agreement has no term for this kind of grant; agree a version with a term for it',
  },
  purpose_not_agreed: {
    status: 403,
    who: 'requester',
    title:
      'The agreement does not allow this purpose; ask for one that it allows, the page of the agreement lists them',
  },
  ticket_missing: {
    status: 400,
    who: 'requester',
    title: 'The agreement asks for a ticket of a certain form; ask again with one, the agreement shows the form',
  },
  window_too_long: {
    status: 400,
    who: 'requester',
    title: 'The window is empty or longer than the agreement allows; ask for a shorter one',
  },
  window_outside_agreement: {
    status: 400,
    who: 'requester',
    title: 'The window reaches outside the life of the agreement; ask for one inside it',
  },
  approvals_missing: {
    status: 403,
    who: 'owner',
    title: 'The owner has not approved as the agreement asks; wait for its approvers, the grant shows who has said yes',
  },
  recurrence_differs: {
    status: 403,
    who: 'requester',
    title:
      'The windows are not those of the rule beside them, in this zone database and by the calendar of the plant; ask again',
  },
  plant_closed: {
    status: 403,
    who: 'owner',
    title:
      'The plant is closed now by its own calendar, and a recurring window leaves that out; come when it is open, or ask for a window of your own',
  },
  booked_too_early: {
    status: 403,
    who: 'requester',
    title: 'A window begins further ahead than the agreement lets it be booked; ask again later, or for an earlier one',
  },
  approval_lapsed: {
    status: 403,
    who: 'requester',
    title: 'An approval is older than the agreement lets it be; ask for the grant anew',
  },
  approval_out_of_hours: {
    status: 403,
    who: 'owner',
    title: 'An approval was given outside the hours for which its approver is certified; approve within them',
  },
  approver_is_party_to_request: {
    status: 403,
    who: 'owner',
    title: 'Who asks or acts cannot approve; somebody else of the owner has to approve',
  },
  grant_of_other_agreement: {
    status: 409,
    who: 'requester',
    title: 'The grant hangs on another agreement version; ask anew under the version in force',
  },
  requester_unknown: {
    status: 403,
    who: 'requester',
    title: 'The one who asks did not sign; have the request signed by the person who asks',
  },
  dormant_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The agreement lets nobody activate such a grant at the gateway: it needs the offline mode local, and one subject; ask for an ordinary grant, or agree that mode',
  },
  delegation_not_agreed: {
    status: 403,
    who: 'both',
    title: 'The agreement does not let people hand this on; ask for a grant for that person, or agree it',
  },
  delegation_too_deep: {
    status: 403,
    who: 'both',
    title: 'The agreement lets this be handed on fewer times; have somebody nearer to the grant hand it on',
  },
  delegation_wider: {
    status: 403,
    who: 'signer',
    title: 'The delegation gives more than its giver holds; the clause names the part',
  },
  delegation_dangling: {
    status: 409,
    who: 'sender',
    title: 'The delegation hangs on a right that is not here; hand in the one before it first',
  },
  delegator_not_subject: {
    status: 403,
    who: 'signer',
    title: 'Only who holds a right can hand it on, with his own delegation key; let the holder sign',
  },
  delegate_not_agreed: {
    status: 403,
    who: 'both',
    title:
      'The agreement does not let this be handed to these persons; hand it to somebody whom it allows, or agree others',
  },
  standing_dangling: {
    status: 409,
    who: 'requester',
    title:
      'The grant rests on a standing approval that is not here, or on none where one came along; ask again under the one that stands',
  },
  standing_exceeded: {
    status: 403,
    who: 'requester',
    title: 'The grant goes beyond its standing approval, the clause names the part; ask for less, or without it',
  },
  standing_too_wide: {
    status: 403,
    who: 'owner',
    title: 'Nobody can approve so much beforehand, the clause names the part; approve less',
  },
  counted_elsewhere: {
    status: 403,
    who: 'owner',
    title:
      'The uses of the standing approval are counted at another gateway, or under another key of this one; connect over that one, or approve anew',
  },
  uses_spent: {
    status: 403,
    who: 'requester',
    title: 'The right has opened as many sessions as it may; ask for a new grant',
  },
} as const satisfies Record<string, RefusalRow>;
