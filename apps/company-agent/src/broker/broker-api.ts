import { type BrokerClient, everyPage } from '@interlock/company-side';
import {
  type AuditAnswer,
  agreementList,
  agreementView,
  auditAnswer,
  chainDocuments,
  count,
  type denyGrant,
  grantList,
  grantView,
  publishedDocuments,
  type Standing,
  standing,
} from '@interlock/contracts';
import {
  type Act,
  type AgreementId,
  type Approvable,
  allow,
  type Decision,
  type Digest,
  type EntityDocument,
  type GrantId,
  type KeyCertificate,
  type SignatureBlock,
  type Signed,
  type Thumbprint,
  type Verdict,
} from '@interlock/domain';
import { z } from 'zod';

export type AgreementView = z.infer<typeof agreementView>;
export type GrantView = z.infer<typeof grantView>;
export type Published = z.infer<typeof publishedDocuments>;

/** What the broker's answers to a hand-in say is not believed, so whatever shape they have is fine. */
const anything = z.unknown();

/** The federation API as an agent uses it. Every answer is a stranger's word until it is verified here. */
export interface BrokerApi {
  publishEntity(entity: Signed<EntityDocument>): Promise<Decision<unknown>>;
  publishCertificates(certificates: readonly Signed<KeyCertificate>[]): Promise<Decision<unknown>>;
  published(root: Thumbprint): Promise<Decision<Published>>;
  standing(id: AgreementId): Promise<Decision<Standing>>;
  agreements(): Promise<Decision<z.infer<typeof agreementList>>>;
  addAgreementSignatures(
    id: AgreementId,
    digest: Digest,
    signatures: readonly SignatureBlock[],
  ): Promise<Decision<unknown>>;
  grants(): Promise<Decision<z.infer<typeof grantList>>>;
  grant(id: GrantId): Promise<Decision<GrantView>>;
  chain(id: GrantId): Promise<Decision<z.infer<typeof chainDocuments>>>;
  askGrant(grant: Signed<Approvable>): Promise<Decision<unknown>>;
  addGrantSignatures(id: GrantId, digest: Digest, signatures: readonly SignatureBlock[]): Promise<Decision<unknown>>;
  denyGrant(id: GrantId, said: z.output<typeof denyGrant>): Promise<Decision<unknown>>;
  handInAct(act: Signed<Act>): Promise<Decision<unknown>>;
  handInVerdict(verdict: Signed<Verdict>): Promise<Decision<unknown>>;
  audit(query: URLSearchParams): Promise<Decision<AuditAnswer>>;
  /** The bytes that the broker answers a reading with. */
  file(target: string): Promise<Decision<Buffer>>;
  /** Size of the newest tree that at least so many companies cosigned; 0 where there is none. */
  cosignedSize(log: string, cosigners: number): Promise<Decision<number>>;
}

export const brokerApi = (client: BrokerClient, file: BrokerApi['file']): BrokerApi => ({
  file,
  publishEntity: (entity) => client.put('/v1/entities', { entity }, anything),
  publishCertificates: (certificates) => client.put('/v1/certificates', { certificates }, anything),
  published: (root) => client.get(`/v1/entities/${root}`, publishedDocuments),
  standing: (id) => client.get(`/v1/agreements/${id}/standing`, standing),
  agreements: () => everyPage(client, '/v1/agreements', agreementList, 'agreements'),
  addAgreementSignatures: (id, digest, signatures) =>
    client.post(`/v1/agreements/${id}/signatures`, { digest, signatures }, anything),
  grants: () => everyPage(client, '/v1/grants', grantList, 'grants'),
  grant: (id) => client.get(`/v1/grants/${id}`, grantView),
  chain: (id) => client.get(`/v1/grants/${id}/chain`, chainDocuments),
  askGrant: (grant) => client.post('/v1/grants', { grant }, anything),
  addGrantSignatures: (id, digest, signatures) =>
    client.post(`/v1/grants/${id}/signatures`, { digest, signatures }, anything),
  denyGrant: (id, said) => client.post(`/v1/grants/${id}/denial`, said, anything),
  handInAct: (act) => client.post('/v1/acts', { act }, anything),
  handInVerdict: (verdict) => client.post('/v1/verdicts', { verdict }, anything),
  async cosignedSize(log, cosigners) {
    const target = `/v1/audit/checkpoint?log=${log}&which=cosigned&cosigners=${cosigners}`;
    const read = await client.get(target, z.looseObject({ treeSize: count }));
    return read.allowed ? allow(read.value.treeSize) : read;
  },
  audit: (query) => client.get(`/v1/audit/events?${query.toString()}`, auditAnswer),
});
