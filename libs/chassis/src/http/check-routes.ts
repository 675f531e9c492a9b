import { RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { StartError } from '../fault.js';
import { ACCESS } from './access.js';

const FROM_OUTSIDE: readonly number[] = [
  RouteParamtypes.BODY,
  RouteParamtypes.QUERY,
  RouteParamtypes.PARAM,
  RouteParamtypes.HEADERS,
];

/**
 * Walks every route there is and throws one `StartError` that names all faults: a route without `@Access`, a parameter
 * without a schema (it would pass anything through), a route that changes something without its own `@HttpCode`.
 */
export function checkRoutes(discovery: DiscoveryService): void {
  const faults = discovery
    .getControllers()
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? faultsOf(metatype as Type<unknown>) : []));
  if (faults.length > 0)
    throw new StartError(`refusing to start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}

function faultsOf(controller: Type<unknown>): string[] {
  const prototype = controller.prototype as Record<string, unknown>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function') return [];
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    return method === undefined ? [] : routeFaults(controller, name, handler, method);
  });
}

function routeFaults(controller: Type<unknown>, name: string, handler: object, method: RequestMethod): string[] {
  const route = `${controller.name}.${name}`;
  const faults: string[] = [];
  if (Reflect.getMetadata(ACCESS, handler) === undefined)
    faults.push(`${route} does not declare who may call it (@Access)`);
  const changes = method !== RequestMethod.GET && method !== RequestMethod.HEAD;
  if (changes && Reflect.getMetadata(HTTP_CODE_METADATA, handler) === undefined) {
    faults.push(`${route} does not declare its status (@HttpCode)`);
  }
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  for (const [key, parameter] of Object.entries(parameters)) {
    const [kind] = key.split(':');
    if (FROM_OUTSIDE.includes(Number(kind)) && parameter.schema === undefined) {
      faults.push(`${route} takes a parameter without a schema`);
    }
  }
  return faults;
}
