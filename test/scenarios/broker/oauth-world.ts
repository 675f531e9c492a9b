import { randomBytes } from 'node:crypto';
import type { Agreement, Grant, LocalId, LoginProof } from '@interlock/domain';
import { signLoginProof } from '@interlock/proof';
import { anAgreement } from '@interlock/testkit/builders';
import { expect } from '@jest/globals';
import { aBroker } from './a-broker.js';
import { call, ok } from './a-caller.js';
import { anOauthClient, anOauthKey } from './oauth-client.js';
import { rightSteps } from './right-steps.js';
import { type Agreed, agreed, aPartnership, BUYER, publishBoth, VENDOR } from './two-companies.js';

function withMachines(who: Agreed['who']) {
  const plain = anAgreement(who, {}, Date.now());
  const remote = plain.terms.find((term) => term.type === 'remote-service');
  const login = { type: 're-login', seconds: 7_200, acr: ['pwd', 'passkey'] };
  const persons = [{ id: 'technician', login: 'guest-4711' }];
  const guests = { type: 'identity-provider', party: VENDOR, issuer: BUYER, persons };
  return {
    terms: [
      ...plain.terms,
      login as never,
      guests as never,
      { ...remote, type: 'machine-to-machine', ticketPattern: null } as never,
    ],
  };
}

/** A broker that knows two companies and a robot of the one that comes. */
export async function anOauthBroker() {
  const broker = await aBroker();
  const who = await aPartnership(Date.now());
  await publishBoth(broker, who);
  const robot = await who.vendor.holder('machine', 'robot-1', ['subject', 'call']);
  await ok(call(broker, who.vendorAgent.signer, 'PUT', '/v1/certificates', { certificates: [robot.certificate] }));
  return { broker, who, robot, client: await anOauthClient(broker) };
}
export type OauthBroker = Awaited<ReturnType<typeof anOauthBroker>>;

/** Two companies with rights for a technician and for a robot, and the key of each of them as a client of OAuth. */
export async function anOauthWorld({ broker, who, robot, client }: OauthBroker, roles: Partial<Agreement> = {}) {
  const pair = await agreed(broker, who, { ...withMachines(who), ...roles });
  const steps = rightSteps(broker, pair);
  async function living(over: Partial<Grant> = {}): Promise<Grant> {
    const asked = await steps.ask(over);
    await steps.approve(asked.grant, pair.who.approver);
    await steps.approve(asked.grant, pair.who.secondApprover);
    expect(await steps.statusOf(asked.grant)).toBe('active');
    return asked.grant;
  }
  const grant = await living();
  const gateway = anOauthKey(BUYER, 'plant-gateway', who.gateway.key);
  const vendorAgent = anOauthKey(VENDOR, 'agent', who.vendorAgent.key);
  const forRobot = (): Promise<Grant> =>
    living({
      kind: 'machine-to-machine',
      subjects: [{ organisation: VENDOR, kind: 'machine', id: 'robot-1' as LocalId }],
      ticket: null,
    });
  const details = (of: Grant, over: object = {}) =>
    JSON.stringify([
      { type: 'interlock_grant', grant: of.id, identifier: `${BUYER}/press-7`, actions: ['ssh'], ...over },
    ]);
  /** A connector of the technician, with what its company says of its key. */
  async function technician(
    of: Grant = grant,
    over: Partial<LoginProof> = {},
    signer = pair.who.vendorAgent.signer,
    key = anOauthKey(VENDOR, 'technician'),
  ) {
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: VENDOR, sub: 'technician' as LocalId, aud: BUYER, jkt: key.kid as LoginProof['jkt'], acr: 'pwd' },
      ...{ auth_time: iat, grant: of.id, iat, exp: iat + 600, jti: randomBytes(16).toString('base64url'), ...over },
    };
    return { key, loginProof: await signLoginProof(claims, signer) };
  }
  const aToken = async (of: Grant = grant) => {
    const { key, loginProof } = await technician(of);
    const { access_token } = await client.exchange(key, loginProof, details(of));
    return { key, loginProof, token: access_token };
  };
  const isActive = async (token: string, asker = gateway) => (await client.introspect(asker, token)).active;
  return {
    ...{ broker, pair, steps, client, grant, robot, gateway, vendorAgent },
    ...{ living, forRobot, details, technician, aToken, isActive },
  };
}
export type OauthWorld = Awaited<ReturnType<typeof anOauthWorld>>;
