import type { CallerVerifier } from '@interlock/chassis';
import { publishCertificates } from '@interlock/contracts';
import type { Callers } from '../callers/callers.js';

/** Header in which a person's connector shows its login proof where the request has no body for it. */
export const LOGIN_PROOF_HEADER = 'interlock-login-proof';

const CERTIFICATES = '/v1/certificates';

/** Proves the caller of a route before a handler reads anything: method, target and body bytes are inside the proof. */
export const verifyCaller =
  (callers: Callers): CallerVerifier =>
  async (request, allowed) => {
    const proven = {
      method: request.method,
      target: request.raw.url ?? '',
      body: request.rawBody ?? new Uint8Array(),
      authorization: request.headers.authorization,
      published: request.routeOptions.url === CERTIFICATES ? broughtCertificates(request.body) : [],
    };
    const loginProof = allowed.includes('connector') ? shownLoginProof(request.body, request.headers) : undefined;
    return loginProof === undefined ? callers.certified(proven) : callers.person(proven, loginProof);
  };

function broughtCertificates(body: unknown) {
  const read = publishCertificates.safeParse(body);
  return read.success ? read.data.certificates : [];
}

function shownLoginProof(body: unknown, headers: Readonly<Record<string, unknown>>): string | undefined {
  const inHeader = headers[LOGIN_PROOF_HEADER];
  if (typeof inHeader === 'string') return inHeader;
  const inBody = typeof body === 'object' && body !== null && 'loginProof' in body ? body.loginProof : undefined;
  return typeof inBody === 'string' ? inBody : undefined;
}
