import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inboxPrefix } from '@interlock/bus';
import type { BrokerClient } from '@interlock/company-side';
import { allow, type LocalId, type Thumbprint } from '@interlock/domain';
import { publicJwkOf, thumbprintOf } from '@interlock/proof';
import type { Right } from '@interlock/testkit/builders';
import { pull } from '../../../libs/bus/test/pull.js';
import { RegionServer, seconds } from '../../../libs/bus/test/region-server.js';
import { loopbackCertificate } from '../../../libs/testkit/src/loopback-certificate.js';

/** The real bus server of one region with TLS, and the broker that gives its users out. */
export interface TestRegion {
  readonly name: LocalId;
  readonly port: number;
  readonly endpointKey: Thumbprint;
  /** Answers the gateway as the broker's router does; counts what it was asked. */
  readonly broker: BrokerClient;
  readonly asked: () => number;
  /** What the broker's router gives a recipient who asks for a user of the bus. */
  readonly recipient: (nkey: string) => object;
  /** Makes the server know the one flow of this right. */
  serve(right: Right): Promise<void>;
  /** What the vendor gets when it asks for everything that is there; `answer` is what it then says of each, and nothing where it is left out. */
  pulled(answer?: (sealed: unknown) => '+ACK' | '-NAK' | undefined): Promise<unknown[]>;
  /** Whether a file on the disk of this region holds the text. */
  hasOnDisk(text: string): boolean;
  /** The server is gone, as a power cut takes it; its disk stays. */
  kill(): Promise<void>;
  /** The same server after it was killed, on the disk that it left; on the same port where it was given one. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RegionRoom {
  readonly name?: string;
  /** What the flow may store in the region. */
  readonly maxBytes?: number;
  /** Whether the region writes each message to its disk before it answers. */
  readonly syncAlways?: boolean;
  /** Left out, a free one. */
  readonly port?: number;
}

export async function aRegion(room: RegionRoom = {}): Promise<TestRegion> {
  const { name = 'eu-1', maxBytes = 10_000_000, syncAlways = false, port = -1 } = room;
  const dir = mkdtempSync(join(tmpdir(), 'interlock-region-'));
  const { key, ...tls } = await loopbackCertificate(dir);
  const server = await RegionServer.start(name, tls, { syncAlways, port, maxFileBytes: 8_000_000_000 });
  let plan: Plan | undefined;
  let asked = 0;
  const template = (role: 'publisher' | 'recipient') => found(plan, role);
  const post: BrokerClient['post'] = async (_target, body, schema) => {
    asked += 1;
    return allow(schema.parse(userOf(server, template('publisher'), (body as { nkey: string }).nkey)));
  };
  return {
    name: name as LocalId,
    get port() {
      return server.port;
    },
    endpointKey: thumbprintOf(publicJwkOf(key)),
    broker: { get: unexpected, put: unexpected, post },
    asked: () => asked,
    recipient: (nkey) => recipientOf(server, template('recipient'), nkey),
    serve: async (right) => {
      plan = server.compile({ region: name, agreements: [agreementOf(right, name, maxBytes)] });
      await server.reconcile(plan);
    },
    pulled: async (answer) => {
      const recipient = template('recipient');
      if (recipient.role !== 'recipient') throw new Error('not a recipient');
      const user = await server.user(recipient);
      const messages = await pull(user, recipient.pulls[0]?.next ?? '', 100, 500);
      for (const message of messages) {
        const said = answer?.(message.json());
        if (said) message.respond(said);
      }
      await user.drain();
      return messages.map((message) => message.json());
    },
    hasOnDisk: (text) => filesIn(server.settings().storeDir).some((file) => readFileSync(file).includes(text)),
    kill: () => server.kill(),
    start: async () => {
      await server.run();
      if (plan) await server.reconcile(plan);
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

type Plan = ReturnType<RegionServer['compile']>;
type Template = Plan['templates'][number];

function found(plan: Plan | undefined, role: Template['role']): Template {
  const template = plan?.templates.find((one) => one.role === role);
  if (!template) throw new Error('the region serves nobody yet');
  return template;
}

function userOf(server: RegionServer, publisher: Template, nkey: string) {
  if (publisher.role !== 'publisher') throw new Error('not a publisher');
  const jwt = server.issue(publisher, { publicKey: nkey } as Parameters<RegionServer['issue']>[1]);
  const flows = publisher.flows.map(({ flowId, subject }) => ({ flowId, subject }));
  return { jwt, expiresAt: seconds() + 300, inboxPrefix: inboxPrefix(nkey), flows, pulls: [] };
}

function recipientOf(server: RegionServer, recipient: Template, nkey: string) {
  if (recipient.role !== 'recipient') throw new Error('not a recipient');
  const jwt = server.issue(recipient, { publicKey: nkey } as Parameters<RegionServer['issue']>[1]);
  const pulls = recipient.pulls.map(({ stream, durable, next, ack }) => ({ stream, durable, next, ack }));
  return { jwt, expiresAt: seconds() + 300, inboxPrefix: inboxPrefix(nkey), flows: [], pulls };
}

/** What the router compiles of this right: one flow from the plant to the vendor. */
function agreementOf({ agreement, grant, who }: Right, region: string, maxBytes: number) {
  const [publisher, recipient] = [who.buyer.organisation, who.vendor.organisation];
  const flow = {
    flowId: grant.id,
    region,
    publisher: { organisation: publisher, gateway: who.gateway.id },
    recipients: [recipient],
    maxBytes,
    retentionSeconds: 3_600,
  };
  const organisations = [publisher, recipient];
  return { agreementId: agreement.id, agreementDigest: 'sha256:one', organisations, flows: [flow] };
}

const unexpected = () => Promise.reject(new Error('the gateway was not expected to ask this'));
