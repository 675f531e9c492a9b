import { join } from 'node:path';
import {
  addCollector,
  brokerClient,
  gatewayKeyOf,
  layout,
  newNonce,
  PIPELINE_ID,
  readSettings,
  readSigner,
  writeCurlConfig,
  writeDurably,
} from '@interlock/company-side';
import { busUser } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type LocalId } from '@interlock/domain';
import { WrongUsage, waitingFor } from '../perform.js';
import { type HostPort } from '../read-arguments.js';

export interface PushCredentials {
  readonly company: string;
  readonly collector: LocalId;
  readonly machines: readonly LocalId[];
  readonly gateway: LocalId;
  readonly door: HostPort;
}

/** Certifies the collector for its machines and writes what curl needs to push at the gateway's door. */
export async function pushCredentials({ company, collector, machines, gateway, door }: PushCredentials) {
  const key = gatewayKeyOf(company, gateway);
  if (!key) throw new WrongUsage(`the company has no gateway ${gateway}; "interlock gateway provision" makes one`);
  const now = Date.now();
  const { folder } = await addCollector(company, { id: collector, machines, now });
  const config = await writeCurlConfig({ folder, door: `${door.host}:${door.port}`, gateway: key, now });
  const event = `{"specversion":"1.0","id":"1","source":"//${readSettings(company).organisation}/${machines[0] ?? 'MACHINE'}",`;
  const rest = `"type":"machine.telemetry","time":"${new Date(now).toISOString()}","data":{"KEY":1}}`;
  const type = "-H 'content-type: application/cloudevents+json'";
  return {
    json: { collector, folder, curl: config, machines },
    lines: [
      `${folder} may carry data of ${machines.join(', ') || 'no machine of its own company'}; carry the folder to the collector`,
      'its certificate counts when the agent has published it and the gateway has heard of it, within seconds; "caller_unknown" until then: try again',
      'push one event with',
      `curl -K ${config} ${type} -d '${event}${rest}'`,
    ],
  };
}

export interface PullCredentials {
  readonly company: string;
  readonly agreement: AgreementId;
  readonly region: LocalId;
  readonly endpoint: HostPort;
}

/** A user of the region's bus for a NATS client of any kind: what it reads is sealed, and only the pipeline's key opens it. */
export async function pullCredentials({
  company,
  agreement,
  region,
  endpoint,
}: PullCredentials): Promise<Decision<{ json: Readonly<Record<string, unknown>>; lines: readonly string[] }>> {
  const { organisation, brokerOrigin } = readSettings(company);
  const folder = layout(company).workload(PIPELINE_ID);
  const signer = readSigner(folder, 'key', organisation);
  const { newBusUser } = await import('./new-bus-user.js');
  const nkey = newBusUser();
  const broker = brokerClient({ origin: brokerOrigin, signer, now: Date.now, newId: newNonce });
  const ask = { region, agreementId: agreement, role: 'recipient', nkey: nkey.getPublicKey() };
  const user = await waitingFor('asking the broker', broker.post('/v1/regions/users', ask, busUser));
  if (!user.allowed) return user;
  const { jwt, expiresAt, inboxPrefix, pulls } = user.value;
  const file = join(folder, `${region}.creds`);
  writeDurably(file, credsOf(jwt, new TextDecoder().decode(nkey.getSeed())));
  const until = new Date(expiresAt * 1000).toISOString();
  const server = `tls://${endpoint.host}:${endpoint.port}`;
  return allow({
    json: { credentials: file, server, inboxPrefix, expiresAt, pulls },
    lines: [
      `${file} is good until ${until}; connect to ${server} with it, TLS first, inbox prefix ${inboxPrefix}`,
      ...pulls.map(
        ({ next }) =>
          `ask ${next} for messages with {"batch":10,"expires":1000000000}; answer each at its reply subject to keep it`,
      ),
    ],
  });
}

/** The file that NATS clients call `creds`. */
const credsOf = (jwt: string, seed: string): string =>
  [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
