import type {
  Acceptance,
  Annex,
  Attestation,
  Exception,
  HeldAnnex,
  InsolvencyNotice,
  MachineRecord,
  MachineTransfer,
  MemberList,
} from '../src/documents/annex.js';
import type { AgreementId, OrganisationId } from '../src/names.js';
import { BUYER, DAY, digest, id, NOW, OTHER, press7, VENDOR } from './a-right.js';

const paper = <A extends Annex>(annex: A, name: string, signers: readonly OrganisationId[]): HeldAnnex<A> => ({
  annex,
  digest: digest(name),
  signers,
});
export const attestationOf = (over: Partial<Attestation> = {}, name = 'attestation') =>
  paper<Attestation>(
    {
      typ: 'attestation',
      v: 1,
      organisation: VENDOR,
      agreementId: 'agr_1' as AgreementId,
      control: id('iec-62443-3-3/sr-1.1'),
      statement: 'every technician logs in with a security key',
      evidence: [{ title: 'audit report', digest: digest('report') }],
      validFrom: NOW - DAY,
      validUntil: NOW + DAY,
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [VENDOR],
  );
export const acceptanceOf = (over: Partial<Acceptance> = {}, name = 'acceptance') =>
  paper<Acceptance>(
    {
      typ: 'acceptance',
      v: 1,
      organisation: BUYER,
      agreementId: 'agr_1' as AgreementId,
      attestation: digest('attestation'),
      validUntil: NOW + DAY,
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [BUYER],
  );
export const exceptionOf = (over: Partial<Exception> = {}, name = 'exception') =>
  paper<Exception>(
    {
      typ: 'exception',
      v: 1,
      organisation: VENDOR,
      agreementId: 'agr_1' as AgreementId,
      acceptedBy: BUYER,
      control: id('iec-62443-3-3/sr-1.1'),
      owner: id('security-lead'),
      reason: 'the tool knows no security keys yet',
      compensation: 'a second person watches every session',
      validFrom: NOW - DAY,
      validUntil: NOW + DAY,
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [VENDOR, BUYER],
  );
export const recordOf = (over: Partial<MachineRecord> = {}, name = 'record') =>
  paper<MachineRecord>(
    {
      typ: 'machine-record',
      v: 1,
      resource: press7,
      sequence: 1,
      previous: null,
      state: 'commissioned',
      nameplate: {
        uri: 'https://alpine.example/p7',
        manufacturer: 'Alpine',
        product: 'P7',
        serial: '1',
        built: '2019',
      },
      site: id('north'),
      zone: id('pressing'),
      level: 1,
      firmware: '4.2',
      supportEndsAt: NOW + DAY,
      takenOver: null,
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [BUYER],
  );
export const transferOf = (over: Partial<MachineTransfer> = {}, name = 'transfer') =>
  paper<MachineTransfer>(
    {
      typ: 'machine-transfer',
      v: 1,
      from: press7,
      to: { owner: OTHER, id: id('press-1') },
      nameplate: digest('nameplate'),
      at: NOW,
      reason: 'sold',
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [BUYER, OTHER],
  );
export const noticeOf = (over: Partial<InsolvencyNotice> = {}, name = 'insolvency') =>
  paper<InsolvencyNotice>(
    {
      typ: 'insolvency-notice',
      v: 1,
      organisation: BUYER,
      agreementId: 'agr_1' as AgreementId,
      party: VENDOR,
      reason: 'opened by the court',
      evidence: [{ title: 'order of the court', digest: digest('order') }],
      issuedAt: NOW - DAY,
      ...over,
    },
    name,
    [BUYER],
  );
export const memberListOf = (over: Partial<MemberList> = {}, name = 'member-list') =>
  paper<MemberList>(
    {
      ...{ typ: 'member-list', v: 1, organisation: BUYER, agreementId: 'agr_1' as AgreementId, group: id('presses') },
      ...{ of: 'resource', members: [press7.id], issuedAt: NOW, ...over },
    },
    name,
    [over.organisation ?? BUYER],
  );
