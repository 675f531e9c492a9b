import { type LocalId, parseLocalId } from '../names.js';

/** An action taken apart: a service, and the functions of its protocol that are allowed; null where it is the whole service. */
export interface ActionParts {
  readonly service: LocalId;
  readonly functions: LocalId | null;
}

/** The narrower rights that can be enforced, by the service in whose protocol they mean something. Any other is refused by name. */
export const FUNCTION_RIGHTS: Readonly<Record<string, readonly string[]>> = { modbus: ['read'] };

/** `modbus`, or `modbus:read`: the service of that name, and of its functions only those that read. */
export function actionParts(action: string): ActionParts | undefined {
  const [name = '', right, ...more] = action.split(':');
  const service = parseLocalId(name);
  if (!service || more.length > 0) return undefined;
  if (right === undefined) return { service, functions: null };
  const functions = parseLocalId(right);
  return functions && { service, functions };
}

/** An action of a grant: a service or a data product by the owner's name, or a function right in a service. */
export const parseAction = (text: string): LocalId | undefined => (actionParts(text) ? (text as LocalId) : undefined);

/** The service an action is carried out on; an action that cannot be read is a service nobody has. */
export const serviceOf = (action: LocalId): LocalId => actionParts(action)?.service ?? action;

/**
 * Whether the action lies inside one that was agreed: the same one, or a right to some functions of a service agreed as a whole. Never the
 * other way about, and never a right that nothing here can enforce.
 */
export function actionWithin(action: LocalId, agreed: LocalId): boolean {
  const parts = actionParts(action);
  if (!parts) return false;
  if (parts.functions === null) return action === agreed;
  // Own rows only: `constructor` is a name that a service may have.
  const rights = Object.hasOwn(FUNCTION_RIGHTS, parts.service) ? FUNCTION_RIGHTS[parts.service] : undefined;
  const enforced = rights?.includes(parts.functions) ?? false;
  return enforced && (action === agreed || parts.service === agreed);
}
