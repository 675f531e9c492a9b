import type { CallerVerifier } from '@interlock/chassis';
import { publishCertificates } from '@interlock/contracts';
import type { Callers } from '../callers/callers.js';
import type { OauthClients } from '../oauth/oauth-clients.js';

/** Header in which a person's connector shows its login proof where the request has no body for it. */
export const LOGIN_PROOF_HEADER = 'interlock-login-proof';

/** Whoever calls here proves it in the form, as the standards have it. */
const OAUTH = '/oauth/';
const CERTIFICATES = '/v1/certificates';

/** Proves the caller of a route before a handler reads anything: method, target and body bytes are inside the proof. */
export const verifyCaller =
  (callers: Callers, clients: OauthClients): CallerVerifier =>
  async (request, allowed) => {
    const route = request.routeOptions.url ?? '';
    if (route.startsWith(OAUTH)) {
      const dpop = request.raw.headersDistinct.dpop;
      const loginProof = shownLoginProof(undefined, request.headers);
      return clients.authenticate({
        loginProof,
        path: route,
        form: formOf(request.body),
        dpop: dpop?.length === 1 ? dpop[0] : dpop,
      });
    }
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

const formOf = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null ? { ...body } : {};

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
