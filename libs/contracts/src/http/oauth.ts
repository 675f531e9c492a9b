import { z } from 'zod';
import { actionName, grantId, thumbprint } from '../documents/names.js';
import { listedAs } from '../documents/tokens.js';

/**
 * Bodies of the OAuth endpoints: forms, so every member is text. What a standard leaves open and is not understood here is refused, so that
 * nobody relies on what is not done.
 */
export const OAUTH_GRANTS = {
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  machine: 'client_credentials',
} as const;
export const OAUTH_JWT = 'urn:ietf:params:oauth:token-type:jwt';
export const OAUTH_ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** The one type of `authorization_details` (RFC 9396): a grant, the resource as `owner/name`, and the one action. */
export const GRANT_DETAILS_TYPE = 'interlock_grant';

const text = z.string().min(1).max(8_000);
export const oauthClient = {
  client_id: text.optional(),
  client_assertion_type: z.literal(CLIENT_ASSERTION_TYPE),
  client_assertion: text,
};
const forResource = { authorization_details: text, audience: text.optional() };

export const oauthExchangeForm = z.strictObject({
  ...oauthClient,
  ...forResource,
  grant_type: z.literal(OAUTH_GRANTS.exchange),
  subject_token: text,
  subject_token_type: text,
  requested_token_type: z.literal(OAUTH_ACCESS_TOKEN).optional(),
});
export const oauthJwtBearerForm = z.strictObject({
  ...oauthClient,
  ...forResource,
  grant_type: z.literal(OAUTH_GRANTS.jwtBearer),
  assertion: text,
});
export const oauthMachineForm = z.strictObject({
  ...oauthClient,
  ...forResource,
  grant_type: z.literal(OAUTH_GRANTS.machine),
});
export const oauthTokenForm = z.discriminatedUnion('grant_type', [
  oauthExchangeForm,
  oauthJwtBearerForm,
  oauthMachineForm,
]);
export type OauthTokenForm = z.output<typeof oauthTokenForm>;

/** A token that is shown to ask about it or to end it; hints change nothing (RFC 7009, RFC 7662 section 2.1). */
export const oauthShownToken = z.strictObject({
  ...oauthClient,
  token: text,
  token_type_hint: z.string().max(100).optional(),
});

export const grantDetails = z.strictObject({
  type: z.literal(GRANT_DETAILS_TYPE),
  grant: grantId,
  identifier: z.string().max(320),
  actions: z.array(actionName).length(1),
});
export type GrantDetails = z.output<typeof grantDetails>;

const issued = z.array(grantDetails).length(1);
export const oauthToken = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(OAUTH_ACCESS_TOKEN),
  token_type: z.literal('DPoP'),
  expires_in: z.number().int().min(0),
  authorization_details: issued,
});
/** Whatever is not a living token for whoever asks is `{"active":false}` and nothing else (RFC 7662 section 2.2). */
export const oauthIntrospection = z.union([
  z.strictObject({ active: z.literal(false) }),
  z.strictObject({
    active: z.literal(true),
    iss: z.string(),
    client_id: z.string(),
    sub: z.string(),
    aud: z.string(),
    iat: z.number().int(),
    exp: z.number().int(),
    token_type: z.literal('DPoP'),
    cnf: z.strictObject({ jkt: thumbprint }),
    authorization_details: issued,
    status: z.strictObject({ status_list: listedAs }).optional(),
    acr: z.string().optional(),
    auth_time: z.number().int().optional(),
  }),
]);
export type OauthIntrospection = z.output<typeof oauthIntrospection>;

const names = z.array(z.string());
export const oauthMetadata = z.strictObject({
  issuer: z.url(),
  token_endpoint: z.url(),
  introspection_endpoint: z.url(),
  revocation_endpoint: z.url(),
  response_types_supported: names,
  grant_types_supported: names,
  token_endpoint_auth_methods_supported: names,
  token_endpoint_auth_signing_alg_values_supported: names,
  introspection_endpoint_auth_methods_supported: names,
  introspection_endpoint_auth_signing_alg_values_supported: names,
  revocation_endpoint_auth_methods_supported: names,
  revocation_endpoint_auth_signing_alg_values_supported: names,
  dpop_signing_alg_values_supported: names,
  authorization_details_types_supported: names,
});
