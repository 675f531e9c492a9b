import {
  actorsOf,
  type DescribedRoute,
  type OperationInput,
  type OperationRow,
  type Repeats,
} from '@interlock/chassis';
import { problem } from '@interlock/contracts';
import { type JsonSchema, type SchemaBook, schemaBook } from './schema-book.js';

/** An OpenAPI 3.1 document, as plain JSON. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

export interface ApiFacts {
  /** Where companies reach the API. */
  readonly origin: string;
  readonly version: string;
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

const PROOF =
  'A JWS over method, target, body digest and origin of this one request, made with a key that its company published: ' +
  '`Authorization: Interlock <proof>`, or with the key that the login proof names. Good once, for 60 seconds.';

const ABOUT =
  'What companies call to agree, to grant, to reach and to prove. Every document is signed by its company and judged again by whoever acts on ' +
  'it: this API can deny and delay, and can never allow. What another company has does not exist here (404).\n\n' +
  'Refusals are RFC 9457 problems with a stable `code`. Every write says what holds when it is sent again; under the ' +
  'same `Idempotency-Key` it takes effect once and is answered as the first time. A list comes in pages: `after` takes the `next` of the page before. A reading has an `ETag`. A company has a budget of requests per second; who is over it gets 429 with `Retry-After`.';

/** One request that was really sent, and what was answered: recorded by `test/scenarios/broker/description.spec.ts`. */
export interface Exchange {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly status: number;
  readonly answer?: unknown;
}
export type Exchanges = Readonly<Record<string, Exchange>>;

/** The description of every route that is served, made from what the server itself checks. Throws for a route that says nothing of itself. */
export function openApiOf(
  routes: readonly DescribedRoute[],
  { origin, version }: ApiFacts,
  recorded: Exchanges,
): OpenApiDocument {
  const book = schemaBook();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of [...routes].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, `{${REST}}`);
    paths[path] = { ...paths[path], [route.method]: operationOf(route, book, recorded[route.id]) };
  }
  const failure = { [PROBLEM_TYPE]: { schema: book.use(problem) } };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Interlock federation API',
      version,
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: book.all(),
      responses: {
        Problem: { description: 'Refused or failed; `code` says why.', content: failure },
        TooMany: { ...TOO_MANY, content: failure },
      },
      securitySchemes: {
        callerProof: { type: 'http', scheme: 'Interlock', description: PROOF },
        loginProof: {
          type: 'apiKey',
          in: 'header',
          name: 'Interlock-Login-Proof',
          description: "Of a person's company.",
        },
      },
    },
  };
}

function operationOf(route: DescribedRoute, book: SchemaBook, example: Exchange | undefined): Record<string, unknown> {
  const { access, operation, id, method, status, inputs } = route;
  if (!access || !operation)
    throw new Error(`${method.toUpperCase()} ${route.path} does not say what it answers (@Operation)`);
  if (method !== 'get' && !operation.repeats)
    throw new Error(`${method.toUpperCase()} ${route.path} does not say what holds when it is sent again ("repeats")`);
  const actors = actorsOf(access);
  const body = inputs.find((input) => input.in === 'body');
  const tagged = method === 'get' && status === 200;
  const parameters = [
    ...inputs.flatMap((input) => (input.in === 'body' ? [] : parametersOf(input, book, example?.parameters))),
    ...(operation.repeats?.startsWith('by key') ? [IDEMPOTENCY_KEY] : []),
    ...(tagged ? [IF_NONE_MATCH] : []),
  ];
  return {
    operationId: id,
    summary: operation.summary,
    description: [
      actors.length === 0 ? `For anybody: ${access.because}.` : `For ${actors.join(', ')}.`,
      ...(operation.repeats ? [SENT_AGAIN[operation.repeats]] : []),
    ].join(' '),
    'x-interlock-actors': actors,
    ...(actors.length === 0 ? {} : { security: securityOf(actors) }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body && { requestBody: bodyOf(operation, book.use(body.schema), example?.body) }),
    responses: {
      [status]: answerOf(operation, book.use, example?.answer),
      ...(tagged ? { 304: UNCHANGED } : {}),
      ...(actors.length > 0 ? { 429: { $ref: '#/components/responses/TooMany' } } : {}),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const SENT_AGAIN: Readonly<Record<Repeats, string>> = {
  'by key': 'Sent again under its `Idempotency-Key` it takes effect once, and is answered as the first time.',
  'by key, judged anew':
    'Sent again under its `Idempotency-Key` it is judged anew: where it is still a yes, the first answer is given again, and where it is none any more it is refused.',
  'same bytes': 'The same body sent again changes nothing, with or without a key.',
  another: 'Sent again it is judged anew, and issues another short-lived credential; nothing that was agreed changes.',
  question: 'A question: it changes nothing, however often it is sent.',
};

/** What stands for everything behind the last slash. */
const REST = 'rest';

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body means the same request, sent again.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{8,200}$' },
};

/** Of every reading, see `tagAnswers`. */
const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` of an earlier answer: 304 without a body where it is still the same.',
  schema: { type: 'string' },
};

const UNCHANGED = { description: 'As the answer whose `ETag` was sent.' };
const TOO_MANY = {
  description: "The company's budget of requests is used up; come again after so many seconds.",
  headers: { 'Retry-After': { schema: { type: 'integer', minimum: 1 } } },
};

const securityOf = (actors: readonly string[]): readonly object[] =>
  actors.includes('connector') ? [{ callerProof: [] }, { callerProof: [], loginProof: [] }] : [{ callerProof: [] }];

const bodyOf = ({ takes = JSON_TYPE }: OperationRow, schema: JsonSchema, body: unknown): object => ({
  required: true,
  content: { [takes]: { schema, ...recordedAs(body) } },
});

function answerOf({ reply, type = JSON_TYPE }: OperationRow, use: SchemaBook['use'], answer: unknown): object {
  if (reply === null) return { description: 'Done.' };
  return { description: 'The answer.', content: { [type]: { schema: use(reply), ...recordedAs(answer) } } };
}

const recordedAs = (value: unknown): object =>
  value === undefined ? {} : { examples: { recorded: { summary: 'As it was really sent.', value } } };

/** A query comes as one schema whose members are the parameters; a path parameter has a name of its own. */
function parametersOf(
  { in: place, name, schema }: OperationInput,
  book: SchemaBook,
  given: Readonly<Record<string, string>> = {},
): object[] {
  const exampleOf = (named: string) => (given[named] === undefined ? {} : { example: given[named] });
  if (name !== undefined) {
    const shown = name === '*' ? REST : name;
    return [{ name: shown, in: place, required: place === 'path', schema: book.use(schema), ...exampleOf(shown) }];
  }
  return book.members(schema).map((member) => ({ ...member, in: place, ...exampleOf(member.name) }));
}
