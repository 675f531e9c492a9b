import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId, newNonce } from '@interlock/company-side';
import type { Admission, GatewayFrame, Standing } from '@interlock/contracts';
import type { EvidenceRecord, OrganisationId, SessionId, Signal, Signed, SubjectRef, Ticket } from '@interlock/domain';
import { digestOfToken, keySigner, newPrivateKey, type Signer, signTicket } from '@interlock/proof';
import { BUYER, type Right } from '@interlock/testkit/builders';
import { type WebSocket, WebSocketServer } from 'ws';

type Offer = Extract<GatewayFrame, { t: 'offer' }>;

interface HandedOver {
  readonly records?: readonly EvidenceRecord[];
  readonly opened?: Readonly<Record<string, readonly string[]>>;
  readonly own?: Readonly<Record<string, readonly string[]>>;
  readonly signal?: Signed<Signal>;
}

/**
 * A broker in the hands of an attacker: it holds every key a broker ever has, speaks the broker's protocol to the gateway, records what
 * the gateway says, and says back whatever the test makes it say.
 */
export class HostileBroker {
  readonly ticketSigner: Signer = keySigner('broker.example' as OrganisationId, newPrivateKey());
  readonly evidence: EvidenceRecord[] = [];
  /** What the gateway said of itself. */
  readonly signals: Signed<Signal>[] = [];
  /** By the id of a record: what opens the names in it. */
  readonly disclosures = new Map<string, readonly string[]>();
  /** What opens what is kept for one company. */
  readonly own = new Map<string, readonly string[]>();
  /** False: evidence is not taken, so that the gateway has to keep it. */
  takesEvidence = true;
  /** What a connector that asks for a session is told. */
  admission: Admission | undefined;
  readonly nonces: { agreementId: string; nonce: string }[] = [];
  /** Called for every nonce the gateway sends: honest agents answer here, if the broker lets the nonce through. */
  onNonce: (nonce: string) => void = () => undefined;
  /** What is answered to a gateway that asks for its standing. */
  onAskStanding: () => void = () => undefined;
  readonly #server: Server;
  readonly #channels = new Set<WebSocket>();

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/v1/sessions') return tell(response, this.admission);
        if (!this.takesEvidence) return void response.writeHead(503).end();
        const said = JSON.parse(Buffer.concat(chunks).toString() || '{}') as HandedOver;
        const { records = [], opened = {}, own = {}, signal } = said;
        if (signal) this.signals.push(signal);
        if (signal) return tell(response, { accepted: true });
        for (const [id, disclosures] of Object.entries(opened)) this.disclosures.set(id, disclosures);
        for (const [id, disclosures] of Object.entries(own)) this.own.set(id, disclosures);
        this.evidence.push(...records);
        return tell(response, { accepted: records.map((record) => record.id), parked: [] });
      });
    });
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket) => {
      this.#channels.add(socket);
      socket.on('close', () => this.#channels.delete(socket));
      socket.on('message', (data) =>
        this.#hear(JSON.parse(String(data)) as { t: string; nonce: string; agreementId: string }),
      );
    });
  }

  #hear(frame: { t: string; nonce: string; agreementId: string }): void {
    if (frame.t === 'ask-standing') this.onAskStanding();
    if (frame.t !== 'nonce') return;
    this.nonces.push(frame);
    this.onNonce(frame.nonce);
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

  /** Bytes as they are: text frames for strings, binary ones for the rest. Resolves when they have left this process. */
  async raw(message: string | Buffer): Promise<void> {
    const left = [...this.#channels].map(
      (channel) => new Promise<void>((resolve) => channel.send(message, () => resolve())),
    );
    await Promise.all(left);
  }

  say(frame: unknown): void {
    for (const channel of this.#channels) channel.send(JSON.stringify(frame));
  }

  standing(right: Right, more: Partial<Standing> = {}): void {
    const { entities, certificates, agreement } = right.chain;
    const standing: Standing = {
      agreementId: right.agreement.id,
      entities,
      certificates,
      agreement,
      acts: [],
      statusLists: [],
      verdicts: [],
      annexes: [],
      flows: [],
      ...more,
    };
    this.say({ t: 'standing', standing });
  }

  /** An offer as an honest broker would make it, changed as the attack wants, under a ticket that the broker's own key signs. */
  async offer(
    right: Right,
    relayPort: number,
    over: Partial<Offer> = {},
    ticketOver: Partial<Ticket> = {},
  ): Promise<Offer> {
    const subject: SubjectRef = { organisation: right.claims.iss, kind: 'person', id: right.claims.sub };
    const loginProof = over.loginProof === undefined ? right.loginProof : over.loginProof;
    const session = newId('ses') as SessionId;
    const seconds = Math.floor(Date.now() / 1000);
    const ticket: Ticket = {
      iss: 'broker.example',
      session,
      grant: right.claims.grant,
      proof: digestOfToken(loginProof ?? ''),
      jkt: right.leaf,
      gateway: { organisation: BUYER, id: right.who.gateway.id },
      iat: seconds,
      exp: seconds + 60,
      jti: randomBytes(16).toString('base64url'),
      ...ticketOver,
    };
    return {
      t: 'offer',
      session,
      grant: right.claims.grant,
      resource: right.grant.resources[0]!,
      action: right.grant.actions[0]!,
      ticket: await signTicket(ticket, this.ticketSigner),
      loginProof,
      subject,
      leaf: right.leaf,
      rendezvous: newNonce(),
      relay: { host: '127.0.0.1', port: relayPort },
      chain: right.chain,
      verdicts: [],
      ...over,
    };
  }

  async stop(): Promise<void> {
    for (const channel of this.#channels) channel.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function tell(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
