import { request } from 'node:https';
import { join } from 'node:path';
import { type AskScanner, makeLeaf, openJournal } from '@interlock/company-side';
import type {
  Agreement,
  AgreementId,
  DataTerm,
  EvidenceRecord,
  GrantId,
  LocalId,
  ProductKey,
  Term,
} from '@interlock/domain';
import { type OpenedBatch, trust, unseal } from '@interlock/proof';
import { anAgreement, aPartnership, type Holder, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { cosignWatch } from '../src/evidence/cosign-watch.js';
import { evidenceBook } from '../src/evidence/evidence-book.js';
import { startFlows } from '../src/flow/flows.js';
import { openDoor } from '../src/ingest/door.js';
import { openQuarantine } from '../src/ingest/quarantine.js';
import { pushTaker } from '../src/ingest/take-push.js';
import { lockout } from '../src/plant/lockout.js';
import { ReleaseDesk } from '../src/scanning/release-desk.js';
import { NOBODY_ASKED } from '../src/session/own-point.js';
import { keepWorkingTime } from '../src/session/working-time.js';
import type { TestRegion } from './a-region.js';
import { aKeeper, beatOf, provisionedFor, quiet, standingOf, until } from './two-sides.js';

const id = (text: string) => text as LocalId;
let plants = 0;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly code?: string;
    readonly events?: readonly { readonly code: string; readonly change?: string }[];
  };
}

export interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export type Product = Partial<Pick<DataTerm, 'keys' | 'labels' | 'retentionSeconds' | 'inspection' | 'scanning'>>;

/** A second region of the same agreement, in its own country, and what else the agreement says. */
export interface Further {
  readonly region: TestRegion;
  readonly jurisdiction: string;
  readonly terms: Agreement['terms'];
}

export const key = (name: string, over: Partial<ProductKey> = {}): ProductKey => ({
  key: name,
  unit: null,
  category: id('process'),
  action: 'pass',
  step: null,
  ...over,
});

/**
 * A plant whose gateway has a door for collectors and no adapter to fetch from, with a flow that runs. With `inspects` the door is not the plant's gateway's but that of
 * whoever runs the region; where the agreement has the data inspected at the other of the two, no flow runs.
 */
export async function aCollectingPlant(
  region: TestRegion,
  folder: string,
  product: Product = {},
  scrub: string[] = [],
  further?: Further,
  inspects = false,
  scanner?: AskScanner,
) {
  const now = Date.now();
  const companies = await aPartnership(now);
  const resources = [id('press-7')];
  const inspector = () => companies.buyer.holder('gateway', 'eu-1-door', ['inspect', 'call'], { resources });
  const who = inspects ? { ...companies, gateway: await inspector() } : companies;
  const all = further ? [region, further.region] : [region];
  const name = `9${String(++plants).padStart(25, '0')}`;
  const base = anAgreement(who, { id: `agr_${name}` as AgreementId }, now);
  const collectors = {
    historian: await who.buyer.holder('workload', 'historian', ['subject'], {
      resources: [id('press-7'), id('press-8')],
    }),
    elsewhere: await who.buyer.holder('workload', 'elsewhere', ['subject'], { resources: [id('press-8')] }),
    edgeBox: await who.vendor.holder('workload', 'edge-box', ['subject']),
    press: await who.buyer.holder('machine', 'press-7', ['subject']),
    person: who.technician,
  };
  const right = await rightUnder(
    who,
    { ...base, terms: termsOf(base, region, product, further) },
    { grant: grantOf(name) },
    now,
  );
  const certified = [...right.chain.certificates, ...Object.values(collectors).map((one) => one.certificate)];
  const self = provisionedFor(right, {
    regions: all.map(({ name, port }) => ({ region: name, host: '127.0.0.1', port })),
    scrub,
  });
  let attempts = 0;
  const kept = aKeeper(self, folder);
  const journal = await openJournal(join(folder, 'journal'), { maxBytes: 40_000_000, reservedBytes: 100_000 });
  const nobody = { ...region.broker, post: () => Promise.reject(new Error('no broker for evidence')) };
  const { clock, keeper } = kept;
  const watch = cosignWatch(clock.monotonic);
  const shared = {
    self,
    clock,
    watch,
    log: {
      ...quiet,
      warn: ({ event }: { readonly event?: unknown }) => {
        if (event === 'delivery.waits') attempts += 1;
      },
    },
    keeper,
    book: evidenceBook({ self, clock, log: quiet, journal, broker: nobody, watch }),
  };
  const switched = lockout(folder);
  const flows = startFlows({
    ...shared,
    lockout: switched,
    working: keepWorkingTime(folder),
    broker: {
      ...region.broker,
      post: (target, body, schema) => {
        const asked = all.find((one) => one.name === (body as { region: string }).region) ?? region;
        return asked.broker.post(target, body, schema);
      },
    },
    online: () => true,
    folder: join(folder, 'flows'),
    scanner,
    point: NOBODY_ASKED,
  });
  await keeper.takeStanding({ ...standingOf(right, { flows: [right.chain.grant] }), certificates: certified });
  await beats(kept, right);
  flows.review();
  const isOwn = inspects === (product.inspection === 'region');
  const machine = { owner: who.buyer.organisation, id: id('press-7') };
  await until('the flow is judged', () => (isOwn ? flows.live.length === 1 : flows.elsewhere(machine) !== undefined));
  const leaf = await makeLeaf(self.key, now);
  const taker = pushTaker({ ...shared, flows, quarantine: openQuarantine(folder, quiet, !inspects) });
  const door = await openDoor({ host: '127.0.0.1', port: 0, leaf: () => leaf, taker, log: quiet });
  return {
    right,
    collectors,
    flows,
    switched,
    desk: new ReleaseDesk({ ...shared, flows }),
    /** How often no region took what waits. */
    attempts: () => attempts,
    keeper,
    door,
    taker,
    push: (from: Holder | undefined, sent: Sent) => push(door.port, from, sent),
    evidence: async (): Promise<EvidenceRecord[]> => {
      const found: EvidenceRecord[] = [];
      for await (const { entry } of journal.readFrom(1)) found.push((entry as { record: EvidenceRecord }).record);
      return found;
    },
    opened: (sealed: readonly unknown[]) => opened(right, sealed),
    [Symbol.asyncDispose]: async () => {
      await door.close();
      flows.closeAll('gateway_stopping');
      await flows.stop();
      await journal.close();
    },
  };
}

function termsOf(base: Agreement, region: TestRegion, product: Product, further?: Further): Agreement['terms'] {
  const places = (base.terms as readonly Term[]).flatMap((term): Term[] => {
    if (term.type === 'data-collection')
      return [{ ...term, ...product, regions: [region, ...(further ? [further.region] : [])].map((one) => one.name) }];
    if (term.type !== 'region') return [term];
    const own = { ...term, region: region.name, endpointKeys: [region.endpointKey] };
    if (!further) return [own];
    const { jurisdiction } = further;
    return [own, { ...own, jurisdiction, region: further.region.name, endpointKeys: [further.region.endpointKey] }];
  });
  const offline = { kind: 'data-collection', class: 'standard', mode: 'static', leaseSeconds: 600 } as const;
  return [...places, { type: 'offline', ...offline }, ...(further?.terms ?? [])];
}

const grantOf = (name: string) => ({
  id: `grt_${name}` as GrantId,
  kind: 'data-collection' as const,
  subjects: ['telemetry-pipeline', 'edge-box'].map((workload) => ({
    organisation: VENDOR,
    kind: 'workload' as const,
    id: id(workload),
  })),
  actions: [id('press-telemetry')],
  purpose: id('predictive-maintenance'),
  ticket: null,
});

async function beats({ keeper }: ReturnType<typeof aKeeper>, right: Right): Promise<void> {
  const { vendor, buyer, vendorAgent, buyerAgent } = right.who;
  const nonce = keeper.nonceFor(right.agreement.id) ?? null;
  await keeper.takeBeat(await beatOf(right, vendor, vendorAgent, nonce));
  await keeper.takeBeat(await beatOf(right, buyer, buyerAgent, nonce));
}

/** What the vendor's pipeline reads out of what the region gives it. */
async function opened(right: Right, sealed: readonly unknown[]): Promise<OpenedBatch[]> {
  const { entities, certificates } = right.chain;
  const ring = await trust(entities, certificates, right.who.pins, Date.now());
  if (!ring.allowed) throw new Error(ring.refusal.code);
  const { signer, key: opening } = right.who.recipient;
  const opener = { organisation: VENDOR, kid: signer.kid, key: opening };
  const all = await Promise.all(sealed.map((one) => unseal(one, opener, ring.value, Date.now(), right.agreement)));
  return all.map((one) => {
    if (!one.allowed) throw new Error(one.refusal.code);
    return one.value;
  });
}

/** One push over a connection of its own. */
export async function push(port: number, from: Holder | undefined, sent: Sent): Promise<Answer> {
  const leaf = from && (await makeLeaf(from.key, Date.now()));
  const { path = '/v1/events', method = 'POST', type = 'application/cloudevents+json', headers = {}, body } = sent;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port, path, method, rejectUnauthorized: false, agent: false },
        ...(leaf && { cert: leaf.cert, key: leaf.key }),
        headers: { 'content-type': type, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer['body'],
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
