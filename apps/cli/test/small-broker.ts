import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { publishedDocuments } from '@interlock/contracts';
import type { Act, Agreement, Annex, Grant, OrganisationId, Signal, SignatureBlock, Signed } from '@interlock/domain';
import { CALLER_SCHEME, digestOf, thumbprintOf, verifyCallerProof } from '@interlock/proof';
import type { z } from 'zod';

type Published = z.infer<typeof publishedDocuments>;
type Answer = { readonly status?: number; readonly body: unknown; readonly bytes?: Uint8Array };
interface Body {
  readonly entity?: Published['entities'][number];
  readonly certificates?: Published['certificates'];
  readonly agreement?: Signed<Agreement>;
  readonly grant?: Signed<Grant>;
  readonly act?: Signed<Act>;
  readonly annex?: Signed<Annex>;
  readonly signal?: Signed<Signal>;
  readonly digest?: string;
  readonly signatures?: readonly SignatureBlock[];
}
type Handler = (asked: {
  readonly organisation: OrganisationId | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Body;
}) => Answer | undefined;

const no = (status: number, code: string): Answer => ({
  status,
  body: { type: 'about:blank', title: code, status, code },
});

/**
 * A broker in one process, for tests of programs that talk to one: it keeps what it is given and asks each caller for a proof, and it
 * believes and checks nothing else. So whatever a program refuses here, the program itself refused.
 */
export class SmallBroker {
  readonly published = new Map<string, Published>();
  readonly agreements = new Map<string, { signed: Signed<Agreement>; status: string }[]>();
  readonly grants = new Map<string, { signed: Signed<Grant>; status: string }>();
  readonly drafts: object[] = [];
  readonly acts: Signed<Act>[] = [];
  readonly annexes: { readonly id: string; readonly annex: Signed<Annex> }[] = [];
  readonly signals: Signed<Signal>[] = [];
  /** Asked first; what it does not answer is answered as below. */
  before: Handler = () => undefined;
  private server: Server | undefined;
  private origin = '';

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      this.answer(request).then(
        ({ status = 200, body, bytes }) => {
          response.writeHead(status, { 'content-type': bytes ? 'application/octet-stream' : 'application/json' });
          response.end(bytes ?? JSON.stringify(body));
        },
        () => response.writeHead(400).end('{}'),
      );
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this.origin;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const target = request.url ?? '/';
    const [scheme, proof = ''] = request.headers.authorization?.split(' ') ?? [];
    const proven = { method: request.method ?? '', target, audience: this.origin, body: bytes };
    const holder = scheme === CALLER_SCHEME ? await verifyCallerProof(proof, proven, Date.now()) : undefined;
    if (holder && !holder.allowed) return no(401, 'caller_unknown');
    const url = new URL(target, this.origin);
    const body = bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : {};
    const asked = {
      organisation: holder?.value.organisation,
      path: `${request.method} ${url.pathname}`,
      query: url.searchParams,
      body,
    };
    return this.before(asked) ?? this.kept(asked) ?? no(404, 'not_a_party');
  }

  private kept({ path, body }: Parameters<Handler>[0]): Answer | undefined {
    const [method, , what, id = '', verb] = path
      .replace(' ', '/')
      .split('/')
      .filter((_, at) => at !== 1) as string[];
    switch (`${method} ${what} ${verb ?? ''}`.trim()) {
      case 'PUT entities':
        return this.publish(body);
      case 'PUT certificates':
        return this.certify(body);
      case 'GET entities':
        return this.published.has(id) ? { body: this.published.get(id) } : undefined;
      case 'GET agreements':
        if (id === 'drafts') return { body: { drafts: this.drafts } };
        return { body: { agreements: [...this.agreements.values()].flat().map((one) => this.view(one)) } };
      case 'PUT agreements':
        return this.draft(body);
      case 'POST agreements':
        return this.propose(body);
      case 'POST agreements signatures':
        return this.sign(id, body);
      case 'POST agreements annexes':
        if (body.annex) this.annexes.push({ id, annex: body.annex });
        return { body: { accepted: true } };
      case 'POST agreements signals':
        if (body.signal) this.signals.push(body.signal);
        return { body: { accepted: true } };
      case 'GET agreements standing':
        return this.standing(id);
      case 'GET grants':
        return id === '' ? { body: { grants: [...this.grants.values()].map(grantView) } } : this.grant(id);
      case 'POST grants':
        return this.ask(body);
      case 'POST grants signatures':
        return this.approve(id, body);
      case 'POST acts':
        if (body.act) this.acts.push(body.act);
        return { body: { accepted: true } };
      default:
        return undefined;
    }
  }

  private publish({ entity }: Body): Answer {
    if (!entity) return no(400, 'malformed');
    const root = thumbprintOf(entity.document.root);
    const known = this.published.get(root) ?? { entities: [], certificates: [] };
    const others = known.entities.filter((one) => one.document.sequence !== entity.document.sequence);
    this.published.set(root, { ...known, entities: [...others, entity] });
    return { body: { accepted: true } };
  }

  private certify({ certificates }: Body): Answer {
    for (const [root, known] of this.published) {
      const own = (certificates ?? []).filter(
        (one) => one.document.organisation === known.entities[0]?.document.organisation,
      );
      if (own.length > 0) this.published.set(root, { ...known, certificates: own });
    }
    return { body: { accepted: true } };
  }

  private view({ signed, status }: { signed: Signed<Agreement>; status: string }) {
    const { id, version } = signed.document;
    return { id, version, digest: digestOf(signed.document), status, agreement: signed };
  }

  private propose({ agreement }: Body): Answer {
    if (!agreement) return no(400, 'malformed');
    const { id } = agreement.document;
    const one = { signed: agreement, status: 'proposed' };
    this.agreements.set(id, [...(this.agreements.get(id) ?? []), one]);
    return { body: this.view(one) };
  }

  private draft({ agreement }: Body): Answer {
    const document = agreement as unknown as Agreement;
    const { id, version } = document;
    const view = { id, version, digest: digestOf(document), status: 'draft', keptAt: Date.now(), agreement: document };
    this.drafts.push(view);
    return { body: view };
  }

  private sign(id: string, body: Body): Answer | undefined {
    const one = this.agreements.get(id)?.find(({ signed }) => digestOf(signed.document) === body.digest);
    if (!one) return undefined;
    one.signed = { ...one.signed, signatures: [...one.signed.signatures, ...(body.signatures ?? [])] };
    if (one.signed.signatures.length >= one.signed.document.parties.length) one.status = 'active';
    return { body: this.view(one) };
  }

  private standing(id: string): Answer | undefined {
    const one = this.agreements.get(id)?.at(-1);
    if (!one) return undefined;
    const all = [...this.published.values()];
    const acts = this.acts.filter((act) => act.document.agreementId === id);
    const documents = { entities: all.flatMap((o) => o.entities), certificates: all.flatMap((o) => o.certificates) };
    return {
      body: {
        agreementId: id,
        ...documents,
        agreement: one.signed,
        acts,
        statusLists: [],
        verdicts: [],
        annexes: this.annexes.filter((one) => one.id === id).map((one) => one.annex),
        flows: [],
        signals: this.signals,
      },
    };
  }

  private grant(id: string): Answer | undefined {
    const one = this.grants.get(id);
    return one && { body: grantView(one) };
  }

  private ask({ grant }: Body): Answer {
    if (!grant) return no(400, 'malformed');
    const one = { signed: grant, status: 'asked' };
    this.grants.set(grant.document.id, one);
    return { body: grantView(one) };
  }

  private approve(id: string, { signatures }: Body): Answer | undefined {
    const one = this.grants.get(id);
    if (!one) return undefined;
    one.signed = { ...one.signed, signatures: [...one.signed.signatures, ...(signatures ?? [])] };
    if (one.signed.signatures.length >= 3) one.status = 'active';
    return { body: grantView(one) };
  }
}

const grantView = ({ signed, status }: { signed: Signed<Grant>; status: string }) => ({
  id: signed.document.id,
  agreementId: signed.document.agreementId,
  digest: digestOf(signed.document),
  status,
  grant: signed,
});
