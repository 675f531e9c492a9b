import type { RefusalRow } from './refusal-row.js';

/** Why embargo lists or a verdict stand in the way. Part of the one table in `refusals.ts`. */
export const REFUSALS_OF_EMBARGO = {
  // embargo
  embargo_unknown: {
    status: 403,
    who: 'company',
    title:
      'An embargo verdict that the agreement asks for is missing or stale; the company that owes it runs "interlock embargo import", or looks at its agent',
  },
  embargo_blocked: {
    status: 403,
    who: 'company',
    title:
      'An embargo verdict blocks this; whoever decides on embargoes there reviews the hit ("interlock embargo review")',
  },
  embargo_list_empty: {
    status: 400,
    who: 'company',
    title: 'An empty list would make everything clear; fetch it again',
  },
  embargo_list_truncated: {
    status: 400,
    who: 'company',
    title: 'The list is not whole; fetch it again from its issuer',
  },
  embargo_list_shrunk: {
    status: 409,
    who: 'company',
    title: 'More of the list would go away than goes away at once; say how many entries the issuer took off it',
  },
  embargo_list_older: {
    status: 409,
    who: 'company',
    title: 'A newer edition of this list is in force; import that one, or leave it as it is',
  },
  embargo_snapshot_missing: {
    status: 409,
    who: 'company',
    title: 'This company has no embargo lists; import them ("interlock embargo import")',
  },
  embargo_snapshot_altered: {
    status: 409,
    who: 'company',
    title: 'The embargo lists are not what this company signed; import them anew',
  },
  embargo_authorisation_exists: {
    status: 409,
    who: 'company',
    title:
      'An authorisation of this number is recorded, and its terms never change; record a new one under another number',
  },
  embargo_authorisation_unknown: {
    status: 404,
    who: 'company',
    title: 'No authorisation of this number is recorded; record it first ("interlock embargo authorise")',
  },
} as const satisfies Record<string, RefusalRow>;
