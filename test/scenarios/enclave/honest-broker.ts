import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId, newNonce } from '@interlock/company-side';
import type { Admission, ChainDocuments, Standing } from '@interlock/contracts';
import type {
  EvidenceRecord,
  GrantId,
  LocalId,
  OrganisationId,
  ResourceRef,
  SessionId,
  SubjectRef,
  Thumbprint,
  Ticket,
} from '@interlock/domain';
import { digestOfToken, keySigner, newPrivateKey, type Signer, signTicket } from '@interlock/proof';
import { type WebSocket, WebSocketServer } from 'ws';

/** One right the broker was told of: whose it is, and by which gateway it is enforced. */
export interface Known {
  readonly chain: ChainDocuments;
  readonly gateway: Ticket['gateway'];
  readonly subject: SubjectRef;
  /** Thumbprint of the key the subject comes with. */
  readonly leaf: Thumbprint;
}

interface Asked {
  readonly grant: GrantId;
  readonly resource: ResourceRef;
  readonly action: LocalId;
  readonly loginProof: string | null;
}

type Frame = { t: string; nonce: string; agreementId: string };

/** What a gateway and a connector need of a broker that does its work: it relays, keeps evidence and admits whom it was told of. */
export class HonestBroker {
  readonly ticketSigner: Signer = keySigner('broker.example' as OrganisationId, newPrivateKey());
  readonly evidence: EvidenceRecord[] = [];
  readonly known = new Map<GrantId, Known>();
  /** Called for every nonce of a gateway: the companies' agents answer here. */
  onNonce: (nonce: string, agreementId: string) => void = () => undefined;
  /** What is answered besides; asked first. */
  before: (target: string, body: Record<string, unknown>) => Promise<unknown> = async () => undefined;
  standings: readonly Standing[] = [];
  relayPort = 0;
  readonly #server: Server;
  readonly #channels = new Set<WebSocket>();

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    new WebSocketServer({ server: this.#server }).on('connection', (socket) => {
      this.#channels.add(socket);
      socket.on('close', () => this.#channels.delete(socket));
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame;
        if (frame.t === 'ask-standing') this.sayStanding();
        if (frame.t === 'nonce') this.onNonce(frame.nonce, frame.agreementId);
      });
      this.sayStanding();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connected(): boolean {
    return this.#channels.size > 0;
  }

  say(frame: unknown): void {
    for (const channel of this.#channels) channel.send(JSON.stringify(frame));
  }

  sayStanding(): void {
    for (const standing of this.standings) this.say({ t: 'standing', standing });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const said = await this.before(request.url ?? '', body);
    const answer = said ?? (request.url === '/v1/sessions' ? await this.#admit(body) : this.#keep(body));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  #keep(body: Record<string, unknown>) {
    const records = (body.records ?? []) as EvidenceRecord[];
    this.evidence.push(...records);
    return { accepted: records.map((record) => record.id), parked: [] };
  }

  async #admit(body: Record<string, unknown>): Promise<Admission> {
    const offer = await this.offer(body as unknown as Asked);
    this.say(offer);
    const { session, ticket, rendezvous, relay, chain } = offer;
    return { session, ticket, rendezvous, relay, chain, gateway: this.#knownOf(offer.grant).gateway };
  }

  /** A meeting under this right, with a ticket for it; said to no gateway yet. */
  async offer({ grant, resource, action, loginProof }: Asked) {
    const { chain, gateway, subject, leaf } = this.#knownOf(grant);
    const session = newId('ses') as SessionId;
    const seconds = Math.floor(Date.now() / 1000);
    const proof = digestOfToken(loginProof ?? '');
    const claims = { iss: 'broker.example', session, grant, proof, jkt: leaf, gateway };
    const times = { iat: seconds, exp: seconds + 60, jti: randomBytes(16).toString('base64url') };
    const ticket = await signTicket({ ...claims, ...times }, this.ticketSigner);
    const relay = { host: '127.0.0.1', port: this.relayPort };
    const meeting = { t: 'offer', session, ticket, rendezvous: newNonce(), relay, chain };
    return { ...meeting, grant, resource, action, loginProof, subject, leaf, verdicts: [] };
  }

  #knownOf(grant: GrantId): Known {
    const known = this.known.get(grant);
    if (!known) throw new Error('the test asks for a grant the broker was not told of');
    return known;
  }

  async stop(): Promise<void> {
    for (const channel of this.#channels) channel.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
