import { Access, Caller, Clock, Operation, orRefuse, Refused, SETTINGS } from '@interlock/chassis';
import {
  GRANT_DETAILS_TYPE,
  type GrantDetails,
  grantDetails,
  IssueToken,
  OAUTH_ACCESS_TOKEN,
  OAUTH_GRANTS,
  OAUTH_JWT,
  type OauthTokenForm,
  oauthIntrospection,
  oauthMetadata,
  oauthShownToken,
  oauthToken,
  oauthTokenForm,
  ReadToken,
  RevokeToken,
} from '@interlock/contracts';
import { parseLocalId, parseOrganisationId, type ResourceRef } from '@interlock/domain';
import { digestOfToken } from '@interlock/proof';
import { Body, Controller, Get, Header, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';
import { originOf, type Settings } from '../settings.js';
import { OauthFilter } from './oauth.filter.js';

const FORM = 'application/x-www-form-urlencoded';
const SIGNED_BY_CLIENT = ['private_key_jwt'];
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'];
const noBody = z.strictObject({});

/**
 * OAuth for enforcement points of others: tokens that advise of a right. Nothing of ours opens by one. Who calls is proven in the form (RFC
 * 7523) and, at the token endpoint, by a DPoP proof of the same key (RFC 9449).
 */
@Controller()
@UseFilters(OauthFilter)
export class OauthController {
  constructor(
    private readonly services: Services,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Get('.well-known/oauth-authorization-server')
  @Operation({ summary: 'Where tokens are asked for, asked about and ended (RFC 8414).', reply: oauthMetadata })
  @Access({ actor: 'anyone', because: 'the metadata says where to ask and nothing else (RFC 8414, section 3)' })
  metadata() {
    const issuer = originOf(this.settings);
    return {
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      response_types_supported: [],
      grant_types_supported: Object.values(OAUTH_GRANTS),
      token_endpoint_auth_methods_supported: SIGNED_BY_CLIENT,
      token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      introspection_endpoint_auth_methods_supported: SIGNED_BY_CLIENT,
      introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      revocation_endpoint_auth_methods_supported: SIGNED_BY_CLIENT,
      revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      dpop_signing_alg_values_supported: ALGORITHMS,
      authorization_details_types_supported: [GRANT_DETAILS_TYPE],
    };
  }

  @Post('oauth/token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Takes a login proof or a machine’s own word for a token.',
    reply: oauthToken,
    repeats: 'another',
    takes: FORM,
  })
  @Access({ actor: 'connector' })
  async token(@Caller() caller: EdgeCaller, @Body({ schema: oauthTokenForm }) form: OauthTokenForm) {
    const details = detailsOf(form.authorization_details);
    const resource = resourceOf(details);
    if (form.audience !== undefined && form.audience !== resource.owner) throw new Refused({ code: 'target_unknown' });
    const { organisation, id, kind, thumbprint } = caller;
    const loginProof = loginProofOf(form);
    if ((kind === 'person') !== (loginProof !== null)) throw new Refused({ code: 'caller_not_allowed' });
    if (kind !== 'person' && kind !== 'machine' && kind !== 'workload')
      throw new Refused({ code: 'caller_not_allowed' });
    const [action] = details.actions;
    if (!action) throw new Refused({ code: 'details_malformed' });
    const { token, expiresAt } = orRefuse(
      await this.services.ask(IssueToken, {
        caller: { organisation, id, kind, thumbprint },
        ask: { grant: details.grant, resource, action, loginProof },
      }),
    );
    return {
      access_token: token,
      issued_token_type: OAUTH_ACCESS_TOKEN,
      token_type: 'DPoP',
      expires_in: Math.max(0, Math.floor((expiresAt - this.clock.now()) / 1000)),
      authorization_details: [details],
    };
  }

  @Post('oauth/introspect')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'What a token stands for now (RFC 7662).',
    reply: oauthIntrospection,
    repeats: 'question',
    takes: FORM,
  })
  @Access({ actor: ['agent', 'gateway', 'connector'] })
  async introspect(
    @Caller() { organisation }: EdgeCaller,
    @Body({ schema: oauthShownToken }) { token }: z.output<typeof oauthShownToken>,
  ) {
    const { token: read } = await this.services.ask(ReadToken, { organisation, digest: digestOfToken(token) });
    if (!read) return { active: false };
    const { subject, resource, action, grant, jkt } = read;
    const name = `${subject.organisation}/${subject.id}`;
    const identifier = `${resource.owner}/${resource.id}`;
    return {
      active: true,
      iss: originOf(this.settings),
      client_id: name,
      sub: name,
      aud: resource.owner,
      iat: Math.floor(read.issuedAt / 1000),
      exp: Math.floor(read.expiresAt / 1000),
      token_type: 'DPoP',
      cnf: { jkt },
      authorization_details: [{ type: GRANT_DETAILS_TYPE, grant, identifier, actions: [action] }],
      // By these whoever was shown the token decides whether to ask for another login (RFC 9470 section 6.2).
      ...(read.login && { acr: read.login.acr, auth_time: Math.floor(read.login.at / 1000) }),
      // Between two questions whoever asked may look there (IETF Token Status List): the subject's own company says it.
      ...(read.listed && { status: { status_list: read.listed } }),
    };
  }

  @Post('oauth/revoke')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Ends a token of the key that asks (RFC 7009).',
    reply: noBody,
    repeats: 'same bytes',
    takes: FORM,
  })
  @Access({ actor: 'connector' })
  async revoke(
    @Caller() { organisation, thumbprint }: EdgeCaller,
    @Body({ schema: oauthShownToken }) { token }: z.output<typeof oauthShownToken>,
  ) {
    return this.services.ask(RevokeToken, { organisation, thumbprint, digest: digestOfToken(token) });
  }
}

function loginProofOf(form: OauthTokenForm): string | null {
  if (form.grant_type === OAUTH_GRANTS.machine) return null;
  if (form.grant_type === OAUTH_GRANTS.jwtBearer) return form.assertion;
  if (form.subject_token_type !== OAUTH_JWT) throw new Refused({ code: 'not_a_login_proof' });
  return form.subject_token;
}

function detailsOf(text: string): GrantDetails {
  try {
    const [details] = z.array(grantDetails).length(1).parse(JSON.parse(text));
    if (details) return details;
  } catch {
    // Refused below, with what is wanted.
  }
  throw new Refused({ code: 'details_malformed' });
}

function resourceOf({ identifier }: GrantDetails): ResourceRef {
  const [name = '', id = '', ...rest] = identifier.split('/');
  const [owner, local] = [parseOrganisationId(name), parseLocalId(id)];
  if (!owner || !local || rest.length > 0) throw new Refused({ code: 'details_malformed' });
  return { owner, id: local };
}
