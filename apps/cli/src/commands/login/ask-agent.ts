import { outgoingTraceparent } from '@interlock/company-side';
import { organisationId, problem, REFUSALS } from '@interlock/contracts';
import { allow, type Decision, type OrganisationId, refuse } from '@interlock/domain';
import { z } from 'zod';

/** The agent did not answer, or not as an agent. Nothing may be concluded from it. */
export class AgentUnavailable extends Error {
  override readonly name = 'AgentUnavailable';
}

export interface AgentCall {
  /** The agent's origin. */
  readonly agent: string;
  /** The person's session there; none for the ends of a login. */
  readonly accessToken?: string;
}

/** Asks the own company's agent. A refusal is a value; an agent that is not there is a fault. */
export const askAgent = <T>(call: AgentCall, target: string, shape: z.ZodType<T>): Promise<Decision<T>> =>
  send(call, 'GET', target, undefined, shape);

export const tellAgent = <T>(
  call: AgentCall,
  target: string,
  body: object,
  shape: z.ZodType<T>,
): Promise<Decision<T>> => send(call, 'POST', target, body, shape);

/** One file that the agent passes on, as its bytes. */
export async function fetchFromAgent(call: AgentCall, target: string): Promise<Decision<Buffer>> {
  const response = await reach(call, 'GET', target, undefined);
  if (response.ok) return allow(Buffer.from(await response.arrayBuffer()));
  return refusalIn(await response.json().catch(() => undefined), call.agent, response.status);
}

async function send<T>(
  call: AgentCall,
  method: string,
  target: string,
  body: object | undefined,
  shape: z.ZodType<T>,
): Promise<Decision<T>> {
  const response = await reach(call, method, target, body);
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return refusalIn(answer, call.agent, response.status);
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw new AgentUnavailable(`${call.agent} answered ${target} in a form that is not known here`);
  return allow(parsed.data);
}

async function reach(
  { agent, accessToken }: AgentCall,
  method: string,
  target: string,
  body: object | undefined,
): Promise<Response> {
  const response = await fetch(new URL(target, agent), {
    method,
    headers: {
      accept: 'application/json',
      traceparent: outgoingTraceparent(),
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(20_000),
  }).catch((cause: unknown) => {
    throw new AgentUnavailable(`${agent} does not answer; is your company's agent running, and is this its origin?`, {
      cause,
    });
  });
  return response;
}

function refusalIn(answer: unknown, agent: string, status: number): Decision<never> {
  const read = problem.safeParse(answer);
  if (!read.success) throw new AgentUnavailable(`${agent} answered ${status} without a reason`);
  const { code, clause, title, detail } = read.data;
  const known = Object.hasOwn(REFUSALS, code);
  const told = typeof detail === 'string' ? detail : known ? undefined : title;
  const words = code === 'login_needed' ? `run "interlock login --agent ${agent}"` : told;
  return refuse(code, { ...(clause !== undefined && { clause }), ...(words !== undefined && { detail: words }) });
}

const health = z.object({ organisation: organisationId });

/** The organisation an agent speaks for. */
export async function organisationOf(call: AgentCall): Promise<OrganisationId> {
  const answer = await askAgent(call, '/healthz', health);
  if (!answer.allowed) throw new AgentUnavailable(`${call.agent} does not say whose agent it is`);
  return answer.value.organisation;
}
