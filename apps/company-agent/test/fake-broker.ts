import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseTraceparent } from '@interlock/contracts';
import type {
  Act,
  Agreement,
  Annex,
  Approvable,
  EntityDocument,
  KeyCertificate,
  SignatureBlock,
  Signed,
  Verdict,
} from '@interlock/domain';
import { digestOf, thumbprintOf } from '@interlock/proof';
import { type WebSocket, WebSocketServer } from 'ws';

interface Held<D> {
  signed: Signed<D>;
  status: string;
}

/**
 * A broker that behaves: keeps what it is given and gives it back to whoever asks. It verifies nothing, because an agent must not notice
 * the difference; and a test may change what it holds, because a real one may lie.
 */
export class FakeBroker {
  readonly entities = new Map<string, Signed<EntityDocument>[]>();
  readonly certificates = new Map<string, Map<string, Signed<KeyCertificate>>>();
  readonly agreements = new Map<string, Held<Agreement>>();
  readonly grants = new Map<string, Held<Approvable>>();
  readonly denials = new Map<string, string>();
  readonly acts: Signed<Act>[] = [];
  readonly annexes: Signed<Annex>[] = [];
  readonly verdicts: Signed<Verdict>[] = [];
  /** Frames that came up, by organisation. */
  readonly frames: { readonly from: string; readonly frame: { readonly t: string } & Record<string, unknown> }[] = [];
  /** In which trace each writing came last, by method and path. */
  readonly traces = new Map<string, string | undefined>();
  /** An answer, or who makes one for a question. */
  audit: unknown;
  private readonly sockets = new Map<string, WebSocket>();
  private readonly server: Server;
  private readonly channel = new WebSocketServer({ noServer: true });

  constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    this.server.on('upgrade', (request, socket, head) =>
      this.channel.handleUpgrade(request, socket, head, (opened) => {
        const from = callerOf(request);
        this.sockets.set(from, opened);
        opened.on('message', (data) => this.frames.push({ from, frame: JSON.parse(String(data)) }));
        opened.on('error', () => {});
        opened.on('close', () => this.sockets.get(from) === opened && this.sockets.delete(from));
      }),
    );
  }

  async start(port = 0): Promise<string> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.channel.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  connected(organisation: string): boolean {
    return this.sockets.get(organisation)?.readyState === 1;
  }

  send(organisation: string, frame: unknown): void {
    this.sockets.get(organisation)?.send(JSON.stringify(frame));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const body = await readBody(request);
    if (request.method !== 'GET')
      this.traces.set(`${request.method} ${request.url}`, parseTraceparent(request.headers.traceparent)?.traceId);
    const [, , what = '', id = '', part = ''] = (request.url ?? '').split('?', 1)[0]?.split('/') ?? [];
    const yes = (value: unknown = { accepted: true }) => ({ status: 200, body: value });
    switch (`${request.method} ${what}${part && ` ${part}`}`) {
      case 'PUT entities':
        return yes(this.publishEntity(body.entity));
      case 'PUT certificates':
        return yes(this.publishCertificates(body.certificates));
      case 'GET entities':
        return this.published(id);
      case 'GET agreements':
        return yes({ agreements: [...this.agreements.values()].map((one) => view(one)) });
      case 'GET agreements standing':
        return this.standing(id);
      case 'POST agreements signatures':
        return this.sign(this.agreements, id, body);
      case 'GET grants':
        if (id === '')
          return yes({ grants: [...this.grants.values()].map((one) => view(one, this.above(one.signed.document))) });
        return this.shown(id);
      case 'POST grants':
        this.grants.set(body.grant.document.id, { signed: body.grant, status: 'asked' });
        return yes();
      case 'POST grants signatures':
        return this.sign(this.grants, id, body);
      case 'POST grants denial':
        this.denials.set(id, body.reason);
        return yes();
      case 'POST acts':
        this.acts.push(body.act);
        return yes();
      case 'POST verdicts':
        this.verdicts.push(body.verdict);
        return yes();
      case 'GET audit':
        if (id === 'checkpoint')
          return yes({ treeSize: (this.audit as { treeSize: number } | undefined)?.treeSize ?? 0 });
        return this.audit ? yes(this.auditAnswer(new URL(request.url ?? '', 'http://x').searchParams)) : NOT_FOUND;
      default:
        return NOT_FOUND;
    }
  }

  private auditAnswer(asked: URLSearchParams): unknown {
    return typeof this.audit === 'function' ? this.audit(asked) : this.audit;
  }

  private shown(id: string): { status: number; body: unknown } {
    const held = this.grants.get(id);
    return held ? { status: 200, body: view(held, this.above(held.signed.document)) } : NOT_FOUND;
  }

  /** What it hangs on, outermost first. */
  private above(right: Approvable): Signed<Approvable>[] {
    const digest =
      right.typ === 'delegation' ? right.parent : right.typ === 'grant' ? right.standingApproval : undefined;
    if (!digest) return [];
    const parent = [...this.grants.values()].find((one) => digestOf(one.signed.document) === digest)?.signed;
    return parent ? [...this.above(parent.document), parent] : [];
  }

  private publishEntity(entity: Signed<EntityDocument>): undefined {
    const kid = thumbprintOf(entity.document.root);
    const held = this.entities.get(kid) ?? [];
    if (!held.some((one) => digestOf(one.document) === digestOf(entity.document))) held.push(entity);
    this.entities.set(kid, held);
    return undefined;
  }

  private publishCertificates(certificates: readonly Signed<KeyCertificate>[]): undefined {
    for (const one of certificates) {
      const held = this.certificates.get(one.document.organisation) ?? new Map();
      this.certificates.set(one.document.organisation, held.set(thumbprintOf(one.document.key), one));
    }
    return undefined;
  }

  private published(root: string): { status: number; body: unknown } {
    const entities = this.entities.get(root);
    const organisation = entities?.[0]?.document.organisation;
    if (!entities || !organisation) return NOT_FOUND;
    return {
      status: 200,
      body: { entities, certificates: [...(this.certificates.get(organisation)?.values() ?? [])] },
    };
  }

  private standing(id: string): { status: number; body: unknown } {
    const agreement = this.agreements.get(id)?.signed;
    if (!agreement) return NOT_FOUND;
    const entities = [...this.entities.values()].flat();
    const certificates = [...this.certificates.values()].flatMap((held) => [...held.values()]);
    const acts = this.acts.filter(({ document }) => document.agreementId === id);
    const body = {
      agreementId: id,
      entities,
      certificates,
      agreement,
      acts,
      statusLists: [],
      verdicts: [],
      annexes: this.annexes,
      flows: [],
    };
    return { status: 200, body };
  }

  private sign<D>(held: Map<string, Held<D>>, id: string, body: { digest: string; signatures: SignatureBlock[] }) {
    const one = held.get(id);
    if (!one || digestOf(one.signed.document) !== body.digest) return NOT_FOUND;
    one.signed = { ...one.signed, signatures: [...one.signed.signatures, ...body.signatures] };
    return { status: 200, body: { accepted: true } };
  }
}

const NOT_FOUND = {
  status: 404,
  body: { type: 'about:blank', title: 'nothing here', status: 404, code: 'not_a_party' },
};

function view<D extends Agreement | Approvable>(
  { signed, status }: Held<D>,
  above: readonly Signed<Approvable>[] = [],
) {
  const { document } = signed;
  const digest = digestOf(document);
  if (document.typ === 'agreement')
    return { id: document.id, version: document.version, digest, status, agreement: signed };
  const shown = { id: document.id, agreementId: document.agreementId, digest, status, grant: signed };
  return above.length > 0 ? { ...shown, above } : shown;
}

/** Whatever a caller sends is kept as it is. */
interface Sent {
  readonly entity: Signed<EntityDocument>;
  readonly certificates: Signed<KeyCertificate>[];
  readonly grant: Signed<Approvable>;
  readonly act: Signed<Act>;
  readonly verdict: Signed<Verdict>;
  readonly digest: string;
  readonly signatures: SignatureBlock[];
  readonly reason: string;
}

async function readBody(request: IncomingMessage): Promise<Sent> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return JSON.parse(text === '' ? '{}' : text) as Sent;
}

function callerOf(request: IncomingMessage): string {
  const payload = request.headers.authorization?.split(' ')[1]?.split('.')[1] ?? '';
  return (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { iss: string }).iss;
}
