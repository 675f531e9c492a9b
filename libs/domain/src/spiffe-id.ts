import { type LocalId, parseLocalId, type SubjectKind } from './names.js';

/** Who a machine or a program is, by the SPIFFE ID standard, section 2. */
export interface SpiffeId {
  readonly trustDomain: string;
  /** Begins with a slash, and is more than that. */
  readonly path: string;
}

export type WorkloadKind = Exclude<SubjectKind, 'person'>;

const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const SEGMENT = /^[a-zA-Z0-9._-]+$/;
const LONGEST = 2_048;

/**
 * Reads the id of a workload: no port, user, query, fragment or percent-encoding, and no segment that is empty, `.` or `..`. Undefined for anything
 * else, and for a trust domain's own id, which has no path and signs for others.
 */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > LONGEST || !text.startsWith('spiffe://')) return undefined;
  const [trustDomain = '', ...segments] = text.slice('spiffe://'.length).split('/');
  const isPath = segments.length > 0 && segments.every((one) => SEGMENT.test(one) && one !== '.' && one !== '..');
  return TRUST_DOMAIN.test(trustDomain) && isPath ? { trustDomain, path: `/${segments.join('/')}` } : undefined;
}

/** How a company names its machine or workload; undefined where the name cannot stand in a SPIFFE ID. */
export function spiffeIdOf(trustDomain: string, kind: WorkloadKind, id: LocalId): string | undefined {
  const text = `spiffe://${trustDomain}/${kind}/${id}`;
  return parseSpiffeId(text) && text;
}

/** Which machine or workload of its company an id names; undefined for an id that grants have no name for. */
export function workloadNamed({ path }: SpiffeId): { readonly kind: WorkloadKind; readonly id: LocalId } | undefined {
  const [, kind, ...rest] = path.split('/');
  const id = parseLocalId(rest.join('/'));
  return (kind === 'machine' || kind === 'workload') && id ? { kind, id } : undefined;
}
