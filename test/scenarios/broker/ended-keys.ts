import { connectToBus, Requests } from '@interlock/chassis';
import { type ChainDocuments, CosignCheckpoint, ReadCheckpoint, type Standing } from '@interlock/contracts';
import {
  type Act,
  decide,
  type Grant,
  type HeldAct,
  type Instant,
  type LocalId,
  type Thumbprint,
} from '@interlock/domain';
import {
  cosign,
  digestOf,
  formatSignatureLine,
  parseNote,
  proofsFor,
  rawEd25519,
  verifyChain,
  witnessNoteKey,
} from '@interlock/proof';
import { BUYER, type Holder, VENDOR } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { type TestChannel, until } from './a-caller.js';
import type { Agreed } from './two-companies.js';

/** The buyer's witness cosigns everything the log of the agreement has until now, by its own clock. */
export async function cosignedBy(broker: Broker, { agreement }: Agreed, witness: Holder, at: Instant): Promise<void> {
  const bus = await connectToBus({ url: broker.nats.urlFor('federation-api'), service: 'federation-api' });
  const requests = new Requests(bus, 'federation-api', 20_000);
  const key = witnessNoteKey(BUYER, rawEd25519(witness.key));
  const rows = await broker.database.query('select 1 from audit.appended where log = $1', [agreement.id]);
  const ask = { organisation: BUYER, log: agreement.id } as const;
  try {
    await until(async () => {
      const newest = await requests.ask(ReadCheckpoint, { ...ask, which: 'newest' }, { key: 'newest' });
      if (!newest.allowed || newest.value.treeSize < rows.length || !key.allowed) return false;
      const note = parseNote(newest.value.checkpoint);
      if (!note.allowed) return false;
      const line = formatSignatureLine(cosign(note.value.text, key.value, witness.key, Math.floor(at / 1000)));
      const size = newest.value.treeSize;
      return (await requests.ask(CosignCheckpoint, { ...ask, size, line }, { key: 'line' })).allowed;
    });
  } finally {
    await bus.close();
  }
}

/** What an enforcement point of the buyer says to this chain, that has this act. */
export async function entering(
  { who }: Agreed,
  chain: ChainDocuments,
  grant: Grant,
  act: Act,
  { leaf, loginProof }: { readonly leaf: Thumbprint; readonly loginProof: string },
): Promise<string> {
  const now = Date.now();
  const self = { organisation: BUYER, resources: grant.resources.map((one) => one.id) };
  const followed = await verifyChain(chain, who.pins, self, { loginProof }, now);
  if (!followed.allowed) return followed.refusal.code;
  const held: HeldAct = { act, digest: digestOf(act), signers: [act.organisation] };
  const resource = { owner: BUYER, id: 'press-7' as LocalId };
  const ask = { subject: followed.value.subject, leaf, action: 'ssh' as LocalId, session: null, resource };
  const facts = { acts: [held], verdicts: [], annexes: [], invalid: new Set<string>() };
  const decided = decide(followed.value, ask, { ...facts, signals: 'at-the-gateway' }, now);
  return decided.allowed ? 'allowed' : decided.refusal.code;
}

const id = (text: string) => text as LocalId;
/** A flow of the press to the vendor's pipeline. */
export const aFlow: Partial<Grant> = {
  kind: 'data-collection',
  actions: [id('press-telemetry')],
  purpose: id('predictive-maintenance'),
  ticket: null,
  subjects: [{ organisation: VENDOR, kind: 'workload', id: id('telemetry-pipeline') }],
};

/** What the broker says that stands in the agreement, asked until proofs come with it. */
export async function standingOf(gateway: TestChannel, { agreement }: Agreed): Promise<Standing> {
  gateway.send({ t: 'ask-standing', agreementId: agreement.id });
  const fits = (standing: unknown): standing is Standing =>
    (standing as Standing).agreementId === agreement.id && (standing as Standing).proofs !== undefined;
  const frame = await gateway.next(({ t, standing }) => t === 'standing' && fits(standing));
  return frame.standing as Standing;
}

/** What the same enforcement point says to a flow, by what stands in the agreement. */
export async function carrying({ who }: Agreed, standing: Standing, flow: Grant, act: Act): Promise<string> {
  const { entities, certificates, agreement, flows, proofs = [] } = standing;
  const grant = flows.find(({ document }) => document.id === flow.id);
  const [subject] = flow.subjects;
  if (!grant || !subject) return 'not there';
  const shown = proofsFor(proofs, [...agreement.signatures, ...grant.signatures]);
  const chain = { entities, certificates, agreement, grant, proofs: shown };
  const now = Date.now();
  const [leaf, resource] = [who.recipient.signer.kid, { owner: BUYER, id: id('press-7') }];
  const self = { organisation: BUYER, resources: [resource.id] };
  const followed = await verifyChain(chain, who.pins, self, { leaf, subject }, now);
  if (!followed.allowed) return followed.refusal.code;
  const held: HeldAct = { act, digest: digestOf(act), signers: [act.organisation] };
  const ask = { subject, leaf, action: id('press-telemetry'), session: null, resource };
  const facts = { acts: [held], verdicts: [], annexes: [], invalid: new Set<string>() };
  const decided = decide(followed.value, ask, { ...facts, signals: 'at-the-gateway' }, now);
  return decided.allowed ? 'allowed' : decided.refusal.code;
}
