import { createHash } from 'node:crypto';
import type { Instant, ResourceRef, Right, SubjectRef } from '@interlock/domain';

type Engine = typeof import('@cedar-policy/cedar-wasm/nodejs');
type Uid = { readonly type: string; readonly id: string };

/** Bytes of a policy set; a company that has more runs a server for them. */
export const MOST_POLICY_BYTES = 256 * 1024;
/** Uses that one right may allow; who asks about more is told no. */
const MOST_USES = 1_000;

const TYPES = { person: 'Person', machine: 'Machine', workload: 'Workload' } as const;

let engine: Promise<Engine> | undefined;

/** Four megabytes of WebAssembly, read where the first policy is judged and nowhere else. */
function cedar(): Promise<Engine> {
  engine ??= import('@cedar-policy/cedar-wasm/nodejs');
  return engine;
}

/**
 * What is wrong with a policy set (Cedar, text); undefined where it can be judged by.
 *
 * @throws Error where the package `@cedar-policy/cedar-wasm` is not installed
 */
export async function policyFault(policies: string): Promise<string | undefined> {
  if (Buffer.byteLength(policies) > MOST_POLICY_BYTES) return `more than ${MOST_POLICY_BYTES} bytes`;
  const { checkParsePolicySet } = await cedar();
  const checked = checkParsePolicySet({ staticPolicies: policies });
  return checked.type === 'success' ? undefined : checked.errors.map(({ message }) => message).join('; ');
}

/**
 * Whether a policy set (Cedar, text) permits everything that a right allows: each of its subjects, each action on each resource. A set that cannot be read, a policy
 * that fails on one of these uses (Cedar would leave it out, were it a `forbid` too), and an engine that is not there: no.
 */
export async function allowedByPolicies(policies: string, right: Right, now: Instant): Promise<boolean> {
  const { subjects, resources, actions } = right;
  const uses = subjects.flatMap((subject) =>
    resources.flatMap((resource) => actions.map((action) => ({ subject, resource, action }))),
  );
  if (uses.length === 0 || uses.length > MOST_USES || Buffer.byteLength(policies) > MOST_POLICY_BYTES) return false;
  try {
    const { preparsePolicySet, statefulIsAuthorized } = await cedar();
    const name = createHash('sha256').update(policies).digest('hex');
    if (preparsePolicySet(name, { staticPolicies: policies }).type !== 'success') return false;
    const context = contextOf(right, now);
    return uses.every(({ subject, resource, action }) => {
      const [principal, thing] = [entityOf(subject), machineOf(resource)];
      const answer = statefulIsAuthorized({
        ...{ principal: principal.uid, action: { type: 'Action', id: action }, resource: thing.uid, context },
        ...{ preparsedPolicySetId: name, entities: [principal, thing] },
      });
      if (answer.type !== 'success') return false;
      return answer.response.decision === 'allow' && answer.response.diagnostics.errors.length === 0;
    });
  } catch {
    return false;
  }
}

interface Entity {
  uid: Uid;
  attrs: Record<string, string>;
  parents: Uid[];
}

const entityOf = ({ organisation, kind, id }: SubjectRef): Entity => ({
  uid: { type: TYPES[kind], id: `${organisation}/${id}` },
  attrs: { organisation, id },
  parents: [{ type: 'Organisation', id: organisation }],
});

const machineOf = ({ owner, id }: ResourceRef): Entity => ({
  uid: { type: 'Resource', id: `${owner}/${id}` },
  attrs: { owner, id },
  parents: [{ type: 'Organisation', id: owner }],
});

/** Times are milliseconds since 1970, as Long. A member that the right does not say is left out: `context has ticket` asks for it. */
const contextOf = ({ id, kind, purpose, ticket, windows, agreementId }: Right, now: Instant) => ({
  ...{ grant: id, kind, agreement: agreementId, now },
  ...(purpose !== null && { purpose }),
  ...(ticket !== null && { ticket }),
  begins: windows[0]?.from ?? 0,
  ends: windows.at(-1)?.to ?? 0,
});
