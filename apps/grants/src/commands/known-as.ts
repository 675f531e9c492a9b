import type { AskOf, OpenSession } from '@interlock/contracts';
import { subjectOfLogin } from '@interlock/domain';
import type { LookedAt } from './look-at.js';

type Caller = AskOf<typeof OpenSession>['caller'];

/**
 * Who asks, under the name by which the right knows him. Whoever logged in at the owner of the machine, where the agreement has that, is a person of
 * the subject's company in every record and in what he hears.
 */
export function knownAs<A extends { readonly caller: Caller }>(ask: A, { grant, material }: LookedAt): A {
  const { caller } = ask;
  if (caller.kind !== 'person') return ask;
  const subject = subjectOfLogin(material.view.agreement.document, grant.document, caller);
  return subject ? { ...ask, caller: { ...caller, organisation: subject.organisation, id: subject.id } } : ask;
}
