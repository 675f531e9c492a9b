import { defineService, type RunningService, startService } from '@interlock/chassis';
import { append } from '@interlock/chassis/db';
import {
  AgreementActivated,
  type AskOf,
  CertificatesPublished,
  CosignCheckpoint,
  type EventBody,
  type EventDef,
  PendingCosignatures,
  QueryAudit,
  type ReplyOf,
  type RequestDef,
} from '@interlock/contracts';
import type { AgreementId, Digest, LocalId, OrganisationId } from '@interlock/domain';
import {
  type CheckpointTrust,
  cosign,
  cosignIfConsistent,
  decodeBase64,
  formatCheckpointText,
  formatSignatureLine,
  type NoteKey,
  parseVkey,
  type SeenCheckpoint,
} from '@interlock/proof';
import type { Faults } from '@interlock/testkit';
import { Module } from '@nestjs/common';
import { type AnyWitness, anAgreementId, anAudit, aWitness, BUYER, type TestAudit, VENDOR } from './an-audit.js';

@Module({})
class Nothing {}
const api = defineService({ name: 'federation-api', module: Nothing, settings: {} });
const registry = defineService({ name: 'trust-registry', module: Nothing, settings: {}, migrations: [] });

type Filter = { log: AgreementId } & Record<string, unknown>;
type Answer = Extract<ReplyOf<typeof QueryAudit>, { allowed: true }>['value'];

/** The audit service as the federation API and the registry meet it on the bus, and the witnesses of two companies. */
export interface TwoCompanies {
  readonly audit: TestAudit;
  readonly registry: RunningService;
  readonly vendor: AnyWitness;
  readonly buyer: AnyWitness;
  /** Asks as the federation API. */
  ask<R extends RequestDef>(request: R, body: AskOf<R>): Promise<ReplyOf<R>>;
  /** An agreement that the registry announced, once the audit service has heard of it. */
  anAgreement(more?: Partial<EventBody<typeof AgreementActivated>>): Promise<AgreementId>;
  /** Sequences and signs everything there is. */
  settle(): Promise<void>;
  /** What an honest witness does with what it is asked about one log; the codes of what it or the broker refused. */
  cosignAll(witness: AnyWitness, log: AgreementId): Promise<string[]>;
  query(organisation: OrganisationId, filter: Filter): Promise<ReplyOf<typeof QueryAudit>>;
  rowsOf(organisation: OrganisationId, filter: Filter): Promise<Answer>;
  /** The log's key and both witnesses, each required. */
  trustOf(log: AgreementId): CheckpointTrust;
  stop(): Promise<void>;
}

export const bytes = (text: string): Buffer => decodeBase64(text) ?? Buffer.alloc(0);

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) if (await holds()) return;
  throw new Error('it did not come true within 10 s');
}

/** @param faults what breaks the writes of the audit service and of the registry that announces to it */
export async function twoCompanies(options: { faults?: Pick<Faults, 'through'> } = {}): Promise<TwoCompanies> {
  const audit = await anAudit(options);
  const federation = await startService(api, { env: envOf(audit, 'federation-api') });
  const broken = options.faults ? { through: options.faults.through } : {};
  const trust = await startService(registry, { env: envOf(audit, 'trust-registry'), ...broken });
  const [vendor, buyer] = [aWitness(VENDOR), aWitness(BUYER)];
  for (const witness of [vendor, buyer]) await announce(trust, CertificatesPublished, certified(witness));
  await until(async () => (await audit.database.query('select 1 from audit.witness_key')).length === 2);
  const ask = asking(federation);
  const query: TwoCompanies['query'] = (organisation, filter) =>
    ask(QueryAudit, { organisation, filter: { limit: 200, ...filter } });
  return {
    audit,
    registry: trust,
    vendor,
    buyer,
    ask,
    query,
    anAgreement: (more) => anAgreement(audit, trust, more),
    async settle() {
      await audit.sequence();
      await audit.checkpoint();
    },
    cosignAll: honestWitness(audit, ask),
    async rowsOf(organisation, filter) {
      const answer = await query(organisation, filter);
      if (!answer.allowed) throw new Error(answer.refusal.code);
      return answer.value;
    },
    trustOf: (log) => ({
      log: logKey(audit, log),
      witnesses: [vendor, buyer].map((witness) => ({ key: witness.key, required: true })),
    }),
    async stop() {
      await federation.close();
      await trust.close();
      await audit.stop();
    },
  };
}

const envOf = (audit: TestAudit, name: 'federation-api' | 'trust-registry') => ({
  DATABASE_URL: audit.database.urlFor(name),
  NATS_URL: audit.nats.urlFor(name),
  LOG_LEVEL: 'error',
});

function asking(federation: RunningService): TwoCompanies['ask'] {
  let asked = 0;
  return async (request, body) => {
    asked += 1;
    return (await federation.wiring.requests.ask(request, body, { key: `idk-${asked}` })) as ReplyOf<typeof request>;
  };
}

const announce = <Body>(trust: RunningService, event: EventDef<string, Body>, body: Body): Promise<void> =>
  trust.wiring.transactor.run((tx) => append(tx, event, trust.wiring.ids.next('evt'), body));

async function anAgreement(
  audit: TestAudit,
  trust: RunningService,
  more: Partial<EventBody<typeof AgreementActivated>> = {},
): Promise<AgreementId> {
  const id = anAgreementId();
  await announce(trust, AgreementActivated, { ...activated(id), ...more });
  await until(async () => (await audit.database.query('select 1 from audit.log where name = $1', [id])).length === 1);
  return id;
}

function logKey(audit: TestAudit, log: AgreementId): NoteKey {
  const key = parseVkey(audit.signer.vkey(log));
  if (!key.allowed) throw new Error(key.refusal.code);
  return key.value;
}

/** Two witnesses that remember what they saw, each of its own. */
function honestWitness(audit: TestAudit, ask: TwoCompanies['ask']): TwoCompanies['cosignAll'] {
  const seen = new Map<string, SeenCheckpoint>();
  return async ({ organisation, key, privateKey }, only) => {
    const { checkpoints } = await ask(PendingCosignatures, { organisation, limit: 200 });
    const refused: string[] = [];
    for (const { log, note, oldSize, proof } of checkpoints.filter((pending) => pending.log === only)) {
      const request = { note, oldSize, proof: proof.map(bytes) };
      const name = `${organisation} ${log}`;
      const may = cosignIfConsistent(seen.get(name), request, logKey(audit, only));
      // Where only the broker's idea of what was seen is old, it gets the cosignature of that again, to prove from there.
      const before = may.allowed || may.refusal.code !== 'witness_old_size_conflict' ? undefined : seen.get(name);
      const signed = may.allowed ? may.value.checkpoint : before;
      if (!signed) {
        if (!may.allowed) refused.push(may.refusal.code);
        continue;
      }
      seen.set(name, signed);
      const text = formatCheckpointText({ origin: logKey(audit, only).name, size: signed.size, root: signed.root });
      const line = formatSignatureLine(cosign(text, key, privateKey, 1_767_600_000));
      const reply = await ask(CosignCheckpoint, { organisation, log, size: signed.size, line });
      if (!reply.allowed) refused.push(reply.refusal.code);
    }
    return refused;
  };
}

const activated = (id: AgreementId): EventBody<typeof AgreementActivated> => ({
  id,
  version: 1,
  digest: `sha256:${Buffer.alloc(32).toString('base64url')}` as Digest,
  parties: [VENDOR, BUYER],
  evidence: { region: null, cosigning: 'both', retentionSeconds: null },
  endsAt: 4_000_000_000_000,
});

const certified = ({ organisation, key }: AnyWitness): EventBody<typeof CertificatesPublished> => ({
  organisation,
  digests: [],
  witnesses: [
    {
      id: 'witness' as LocalId,
      key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey.toString('base64url') },
      notBefore: 0,
      notAfter: 4_000_000_000_000,
    },
  ],
});
