import { join } from 'node:path';
import { pullSealed, type SealedPull } from '@interlock/client';
import {
  brokerClient,
  layout,
  newNonce,
  readKeyFile,
  readPins,
  readSigner,
  writeDurably,
} from '@interlock/company-side';
import type { LocalId } from '@interlock/domain';
import { type Bundle, trust } from '@interlock/proof';
import { ANALYTICS, BUYER, PRESS, REGION, VENDOR } from '../up/demo-companies.js';
import type { Trial } from '../up/trial.js';
import { PRODUCT } from './agreement-of-the-trial.js';
import { active, approveByProgram, approveOnPage, ask } from './ask-and-approve.js';
import { provenBy, published } from './evidence.js';
import { signIn } from './person.js';
import { agreementOf } from './remembered.js';
import { eventually, must, type Step, StepFailed } from './step.js';

const id = (text: string) => text as LocalId;
const PIPELINE = id('telemetry-pipeline');
const DAY = 86_400_000;
type SignedAgreement = NonNullable<Bundle['agreement']>;

/** The machine's telemetry flows sealed through the agreed region; the machine itself calls the vendor's analytics. */
export const flow: Step = {
  id: 'flow',
  title: 'sealed telemetry through the agreed region, and the machine calls the vendor by itself',
  async run({ trial, memory, say }) {
    const agreement = agreementOf(memory);
    say('the vendor asks for telemetry, two of the plant approve');
    const data = await dataGrant(trial, agreement);
    memory.data = data;
    say(
      'the vendor pulls what the gateway sealed for it alone; the plant asks for its machine, and the vendor approves',
    );
    const [seen, machine] = await Promise.all([
      openPull(trial, agreement).then((pull) => {
        memory.pull = pull;
        return eventually('telemetry at the vendor', () => readable(pull));
      }),
      machineGrant(trial, agreement),
    ]);
    say('the machine calls; waiting for the records of that and of the deliveries in the log, cosigned by both');
    const [strokes, bundle] = await Promise.all([
      calledBy(trial, agreement),
      provenBy(
        trial,
        trial.vendor,
        { agreement, grant: data },
        { kind: 'flow.delivered' },
        (records) => records.length > 0,
      ),
    ]);
    return {
      shown: [
        `the vendor opened ${seen.batches} sealed batches of ${BUYER.organisation}/${PRESS}: ${seen.keys.join(', ')}`,
        `${seen.dropped} observations stayed in the plant; no operator, user or computer name left it`,
        `region ${REGION}: its endpoint showed the key that both companies signed; the embargo verdict of ${BUYER.organisation} was clear`,
        `${PRESS} called ${VENDOR.organisation}/${ANALYTICS} under grant ${machine.document.id} without a human: ${strokes}`,
      ],
      bundle,
    };
  },
};

async function dataGrant(trial: Trial, agreement: SignedAgreement) {
  const engineer = await signIn(trial.vendor, 'fleet-engineer');
  const now = Date.now();
  const asked = await ask(engineer, {
    agreementId: agreement.document.id,
    kind: 'data-collection',
    subjects: [{ organisation: VENDOR.organisation, kind: 'workload', id: PIPELINE }],
    resources: [{ owner: BUYER.organisation, id: PRESS }],
    actions: [PRODUCT],
    purpose: id('predictive-maintenance'),
    ticket: null,
    windows: [{ from: now - 1_000, to: now + 7 * DAY }],
  });
  await Promise.all([
    signIn(trial.buyer, 'shift-lead').then((lead) => approveOnPage(lead, asked, [PRODUCT, PRESS])),
    signIn(trial.buyer, 'plant-engineer').then((other) => approveByProgram(other, asked)),
  ]);
  return active(trial.vendor, asked);
}

async function openPull(trial: Trial, agreement: SignedAgreement): Promise<SealedPull> {
  const { vendor } = trial;
  const pipeline = layout(vendor.dir).workload(PIPELINE);
  const signer = readSigner(pipeline, 'key', VENDOR.organisation);
  const { entities, certificates } = published(trial);
  const ring = must("both companies' keys", await trust(entities, certificates, readPins(vendor.dir), Date.now()));
  const open = ring.held(VENDOR.organisation, 'workload', PIPELINE).find((key) => key.purposes.includes('open'));
  if (!open) throw new StepFailed('the vendor has no key for opening sealed data');
  return eventually('a way into the region', async () => {
    const pulled = await pullSealed({
      broker: brokerClient({ origin: trial.broker.origin, signer, now: Date.now, newId: newNonce }),
      organisation: VENDOR.organisation,
      agreement: agreement.document,
      ring: () => ring,
      region: REGION,
      endpoint: { host: '127.0.0.1', port: trial.state.port('region') },
      opener: { kid: open.kid, key: readKeyFile(pipeline, 'open') },
      now: Date.now,
    });
    return pulled.allowed ? pulled.value : undefined;
  });
}

/** Names that the press sends about people and computers; none may ever be readable at the vendor. */
const NEVER = ['operator-17', 'LINE3', 'BRACKET'];

interface Seen {
  readonly batches: number;
  readonly keys: readonly string[];
  readonly dropped: number;
}

async function readable(pull: SealedPull): Promise<Seen | undefined> {
  const got = await pull.next(20, 250);
  if (got.length === 0) return undefined;
  const batches = got.map(({ opened, acknowledge }) => {
    const { batch } = must('opening a sealed batch', opened);
    acknowledge();
    return batch;
  });
  const leaked = NEVER.find((name) => JSON.stringify(batches).includes(name));
  if (leaked) throw new StepFailed(`"${leaked}" left the plant`);
  // A machine that has nothing new to say sends nothing: measured values come with its next stroke.
  if (!batches.some((batch) => batch.observations.length > 1)) return undefined;
  const keys = [...new Set(batches.flatMap((batch) => batch.observations.map((one) => one.key)))].sort();
  return { batches: batches.length, keys, dropped: batches.reduce((sum, batch) => sum + batch.dropped, 0) };
}

async function machineGrant(trial: Trial, agreement: SignedAgreement) {
  const now = Date.now();
  const asked = await ask(await signIn(trial.buyer, 'line-engineer'), {
    agreementId: agreement.document.id,
    kind: 'machine-to-machine',
    subjects: [{ organisation: BUYER.organisation, kind: 'machine', id: PRESS }],
    resources: [{ owner: VENDOR.organisation, id: ANALYTICS }],
    actions: [id('http')],
    purpose: id('predictive-maintenance'),
    ticket: null,
    windows: [{ from: now - 1_000, to: now + 7 * DAY }],
  });
  await approveByProgram(await signIn(trial.vendor, 'analytics-owner'), asked);
  const granted = await active(trial.buyer, asked);
  const pins = [...readPins(trial.buyer.dir)].map(([organisation, root]) => ({ organisation, root }));
  const resource = { owner: VENDOR.organisation, id: ANALYTICS };
  const call = {
    brokerOrigin: trial.broker.origin,
    organisation: BUYER.organisation,
    pins,
    grant: asked,
    resource,
    action: 'http',
  };
  writeDurably(join(layout(trial.buyer.dir).machine(PRESS), 'call.json'), JSON.stringify(call));
  return granted;
}

/** The vendor's gateway recorded that the machine came, and the press says what it was told. */
async function calledBy(trial: Trial, agreement: SignedAgreement): Promise<string> {
  const opened = await provenBy(
    trial,
    trial.vendor,
    { agreement },
    { kind: 'session.opened', resource: ANALYTICS },
    (records) => records.length > 0,
  );
  const record = opened.evidence.at(-1)?.record;
  return `session ${record?.session} of ${record?.subject?.kind} ${record?.subject?.id}`;
}
