import type {
  Acceptance,
  ActivationReview,
  Attestation,
  Exception,
  InsolvencyNotice,
  MachineRecord,
  MachineTransfer,
  MemberList,
  PlantCalendar,
} from '@interlock/domain';
import { z } from 'zod';
import { agreementId, count, digest, instant, localId, organisationId, resourceRef, sessionId } from './names.js';

const v = z.literal(1);
const said = z.string().min(1).max(2_000);
const evidence = z.array(z.strictObject({ title: z.string().min(1).max(200), digest })).max(32);
/** An end that is not after its beginning would make a paper that never counts. */
const inOrder = ({ validFrom, validUntil }: { validFrom: number; validUntil: number }) => validFrom < validUntil;

export const attestation: z.ZodType<Attestation> = z
  .strictObject({
    typ: z.literal('attestation'),
    v,
    organisation: organisationId,
    agreementId,
    control: localId,
    statement: said,
    evidence: evidence.min(1),
    validFrom: instant,
    validUntil: instant,
    issuedAt: instant,
  })
  .refine(inOrder, 'ends before it begins');

export const acceptance: z.ZodType<Acceptance> = z.strictObject({
  typ: z.literal('acceptance'),
  v,
  organisation: organisationId,
  agreementId,
  attestation: digest,
  validUntil: instant,
  issuedAt: instant,
});

export const exception: z.ZodType<Exception> = z
  .strictObject({
    typ: z.literal('exception'),
    v,
    organisation: organisationId,
    agreementId,
    acceptedBy: organisationId,
    control: localId,
    owner: localId,
    reason: said,
    compensation: said,
    validFrom: instant,
    validUntil: instant,
    issuedAt: instant,
  })
  .refine(inOrder, 'ends before it begins');

const line = z.string().max(300);

export const machineRecord: z.ZodType<MachineRecord> = z.strictObject({
  typ: z.literal('machine-record'),
  v,
  resource: resourceRef,
  sequence: count.min(1),
  previous: digest.nullable(),
  state: z.enum(['commissioned', 'decommissioned']),
  nameplate: z.strictObject({ uri: line, manufacturer: line, product: line, serial: line, built: line }),
  site: localId,
  zone: localId,
  level: z.number().min(0).max(5).multipleOf(0.5),
  firmware: line,
  supportEndsAt: instant.nullable(),
  takenOver: digest.nullable(),
  issuedAt: instant,
});

export const machineTransfer: z.ZodType<MachineTransfer> = z
  .strictObject({
    typ: z.literal('machine-transfer'),
    v,
    from: resourceRef,
    to: resourceRef,
    nameplate: digest,
    at: instant,
    reason: said,
    issuedAt: instant,
  })
  .refine(({ from, to }) => from.owner !== to.owner, 'stays with its owner');

export const zoneName = z.string().regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/);
export const zoneDatabase = z.string().regex(/^[A-Za-z0-9.-]{1,20}$/);

export const plantCalendar: z.ZodType<PlantCalendar> = z.strictObject({
  typ: z.literal('plant-calendar'),
  v,
  organisation: organisationId,
  agreementId,
  sequence: count.min(1),
  zone: zoneName,
  zoneDatabase,
  closed: z.array(z.strictObject({ name: line, from: instant, to: instant })).max(1_000),
  issuedAt: instant,
});

export const insolvencyNotice: z.ZodType<InsolvencyNotice> = z.strictObject({
  typ: z.literal('insolvency-notice'),
  v,
  organisation: organisationId,
  agreementId,
  party: organisationId,
  reason: said,
  evidence: evidence.min(1),
  issuedAt: instant,
});

export const activationReview: z.ZodType<ActivationReview> = z
  .strictObject({
    typ: z.literal('activation-review'),
    v,
    organisation: organisationId,
    agreementId,
    session: sessionId,
    activation: digest,
    activatedBy: localId,
    reviewer: localId,
    finding: z.enum(['in-order', 'not-in-order']),
    statement: said,
    issuedAt: instant,
  })
  .refine(({ activatedBy, reviewer }) => activatedBy !== reviewer, 'nobody reviews what he did himself');

export const memberList: z.ZodType<MemberList> = z.strictObject({
  typ: z.literal('member-list'),
  v,
  organisation: organisationId,
  agreementId,
  group: localId,
  of: z.enum(['resource', 'person', 'machine', 'workload']),
  members: z.array(localId).min(1).max(1_000),
  issuedAt: instant,
});
