import type { ServiceName } from '@interlock/contracts';
import { StartError } from '../fault.js';

/** Which services may send what this handler hears. The bus server stamps the sender into the subject. */
export interface ServiceAccess {
  readonly actor: 'service';
  readonly services: readonly ServiceName[];
}

/** Throws `StartError` for a handler that does not say who may call it: it would otherwise be open to everybody. */
export function requireAccess(handler: { readonly access?: ServiceAccess }, name: string): void {
  if (handler.access?.actor !== 'service' || !handler.access.services?.length) {
    throw new StartError(`${name} does not declare who may call it; add access: { actor: 'service', services: [...] }`);
  }
}

/** Whether this sender is on the handler's list. An unknown sender is not. */
export const mayCall = (access: ServiceAccess, sender: string | undefined): boolean =>
  access.services.some((service) => service === sender);
