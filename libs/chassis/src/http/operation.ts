import { RequestMethod, SetMetadata, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS, type AccessRow } from './access.js';

/** What a route promises to whoever reads the API's description. `Schema` is the kind of schema this service describes with. */
export interface OperationRow<Schema = unknown> {
  /** One sentence, as for a stranger. */
  readonly summary: string;
  /** The body of the answer; null where it has none. */
  readonly reply: Schema | null;
  /** What holds when the same request is sent again; every route says it that is no GET. */
  readonly repeats?: Repeats;
  /** Media type of the answer where it is not JSON. */
  readonly type?: string;
  /** Media type of the request's body where it is not JSON. */
  readonly takes?: string;
}

/**
 * `by key`: under the same `Idempotency-Key` it is answered as it was the first time, and takes effect once. `by key, judged anew`: so too, where the answer
 * would still be a yes now; what was one before a cut is none after it. `same bytes`: the same body again changes nothing. `another`: each asking
 * gives a credential of its own, which ends by itself. `question`: it changes nothing.
 */
export type Repeats = 'by key' | 'by key, judged anew' | 'same bytes' | 'another' | 'question';

export const OPERATION = 'interlock:operation';

/** Declares what a route does and answers; the description of the API is made from it. */
export const Operation = (row: OperationRow): MethodDecorator => SetMetadata(OPERATION, row);

/** One place a request can carry something in, with the schema it is checked by. */
export interface OperationInput {
  readonly in: 'body' | 'query' | 'path' | 'header';
  /** The name of a path parameter; undefined where the schema names its members itself. */
  readonly name: string | undefined;
  readonly schema: unknown;
}

/** A route as its decorators declare it. */
export interface DescribedRoute {
  /** Unique in the service: the handler's name and its controller's. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';
  /** With `:name` for parameters, as the router takes it. */
  readonly path: string;
  readonly access: AccessRow | undefined;
  readonly operation: OperationRow | undefined;
  readonly status: number;
  readonly inputs: readonly OperationInput[];
}

const PLACES: Readonly<Record<number, OperationInput['in']>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.PARAM]: 'path',
  [RouteParamtypes.HEADERS]: 'header',
};

/** Every route of the running service, from the same decorators that the server obeys: a description cannot differ from it. */
export function describedRoutes(discovery: DiscoveryService): readonly DescribedRoute[] {
  return discovery
    .getControllers()
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? routesOf(metatype as Type<unknown>) : []));
}

function routesOf(controller: Type<unknown>): DescribedRoute[] {
  const prototype = controller.prototype as Record<string, unknown>;
  const root = String(Reflect.getMetadata(PATH_METADATA, controller) ?? '');
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function') return [];
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const own = String(Reflect.getMetadata(PATH_METADATA, handler) ?? '');
    return [
      {
        id: `${name}${controller.name.replace(/Controller$/, '')}`,
        method: RequestMethod[method].toLowerCase() as DescribedRoute['method'],
        path: `/${[root, own]
          .map((part) => part.replace(/^\/|\/$/g, ''))
          .filter(Boolean)
          .join('/')}`,
        access: Reflect.getMetadata(ACCESS, handler) as AccessRow | undefined,
        operation: Reflect.getMetadata(OPERATION, handler) as OperationRow | undefined,
        status: Number(Reflect.getMetadata(HTTP_CODE_METADATA, handler) ?? 200),
        inputs: inputsOf(controller, name),
      },
    ];
  });
}

function inputsOf(controller: Type<unknown>, handler: string): OperationInput[] {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
    string,
    { schema?: unknown; data?: unknown }
  >;
  return Object.entries(parameters).flatMap(([key, { schema, data }]) => {
    const place = PLACES[Number(key.split(':')[0])];
    if (place === undefined || schema === undefined) return [];
    return [{ in: place, name: typeof data === 'string' ? data : undefined, schema }];
  });
}
