import { Clock, SETTINGS } from '@interlock/chassis';
import { CLIENT_ASSERTION_TYPE, OAUTH_GRANTS, type RefusalCode } from '@interlock/contracts';
import { allow, type Decision, type PublicJwk, parseThumbprint, refuse } from '@interlock/domain';
import { type ClaimedClient, peekClient, saysLoginProof, verifyClientAssertion, verifyDpop } from '@interlock/proof';
import { Inject, Injectable } from '@nestjs/common';
import { Callers, type EdgeCaller } from '../callers/callers.js';
import { KnownKeys } from '../callers/known-keys.js';
import { UsedProofs } from '../callers/used-proofs.js';
import { originOf, type Settings } from '../settings.js';

/** A request to an OAuth endpoint, as far as it says who makes it. */
export interface OauthRequest {
  readonly path: string;
  readonly form: Readonly<Record<string, unknown>>;
  /** The header `DPoP`; an array where it was sent more than once. */
  readonly dpop: string | readonly string[] | undefined;
  /** Of a person's connector, where the form has no place for it. */
  readonly loginProof: string | undefined;
}

const OAUTH_TOKEN_PATH = '/oauth/token';
const WAYS: readonly string[] = Object.values(OAUTH_GRANTS);

/**
 * Who calls an OAuth endpoint: a client that signs its own assertion (`private_key_jwt`). Its keys are the published ones of the caller; for
 * a person's connector it is the key that the login proof names. At the token endpoint the same key makes the DPoP proof, so that a token is
 * never bound to a key that nobody vouched for.
 */
@Injectable()
export class OauthClients {
  constructor(
    private readonly callers: Callers,
    private readonly keys: KnownKeys,
    private readonly used: UsedProofs,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async authenticate({ form, path, ...shown }: OauthRequest): Promise<Decision<EdgeCaller, RefusalCode>> {
    const isToken = path === OAUTH_TOKEN_PATH;
    if (isToken && typeof form.grant_type === 'string' && !WAYS.includes(form.grant_type))
      return refuse('oauth_grant_unsupported');
    const loginProof = isToken ? loginProofIn(form) : allow(shown.loginProof);
    if (!loginProof.allowed) return loginProof;
    if (!isToken && loginProof.value === undefined) return this.client(form, undefined, undefined);
    const now = this.clock.now();
    if (typeof shown.dpop !== 'string') return refuse('dpop_wrong');
    const url = `${originOf(this.settings)}${path}`;
    const dpop = await verifyDpop(shown.dpop, { method: 'POST', url }, now);
    if (!dpop.allowed) return dpop;
    const { kid, key, jti, expiresAt } = dpop.value;
    const caller = await this.client(form, loginProof.value, key);
    if (!caller.allowed) return caller;
    const isBound = kid === caller.value.thumbprint && (await this.used.firstUse('dpop', kid, jti, expiresAt));
    return isBound ? caller : refuse('dpop_wrong');
  }

  private async client(
    form: OauthRequest['form'],
    loginProof: string | undefined,
    shown: PublicJwk | undefined,
  ): Promise<Decision<EdgeCaller, RefusalCode>> {
    const { client_assertion: assertion, client_assertion_type: type, client_id: named } = form;
    const claimed = typeof assertion === 'string' && type === CLIENT_ASSERTION_TYPE ? peekClient(assertion) : undefined;
    if (typeof assertion !== 'string' || !claimed) return refuse('caller_unknown');
    const client = `${claimed.organisation}/${claimed.id}`;
    if (named !== undefined && named !== client) return refuse('caller_unknown');
    const key = loginProof === undefined ? await this.published(claimed) : shown;
    if (!key) return refuse('caller_unknown');
    const expected = { client, audience: originOf(this.settings) };
    const held = await verifyClientAssertion(assertion, key, expected, this.clock.now());
    if (!held.allowed) return held;
    const holder = { ...held.value, organisation: claimed.organisation };
    const caller = await (loginProof === undefined
      ? this.callers.certifiedHolder(holder, [])
      : this.callers.personBehind(holder, loginProof));
    if (!caller.allowed) return caller;
    return caller.value.id === claimed.id ? allow(caller.value) : refuse('caller_unknown');
  }

  private async published({ organisation, kid }: ClaimedClient): Promise<PublicJwk | undefined> {
    const thumbprint = kid === undefined ? undefined : parseThumbprint(kid);
    const known = thumbprint && (await this.keys.of(organisation));
    return known?.ring.find(organisation, thumbprint as NonNullable<typeof thumbprint>, 'call')[0]?.key;
  }
}

/** What a person is vouched for with; undefined where a machine asks. Anything else in its place, above all an ID token, is refused. */
function loginProofIn(form: OauthRequest['form']): Decision<string | undefined, RefusalCode> {
  const token = form.subject_token ?? form.assertion;
  if (token === undefined) return allow(undefined);
  return typeof token === 'string' && saysLoginProof(token) ? allow(token) : refuse('not_a_login_proof');
}
