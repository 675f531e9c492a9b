import type { Signer } from '@interlock/proof';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Broker } from './a-broker.js';
import { call } from './a-caller.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
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
}

/** A client that knows nothing but the served description: operations by their id, each answer held against its declared schema. */
export function clientOf(broker: Broker, description: Description) {
  const schemas = new Ajv2020({ strict: false, validateFormats: false });
  schemas.addSchema({ $id: 'api', components: description.components });
  const operations = new Map(
    Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [operation.operationId, { path, method, operation }] as const,
      ),
    ),
  );
  const conforms = (operation: Operation, status: number, answer: unknown) => {
    const found = operation.responses[status] ?? operation.responses.default;
    const schema = found?.content?.['application/json']?.schema;
    if (!schema) return;
    const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
    const check = schemas.compile(JSON.parse(text) as object);
    if (!check(answer)) throw new Error(`${operation.operationId} ${status}: ${schemas.errorsText(check.errors)}`);
  };
  return {
    ids: [...operations.keys()],
    call: async (id: string, { as, with: given = {}, body, headers = {} }: CallOptions) => {
      const known = operations.get(id);
      if (!known) throw new Error(`the description knows no ${id}`);
      const { path, method, operation } = known;
      const query = new URLSearchParams();
      for (const one of operation.parameters ?? []) {
        const value = given[one.name];
        if (one.in === 'query' && value !== undefined) query.set(one.name, value);
      }
      const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
      const whole = query.size > 0 ? `${target}?${query}` : target;
      const answer = await call(broker, as, method.toUpperCase(), whole, body, headers);
      conforms(operation, answer.status, answer.body);
      return answer;
    },
  };
}
