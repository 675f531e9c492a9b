import { instant, localId, organisationId, resourceRef } from '@interlock/contracts';
import { type Authorisation, type EmbargoList, LEAST_LIKENESS, type Owner, type Ruling } from '@interlock/domain';
import { z } from 'zod';

const validity = { validFrom: instant.nullable(), validTo: instant.nullable() };
const provenance = z.strictObject({
  origin: z.string().min(1).max(2_000),
  issuedAt: instant,
  fetchedAt: instant,
  parser: z.string().min(1),
  sources: z.array(z.string().startsWith('sha256:')),
});
const head = { issuer: z.string().min(1).max(200), provenance };
const act = z.enum(['collect', 'store', 'forward', 'session', 'update']);
const country = z.string().regex(/^[A-Z]{2}$/);
const place = z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/);
const outcome = z.enum(['blocked', 'licence_required', 'review']);
const identifier = z.strictObject({ scheme: z.string().min(1), value: z.string().min(1) });
const law = z.string().min(1).max(2_000);

const listed = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  names: z.array(z.strictObject({ text: z.string(), weak: z.boolean() })).min(1),
  identifiers: z.array(identifier),
  programmes: z.array(z.string()),
  places: z.array(z.strictObject({ country: z.string().nullable(), text: z.string() })),
  ...validity,
});
const parties = z.strictObject({
  kind: z.literal('parties'),
  ...head,
  entries: z.array(listed),
  delisted: z.array(listed).default([]),
});
const programmes = z.strictObject({
  kind: z.literal('programmes'),
  ...head,
  programmes: z.array(
    z.strictObject({
      key: z.string().min(1),
      issuer: z.string().min(1),
      codes: z.array(z.string()),
      measures: z.array(z.string()),
      status: z.enum(['in-force', 'ended', 'legacy']),
      territories: z.array(z.string()),
    }),
  ),
});
const countries = z.strictObject({
  kind: z.literal('countries'),
  ...head,
  countries: z.array(z.strictObject({ code: country, names: z.array(z.string().min(1)) })),
});
const territories = z.strictObject({
  kind: z.literal('territories'),
  ...head,
  rules: z.array(
    z.strictObject({
      id: z.string().min(1),
      places: z.array(place).min(1),
      outcome,
      acts: z.array(act).nullable(),
      law,
      ...validity,
    }),
  ),
  partly: z.array(z.strictObject({ country, clear: z.array(place) })),
  placeNames: z.array(z.strictObject({ name: z.string().min(3), code: place })),
  postalCodes: z.array(z.strictObject({ country, prefix: z.string().regex(/^\d+$/), code: place })),
});
const items = z.strictObject({
  kind: z.literal('items'),
  ...head,
  rules: z.array(
    z.strictObject({
      id: z.string().min(1),
      codes: z.array(z.string().min(1).toLowerCase()).min(1),
      places: z.array(place).nullable(),
      outcome,
      acts: z.array(act).nullable(),
      endUse: z.literal('military').nullable(),
      law,
      ...validity,
    }),
  ),
});
const seconds = z.number().int().positive();
const policy = z.strictObject({
  kind: z.literal('policy'),
  ...head,
  issuerSets: z.array(
    z.strictObject({ organisation: organisationId, issuers: z.array(localId), because: z.string().min(1) }),
  ),
  ownership: z.array(
    z.strictObject({
      issuer: localId,
      percent: z.number().min(0).max(100),
      comparison: z.enum(['at-least', 'more-than']),
      aggregate: z.boolean(),
      control: z.boolean(),
      ...validity,
    }),
  ),
  maxAgeSeconds: z.strictObject({
    parties: seconds.optional(),
    programmes: seconds.optional(),
    countries: seconds.optional(),
    territories: seconds.optional(),
    items: seconds.optional(),
    policy: seconds.optional(),
    register: seconds.optional(),
  }),
  // A threshold of 1 finds only the same name; above it a human is never asked.
  names: z
    .strictObject({ review: z.number().min(LEAST_LIKENESS).max(1), match: z.number().min(LEAST_LIKENESS).max(1) })
    .refine(({ review, match }) => review <= match, 'review lies above match'),
});
const owner: z.ZodType<Owner> = z.lazy(() =>
  z.strictObject({
    name: z.string().min(1),
    identifiers: z.array(identifier),
    share: z.number().min(0).max(100).nullable(),
    control: z.boolean(),
    owners: z.array(owner).nullable(),
  }),
);
const somewhere = z.strictObject({
  country: z.string().min(1).nullable(),
  subdivision: z.string().min(1).nullable(),
  text: z.string().nullable(),
});
const register = z.strictObject({
  kind: z.literal('register'),
  ...head,
  parties: z.array(
    z.strictObject({
      organisation: organisationId,
      name: z.string().min(1),
      identifiers: z.array(identifier),
      owners: z.array(owner).nullable(),
      establishment: somewhere,
      access: z.array(somewhere),
    }),
  ),
  machines: z.array(
    z.strictObject({
      resource: resourceRef,
      place: somewhere,
      classification: z.array(z.string().min(1)).nullable(),
      endUse: z.enum(['civil', 'military']).nullable(),
    }),
  ),
  regions: z.array(z.strictObject({ region: localId, places: z.array(somewhere).min(1) })),
});

/** A list as it is kept, and as a rule file brings it. */
export const embargoList = z.discriminatedUnion('kind', [
  parties,
  programmes,
  countries,
  territories,
  items,
  policy,
  register,
]) as unknown as z.ZodType<EmbargoList>;

export const ruling: z.ZodType<Ruling> = z.strictObject({
  subject: z.strictObject({
    list: z.string(),
    entry: z.string(),
    version: z.string(),
    organisation: organisationId.nullable(),
    name: z.string(),
  }),
  says: z.enum(['not-a-match', 'match']),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
  at: instant,
});

export const authorisation: z.ZodType<Authorisation> = z.strictObject({
  number: z.string().min(1).max(200),
  authority: z.string().min(1).max(200),
  issuer: localId,
  kind: z.enum(['licence', 'exception']),
  scope: z.strictObject({
    rules: z.array(z.string().min(1)).min(1),
    parties: z.array(organisationId).nullable(),
    acts: z.array(act).nullable(),
    places: z.array(place).nullable(),
    items: z.array(z.string().min(1)).nullable(),
    contractsBefore: instant.nullable(),
  }),
  validity: z.strictObject(validity),
  conditions: z.array(z.string().min(1)),
  reporting: z.array(z.strictObject({ what: z.string().min(1), withinDays: z.number().int().positive() })),
});
export const heldAuthorisation = z.strictObject({
  authorisation,
  recordedAt: instant,
  revokedAt: instant.nullable(),
});
