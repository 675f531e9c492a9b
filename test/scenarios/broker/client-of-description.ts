import type { Signer } from '@interlock/proof';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Broker } from './a-broker.js';
import { proofFor } from './a-caller.js';

type Content = Readonly<Record<string, { readonly schema: object; readonly examples?: Examples }>>;
type Examples = Readonly<Record<string, { readonly value: unknown }>>;
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface CallOptions {
  readonly as: Signer | null;
  readonly with?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is sent whatever the description says of it. */
  readonly asWritten?: boolean;
}

/** What was asked and what was answered, once and really. */
export interface Exchange {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly answer?: unknown;
}

/** Held against the description, whatever is shown in place of a value: what is asked, and what is answered. */
export function schemasOf(description: Description) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: description.components });
  const checks = new Map<object, ReturnType<typeof ajv.compile>>();
  /** Throws for a value that is not what the schema says. */
  return (what: string, schema: object, value: unknown): void => {
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
    const check = checks.get(schema) ?? ajv.compile(JSON.parse(text) as object);
    checks.set(schema, check);
    if (!check(value)) throw new Error(`${what}: ${ajv.errorsText(check.errors)}`);
  };
}

const FORM = 'application/x-www-form-urlencoded';

/** A client that knows nothing but the served description: operations by their id, each body and each answer held against its declared schema. */
export function clientOf(broker: Pick<Broker, 'origin' | 'url'>, description: Description) {
  const conforms = schemasOf(description);
  const operations = new Map(
    Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [operation.operationId, { path, method, operation }] as const,
      ),
    ),
  );
  const known = (id: string) => {
    const found = operations.get(id);
    if (!found) throw new Error(`the description knows no ${id}`);
    return found;
  };
  const targetOf = (path: string, operation: Operation, given: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams();
    for (const { name, in: place } of operation.parameters ?? [])
      if (place === 'query' && given[name] !== undefined) query.set(name, given[name]);
    // What stands for the rest of a path keeps its slashes.
    const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURI(given[name] ?? ''));
    return query.size > 0 ? `${target}?${query}` : target;
  };
  return {
    ids: [...operations.keys()],
    takesKey: (id: string) => (known(id).operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key'),
    call: async (id: string, { as, with: given = {}, body, headers = {}, asWritten }: CallOptions) => {
      const { path, method, operation } = known(id);
      const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      if (content && body !== undefined && !asWritten) conforms(`the body of ${id}`, content.schema, body);
      const text = type === FORM ? String(new URLSearchParams(body as Record<string, string>)) : JSON.stringify(body);
      const bytes = body === undefined ? undefined : Buffer.from(text);
      const target = targetOf(path, operation, given);
      const response = await fetch(`${broker.url}${target}`, {
        method: method.toUpperCase(),
        headers: {
          ...(as ? { authorization: await proofFor(broker, as, method.toUpperCase(), target, bytes) } : {}),
          ...(bytes ? { 'content-type': type ?? 'application/json' } : {}),
          ...headers,
        },
        ...(bytes ? { body: bytes } : {}),
      });
      const raw = Buffer.from(await response.arrayBuffer());
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const answer: unknown = raw.length === 0 ? undefined : isJson ? JSON.parse(String(raw)) : String(raw);
      const { status } = response;
      const declared = operation.responses[status] ?? operation.responses.default;
      const schema = declared?.content?.['application/json']?.schema;
      if (schema && isJson) conforms(`${id} ${status}`, schema, answer);
      const code = response.ok ? undefined : (answer as { code?: string }).code;
      return { status, code, body: answer, raw };
    },
  };
}
export type ApiClient = ReturnType<typeof clientOf>;

/** Every example of the description, with the schema that it is one of. */
export function examplesOf(description: Description) {
  return Object.values(description.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId, requestBody, responses }) => {
      const of = (content: Content = {}) =>
        Object.values(content).flatMap(({ schema, examples = {} }) =>
          Object.values(examples).map(({ value }) => ({ schema, value })),
        );
      const answers = Object.entries(responses).flatMap(([, { content }]) => of(content));
      return { operationId, takesBody: requestBody !== undefined, asked: of(requestBody?.content), answers };
    }),
  );
}
