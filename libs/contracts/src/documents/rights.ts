import {
  type Act,
  type Activation,
  type ActTarget,
  type Beat,
  type Delegation,
  type Dormancy,
  type Grant,
  type MemberListsOf,
  type Narrowing,
  PROGRAM_SIGNAL,
  type Receipt,
  type Recurrence,
  type Signal,
  type StandingApproval,
  type StatusBits,
  type StatusList,
  type Verdict,
} from '@interlock/domain';
import { z } from 'zod';
import { agreedResource, term } from './agreement.js';
import { zoneDatabase, zoneName } from './annexes.js';
import {
  actionName,
  agreementId,
  count,
  digest,
  grantId,
  holderRef,
  instant,
  intervals,
  localId,
  organisationId,
  resourceRef,
  seconds,
  sessionId,
  subjectRef,
  text,
  thumbprint,
} from './names.js';
import { programReport } from './program-report.js';

const v = z.literal(1);

const rightMembers = {
  id: grantId,
  kind: z.enum(['remote-service', 'data-collection', 'machine-to-machine']),
  agreementId,
  agreement: digest,
  requester: holderRef,
  subjects: z.array(subjectRef).min(1).max(1_000),
  resources: z.array(resourceRef).min(1).max(10_000),
  actions: z.array(actionName).min(1).max(64),
  purpose: localId,
  ticket: z.string().max(120).nullable(),
  windows: intervals,
  issuedAt: instant,
};

export const recurrence = z.strictObject({
  start: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/),
  zone: zoneName,
  rule: z.string().min(1).max(300),
  seconds: seconds.min(60),
  zoneDatabase,
  calendar: digest.nullable(),
}) satisfies z.ZodType<Recurrence>;

const keys = z.array(thumbprint).min(1).max(16);
export const dormancy: z.ZodType<Dormancy> = z.strictObject({
  subjectKeys: keys,
  approverKeys: keys,
  seconds: seconds.min(1),
  uses: z.number().int().min(1).max(1_000),
});

/** An empty one would bound nothing and look as if it did. */
export const memberLists: z.ZodType<MemberListsOf> = z
  .strictObject({ resources: digest.optional(), subjects: digest.optional() })
  .refine(({ resources, subjects }) => (resources ?? subjects) !== undefined, 'names no list');

export const grant: z.ZodType<Grant> = z.strictObject({
  ...{ typ: z.literal('grant'), v, ...rightMembers },
  dormant: dormancy.optional(),
  recurrence: recurrence.optional(),
  standingApproval: digest.optional(),
  memberLists: memberLists.optional(),
});

export const standingApproval: z.ZodType<StandingApproval> = z.strictObject({
  ...{ typ: z.literal('standing-approval'), v, ...rightMembers, ticket: z.null() },
  longestWindowSeconds: seconds.min(1),
  uses: z.number().int().min(1).max(1_000_000),
  gateway: z.strictObject({ id: localId, key: thumbprint }),
  memberLists: memberLists.optional(),
});

export const activation: z.ZodType<Activation> = z.strictObject({
  typ: z.literal('activation'),
  v,
  organisation: organisationId,
  gateway: localId,
  grant: digest,
  resource: localId,
  action: actionName,
  leaf: thumbprint,
  nonce: z.string().min(16).max(64),
  reason: text.min(1),
  at: instant,
});

export const delegation: z.ZodType<Delegation> = z.strictObject({
  typ: z.literal('delegation'),
  v,
  ...rightMembers,
  parent: digest,
  uses: z.number().int().min(1).max(1_000_000).nullable(),
  reason: text,
});

export const actTarget: z.ZodType<ActTarget> = z.union([
  z.strictObject({ kind: z.literal('agreement'), id: agreementId }),
  z.strictObject({ kind: z.literal('grant'), id: grantId }),
  z.strictObject({ kind: z.literal('session'), id: sessionId }),
  z.strictObject({ kind: z.enum(['person', 'machine', 'workload']), id: localId }),
  z.strictObject({
    kind: z.literal('key'),
    id: thumbprint,
    ended: z.strictObject({ how: z.enum(['retired', 'compromised']), since: instant }).optional(),
  }),
  z.strictObject({ kind: z.literal('resource'), id: localId }),
  z.strictObject({ kind: z.literal('gateway'), id: localId }),
  z.strictObject({ kind: z.literal('annex'), id: digest }),
  z.strictObject({ kind: z.literal('member'), id: localId, list: digest }),
]);

/** What a narrowing strikes and what it writes instead, without the version it is about. */
export const narrowingParts = {
  strike: z.strictObject({
    resources: z.array(resourceRef).max(1_000),
    clauses: z.array(z.string().min(1).max(600)).max(1_000),
  }),
  instead: z.strictObject({ resources: z.array(agreedResource).max(1_000), terms: z.array(term).max(100) }),
};
const narrowing: z.ZodType<Narrowing> = z.strictObject({ version: digest, ...narrowingParts });

export const act: z.ZodType<Act> = z
  .strictObject({
    typ: z.literal('act'),
    v,
    verb: z.enum(['suspend', 'narrow', 'revoke', 'resume', 'terminate']),
    organisation: organisationId,
    agreementId,
    target: actTarget,
    reason: text,
    lifts: digest.nullable(),
    narrows: narrowing.optional(),
    sequence: count,
    previous: digest.nullable(),
    issuedAt: instant,
  })
  .refine(({ verb, narrows }) => (verb === 'narrow') === (narrows !== undefined), 'narrows is what a narrow says')
  .refine(({ verb, target }) => verb !== 'narrow' || target.kind === 'agreement', 'a narrow is about an agreement');

export const beat: z.ZodType<Beat> = z.strictObject({
  typ: z.literal('beat'),
  v,
  organisation: organisationId,
  epoch: count,
  receiver: holderRef,
  nonce: z.string().min(16).max(64).nullable(),
  agreementId,
  agreement: digest,
  entity: digest,
  acts: digest,
  status: digest,
  checkpoint: z.strictObject({ size: count, root: z.string().max(64) }).nullable(),
  issuedAt: instant,
});

export const statusList: z.ZodType<StatusList> = z.strictObject({
  typ: z.literal('status-list'),
  v,
  organisation: organisationId,
  agreementId,
  sequence: count,
  invalid: z.array(z.string().max(64)).max(100_000),
  logins: z
    .strictObject({ sub: z.url().max(300), bits: z.literal<StatusBits[]>([1, 2, 4, 8]), lst: z.string().max(500_000) })
    .optional(),
  issuedAt: instant,
  expiresAt: instant,
});

export const verdict: z.ZodType<Verdict> = z.strictObject({
  typ: z.literal('verdict'),
  v,
  kind: z.enum(['embargo', 'decide']),
  organisation: organisationId,
  grant: digest,
  outcome: z.enum(['clear', 'blocked']),
  snapshot: digest,
  issuedAt: instant,
  expiresAt: instant,
});

export const signal: z.ZodType<Signal> = z
  .strictObject({
    typ: z.literal('signal'),
    v,
    organisation: organisationId,
    signal: localId,
    about: z.strictObject({ kind: z.enum(['resource', 'person', 'machine', 'workload', 'gateway']), id: localId }),
    holds: z.boolean(),
    at: instant,
    program: programReport.optional(),
  })
  .refine(
    ({ about, program, signal: name }) =>
      about.kind === 'gateway' ? program !== undefined && name === PROGRAM_SIGNAL : program === undefined,
    'a gateway says what program it is, and nobody else does',
  );

export const receipt: z.ZodType<Receipt> = z.strictObject({
  typ: z.literal('receipt'),
  v,
  moment: z.enum(['opening', 'closing']),
  by: z.enum(['gateway', 'connector']),
  session: sessionId,
  grant: digest,
  agreement: digest,
  subject: subjectRef,
  resource: resourceRef,
  gateway: holderRef,
  jkt: thumbprint,
  at: instant,
  code: z.string().max(80).nullable(),
  bytes: count,
});
