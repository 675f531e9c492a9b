import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Admission,
  admission,
  agreementId,
  digest,
  holderRef,
  instant,
  organisationId,
  problem,
  signedCertificate,
  signedQuarantineRelease,
} from '@interlock/contracts';
import { allow, type Decision, type EntityDocument, refuse, type Signed } from '@interlock/domain';
import { z } from 'zod';
import { WrongUsage } from '../perform.js';
import type { CarriedAct } from '../read-act.js';

/** Where a gateway's own port is. Both come from the gateway's folder, so only who is in the plant can know the token. */
export interface LocalPort {
  readonly folder: string;
  /** In place of the port that the gateway wrote into its folder. */
  readonly port?: number;
}

const locked = z.looseObject({ locked: z.boolean(), closed: z.number().optional() });
const state = z.looseObject({
  gateway: z.string(),
  locked: z.boolean(),
  agreements: z.array(z.looseObject({ id: z.string(), version: z.number(), acts: z.number() })),
  sessions: z.array(z.looseObject({ session: z.string() })),
  flows: z.array(z.unknown()),
  activationNonce: z.string().optional(),
  program: z.looseObject({ version: z.string(), digest: z.string().nullable(), tzdata: z.string() }).optional(),
});
/** What a release is signed over; the bytes themselves stay in the gateway's folder. */
export const heldFinding = z.looseObject({
  ...{ agreementId, gateway: holderRef, flow: z.string(), content: digest, foundAt: instant, owner: organisationId },
  ...{ recipients: z.array(organisationId), reason: z.string().nullable(), signature: z.string().nullable() },
  ...{ observations: z.number(), releases: z.number() },
});
export type HeldFinding = z.infer<typeof heldFinding>;
const held = z.object({ findings: z.array(heldFinding) });
const released = z.object({ released: z.boolean(), missing: z.array(organisationId) });

/** A signed release with the certificate of its signer, as it goes to a gateway and in a file. */
export const broughtRelease = z.strictObject({
  release: signedQuarantineRelease,
  certificates: z.array(signedCertificate).max(64),
});
export type BroughtRelease = z.infer<typeof broughtRelease>;
export type GatewayState = z.infer<typeof state>;

/** Hands a signed act, with its chain, straight to a gateway, with the broker dead or lying. The gateway verifies it; this only carries it. */
export const handAct = (at: LocalPort, carried: CarriedAct): Promise<Decision<unknown>> =>
  call(at, 'POST', '/acts', z.unknown(), { ...carried });

/** Hands over what a root signed to revoke everything of its organisation. */
export const handRevokeAll = (at: LocalPort, entity: Signed<EntityDocument>): Promise<Decision<unknown>> =>
  call(at, 'POST', '/entities', z.unknown(), { entity });

/** Says a signed signal, with its chain, straight to a gateway. */
export const handSignal = (at: LocalPort, brought: object): Promise<Decision<unknown>> =>
  call(at, 'POST', '/signals', z.unknown(), brought);

/** Has a dormant grant used, by the word of an approver who is present; answers as a broker admits. */
export const activateAt = (at: LocalPort, brought: object): Promise<Decision<Admission>> =>
  call(at, 'POST', '/activations', admission, brought);

/** What is held back as not clean. */
export const heldAt = (at: LocalPort): Promise<Decision<z.infer<typeof held>>> => call(at, 'GET', '/findings', held);

/** Brings one person's release of what is held back; says whose is still missing. */
export const handRelease = (at: LocalPort, brought: BroughtRelease): Promise<Decision<z.infer<typeof released>>> =>
  call(at, 'POST', '/releases', released, brought);

/** Closes every session and flow of the gateway at once; only the plant can lift it. */
export const setLockout = (at: LocalPort, reason: string): Promise<Decision<z.infer<typeof locked>>> =>
  call(at, 'PUT', '/lockout', locked, { reason });

export const liftLockout = (at: LocalPort): Promise<Decision<z.infer<typeof locked>>> =>
  call(at, 'DELETE', '/lockout', locked);

export const gatewayState = (at: LocalPort): Promise<Decision<GatewayState>> => call(at, 'GET', '/state', state);

async function call<T>(
  at: LocalPort,
  method: string,
  path: string,
  shape: z.ZodType<T>,
  body?: object,
): Promise<Decision<T>> {
  const port = at.port ?? portIn(at.folder);
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${tokenIn(at.folder)}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new Error(`no gateway answers on 127.0.0.1:${port}; is it running? Its ready line names its port`, { cause });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) return refusalIn(answer, response.status);
  const parsed = shape.safeParse(answer);
  if (!parsed.success) throw new Error(`what answers on 127.0.0.1:${port} is not a gateway`);
  return allow(parsed.data);
}

function refusalIn(answer: unknown, status: number): Decision<never> {
  const read = problem.safeParse(answer);
  if (!read.success) throw new Error(`the gateway answered ${status} without a reason`);
  const { code, clause } = read.data;
  return refuse(code, clause === undefined ? {} : { clause });
}

const tokenIn = (folder: string): string => textIn(folder, 'local-token');
const portIn = (folder: string): number => Number(textIn(folder, 'local-port'));

function textIn(folder: string, name: string): string {
  const file = join(folder, 'state', name);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new WrongUsage(
      `${file} is not there or not yours to read: is ${folder} the folder of a gateway that was started? ` +
        (name === 'local-port' ? 'Else give --port' : ''),
      { cause },
    );
  }
}
