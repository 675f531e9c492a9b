import { randomUUID } from 'node:crypto';
import type { Agreement, Grant } from '@interlock/domain';
import { BUYER, VENDOR } from '@interlock/testkit/builders';
import { SignJWT } from 'jose';
import { anOauthKey, EXCHANGE, type OauthKey } from './oauth-client.js';
import type { Stage } from './seven-steps.js';
import { aConnector } from './two-companies.js';

/** What the API says of itself. */
export async function readAbout({ yes }: Stage): Promise<void> {
  for (const id of [
    ...['answerHealth', 'liveHealth', 'readyHealth', 'openApiDescription', 'asyncApiDescription', 'pageDescription'],
    ...['allErrors', 'configurationAuthzen', 'metadataOauth'],
  ])
    await yes(id, { as: null });
  await yes('oneErrors', { as: null, with: { code: 'taken_away' } });
}

/** The decision point of AuthZEN, asked by the gateway of the owner. */
export async function askDecisions({ who, yes }: Stage): Promise<void> {
  const as = who.gateway.signer;
  const [subject, resource, action] = [
    { type: 'person', id: `${VENDOR}/technician` },
    { type: 'resource', id: `${BUYER}/press-7` },
    { name: 'ssh' },
  ];
  await yes('evaluationAuthzen', { as, body: { subject, resource, action } });
  await yes('evaluationsAuthzen', {
    as,
    body: { subject, resource, evaluations: [{ action }, { action: { name: 'vnc' } }] },
  });
  await yes('subjectsAuthzen', { as, body: { subject: { type: 'person' }, resource, action } });
  await yes('resourcesAuthzen', { as, body: { subject, resource: { type: 'resource' }, action } });
  await yes('actionsAuthzen', { as, body: { subject, resource } });
}

/** A token for the technician's connector, asked about by the gateway, and given back. */
export async function tradeTokens({ who, yes }: Stage, grant: Grant, origin: string): Promise<void> {
  const connector = await aConnector(who, grant.id, 'technician');
  const mine = anOauthKey(VENDOR, 'technician', connector.key);
  const gateway = anOauthKey(BUYER, who.gateway.id, who.gateway.key);
  const details = { type: 'interlock_grant', grant: grant.id, identifier: `${BUYER}/press-7`, actions: ['ssh'] };
  const taken = await yes<{ access_token: string }>('tokenOauth', {
    as: null,
    headers: { dpop: await dpopOf(mine, `${origin}/oauth/token`) },
    body: {
      ...(await asClient(mine, origin)),
      ...{ grant_type: EXCHANGE, subject_token: connector.loginProof },
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      authorization_details: JSON.stringify([details]),
    },
  });
  const token = taken.access_token;
  const active = async () =>
    yes<{ active: boolean }>('introspectOauth', { as: null, body: { ...(await asClient(gateway, origin)), token } });
  if (!(await active()).active) throw new Error('the token counts for nothing');
  // Twice, each with a proof of its own: what has ended stays so.
  for (const _time of [1, 2]) {
    const headers = {
      dpop: await dpopOf(mine, `${origin}/oauth/revoke`),
      'interlock-login-proof': connector.loginProof,
    };
    await yes('revokeOauth', { as: null, headers, body: { ...(await asClient(mine, origin)), token } });
    if ((await active()).active) throw new Error('the token outlived its end');
  }
}

const seconds = () => Math.floor(Date.now() / 1000);

async function asClient({ organisation, id, key, kid }: OauthKey, origin: string) {
  const client = `${organisation}/${id}`;
  const claims = { iss: client, sub: client, aud: origin, jti: randomUUID(), iat: seconds(), exp: seconds() + 60 };
  return {
    client_id: client,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid }).sign(key),
  };
}

const dpopOf = ({ key, jwk }: OauthKey, htu: string) =>
  new SignJWT({ htm: 'POST', htu, iat: seconds(), jti: randomUUID() })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: { ...jwk } })
    .sign(key);

/** What a party asks of its log beside the records: how many, its state, that it continues, its tiles; holds it, and erases what is due. */
export async function readTheLog({ who, yes }: Stage, { id: log }: Agreement, size: number): Promise<void> {
  const as = who.buyerAgent.signer;
  await yes('eventsAudit', { as, with: { log, kind: 'session.admitted', limit: '1' } });
  await yes('countsAudit', { as, with: { log, by: 'outcome' } });
  await yes('checkpointAudit', { as, with: { log } });
  await yes('consistencyAudit', { as, with: { log, from: '1', to: String(size) } });
  await yes('checkpointLogs', { as, with: { log } });
  await yes('tileLogs', { as, with: { log, rest: `tile/0/000.p/${size}`.slice('tile/'.length) } });
  await yes('holdAudit', { as, with: { log }, body: { held: true } });
  await yes('holdAudit', { as, with: { log }, body: { held: false } });
  await yes('holdsAudit', { as, with: { log } });
  const documents = [`sha256:${'A'.repeat(43)}`];
  await yes('receivedAudit', { as, with: { log }, body: { kind: 'data.received', documents, count: 1 } });
  await yes('eraseAudit', { as, with: { log } });
  await yes('erasePersonAudit', { as, with: { log }, body: { person: 'first-approver' } });
}
