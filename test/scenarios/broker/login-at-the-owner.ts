import type { LocalId } from '@interlock/domain';
import { digestOf, keySigner } from '@interlock/proof';
import { call } from './a-caller.js';
import { anOauthKey } from './oauth-client.js';
import type { OauthWorld } from './oauth-world.js';
import { BUYER } from './two-companies.js';

/** Everything that somebody asks of the broker who logged in at the buyer, under the name that it has for him. */
export async function loginAtTheOwner(
  { broker, client, details, grant, pair, steps, technician }: OauthWorld,
  name: string,
) {
  const key = anOauthKey(BUYER, name);
  const over = { iss: BUYER, sub: name as LocalId };
  const { loginProof } = await technician(grant, over, pair.who.buyerAgent.signer, key);
  const signer = keySigner(BUYER, key.key);
  const shown = { 'interlock-login-proof': loginProof };
  return {
    token: async () => (await client.exchange(key, loginProof, details(grant))).access_token,
    chain: async () =>
      (await call(broker, signer, 'GET', `/v1/grants/${grant.id}/chain`, undefined, shown)).code ?? 'shown',
    session: async () => (await steps.open(grant, {}, Promise.resolve({ signer, loginProof }))).code,
    recorded: async () =>
      broker.database.query<{ kind: string; clause: string | null }>(
        `select body ->> 'kind' as kind, body ->> 'clause' as clause from audit.appended
         where body ->> 'grant' = $1 and body ->> 'kind' = 'token.issued' order by position`,
        [digestOf(grant)],
      ),
  };
}
