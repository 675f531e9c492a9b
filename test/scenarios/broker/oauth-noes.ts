// A number in a name is the row of the published advisories of others that the test comes from.
import type { LoginProof } from '@interlock/domain';
import { keySigner, newPrivateKey } from '@interlock/proof';
import { SignJWT } from 'jose';
import { anOauthKey, JWT_BEARER, MACHINE } from './oauth-client.js';
import type { OauthWorld } from './oauth-world.js';
import { anId, VENDOR } from './two-companies.js';

/** What is asked at the token endpoint, and what the standard and our own table say to it. */
export type No = readonly [what: string, ask: (w: OauthWorld) => Promise<unknown>, error: string, code: string];

const idToken = (w: OauthWorld, header: object) =>
  new SignJWT({ iss: 'https://idp.vendor.example', sub: 'technician', aud: 'agent', nonce: 'n' })
    .setProtectedHeader({ alg: 'EdDSA', ...header })
    .sign(w.pair.who.vendorAgent.key);

const withProof = (over: Partial<LoginProof>) => async (w: OauthWorld) => {
  const { key, loginProof } = await w.technician(w.grant, over);
  return w.client.exchange(key, loginProof, w.details(w.grant));
};
const asking =
  (text: (w: OauthWorld) => string, over: Record<string, string> = {}) =>
  async (w: OauthWorld) => {
    const { key, loginProof } = await w.technician();
    return w.client.exchange(key, loginProof, text(w), over);
  };
const asserted = (modify: (header: object, payload: object) => void) => async (w: OauthWorld) => {
  const { key, loginProof } = await w.technician();
  const form = { assertion: loginProof, authorization_details: w.details(w.grant) };
  return w.client.token(key, JWT_BEARER, form, { modify });
};
const past = Math.floor(Date.now() / 1000);
export const NOES: readonly No[] = [
  [
    'an ID token of the person’s company (13: a token of another plane)',
    async (w: OauthWorld) =>
      w.client.exchange((await w.technician()).key, await idToken(w, { typ: 'JWT' }), w.details(w.grant)),
    'invalid_grant',
    'not_a_login_proof',
  ],
  [
    'an ID token that says it is a login proof',
    async (w: OauthWorld) =>
      w.client.exchange(
        (await w.technician()).key,
        await idToken(w, { typ: 'interlock-login-proof+jwt' }),
        w.details(w.grant),
      ),
    'invalid_client',
    'caller_unknown',
  ],
  [
    'a login proof that is called an ID token',
    asking((w) => w.details(w.grant), { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }),
    'invalid_grant',
    'not_a_login_proof',
  ],
  ['a login proof for another partner (25: audience)', withProof({ aud: VENDOR }), 'invalid_grant', 'wrong_audience'],
  [
    'a login proof that has expired (16)',
    withProof({ iat: past - 700, exp: past - 100 }),
    'invalid_grant',
    'token_expired',
  ],
  [
    'a login proof of the future',
    withProof({ iat: Math.floor(Date.now() / 1000) + 400, exp: Math.floor(Date.now() / 1000) + 900 }),
    'invalid_grant',
    'signed_in_the_future',
  ],
  [
    'a login proof signed by another company (26: names are proven)',
    async (w: OauthWorld) => {
      const { key, loginProof } = await w.technician(w.grant, {}, w.pair.who.buyerAgent.signer);
      return w.client.exchange(key, loginProof, w.details(w.grant));
    },
    'invalid_grant',
    'unknown_key',
  ],
  [
    'a login proof of a key that nobody published',
    async (w: OauthWorld) => {
      const { key, loginProof } = await w.technician(w.grant, {}, keySigner(VENDOR, newPrivateKey()));
      return w.client.exchange(key, loginProof, w.details(w.grant));
    },
    'invalid_grant',
    'unknown_key',
  ],
  [
    'a login proof for another grant (17: a binding mismatch is an error)',
    async (w: OauthWorld) => {
      const { key, loginProof } = await w.technician(w.grant, { grant: anId('grt') });
      return w.client.exchange(key, loginProof, w.details(w.grant));
    },
    'invalid_grant',
    'proof_of_other_grant',
  ],
  [
    'the login proof of somebody else (token substitution)',
    async (w: OauthWorld) =>
      w.client.exchange((await w.technician()).key, (await w.technician()).loginProof, w.details(w.grant)),
    'invalid_client',
    'caller_unknown',
  ],
  [
    'a DPoP proof of another key (wrong binding)',
    async (w: OauthWorld) => {
      const { key, loginProof } = await w.technician();
      const form = { assertion: loginProof, authorization_details: w.details(w.grant) };
      return w.client.token(key, JWT_BEARER, form, { dpop: anOauthKey(VENDOR, 'technician') });
    },
    'invalid_client',
    'caller_unknown',
  ],
  [
    'no DPoP proof (4: what is absent skips no check)',
    async (w: OauthWorld) => {
      const { key, loginProof } = await w.technician();
      return w.client.token(
        key,
        JWT_BEARER,
        { assertion: loginProof, authorization_details: w.details(w.grant) },
        { dpop: null },
      );
    },
    'invalid_dpop_proof',
    'dpop_wrong',
  ],
  [
    'a client assertion for another server',
    asserted((_header, payload) => Object.assign(payload, { aud: 'https://other.example' })),
    'invalid_client',
    'caller_unknown',
  ],
  [
    'a client that names itself otherwise (3: no word of its own counts)',
    asserted((_header, payload) => Object.assign(payload, { iss: `${VENDOR}/boss`, sub: `${VENDOR}/boss` })),
    'invalid_client',
    'caller_unknown',
  ],
  [
    'a grant that nobody has',
    asking((w) => w.details({ ...w.grant, id: anId('grt') })),
    'invalid_grant',
    'not_a_party',
  ],
  [
    'another action (14: what is decided is what is named)',
    asking((w) => w.details(w.grant, { actions: ['vnc'] })),
    'invalid_grant',
    'outside_grant',
  ],
  [
    'a resource of another organisation (15: names of their namer)',
    asking((w) => w.details(w.grant, { identifier: `${VENDOR}/press-7` })),
    'invalid_grant',
    'outside_grant',
  ],
  ['another audience', asking((w) => w.details(w.grant), { audience: VENDOR }), 'invalid_target', 'target_unknown'],
  [
    'details of another type',
    asking((w) => w.details(w.grant, { type: 'payment_initiation' })),
    'invalid_authorization_details',
    'details_malformed',
  ],
  ['details that are no JSON', asking((_w) => '[{'), 'invalid_authorization_details', 'details_malformed'],
  [
    'more in the details than is understood',
    asking((w) => w.details(w.grant, { privileges: ['admin'] })),
    'invalid_authorization_details',
    'details_malformed',
  ],
  [
    'a parameter that is not understood',
    asking((w) => w.details(w.grant), { actor_token: 'x' }),
    'invalid_request',
    'malformed',
  ],
  [
    'a way that does not exist',
    async (w: OauthWorld) => w.client.token((await w.technician()).key, 'password', { username: 'a', password: 'b' }),
    'unsupported_grant_type',
    'oauth_grant_unsupported',
  ],
  [
    'a machine that no grant names (23: entitled is who is named)',
    async (w: OauthWorld) =>
      w.client.token(anOauthKey(VENDOR, 'robot-1', w.robot.key), MACHINE, {
        authorization_details: w.details(w.grant),
      }),
    'invalid_grant',
    'subject_unknown',
  ],
  [
    'an agent that asks for itself (8: authority over others is none of one’s own)',
    async (w: OauthWorld) => w.client.token(w.vendorAgent, MACHINE, { authorization_details: w.details(w.grant) }),
    'unauthorized_client',
    'caller_not_allowed',
  ],
];
