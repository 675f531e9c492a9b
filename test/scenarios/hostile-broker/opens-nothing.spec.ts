import { createServer, type Server } from 'node:net';
import type { LocalId } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, signedJwt, signLoginProof, thumbprintOf } from '@interlock/proof';
import { BUYER, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { meddlingRelay } from './meddling-relay.js';
import { aPlant, comeTo, echo, enter, type Plant, ready, refusalOf, refused, stateOf, until } from './plant.js';

describe('a broker in the hands of an attacker', () => {
  let plant: Plant;
  beforeAll(async () => {
    plant = await aPlant();
    await ready(plant);
  });
  afterAll(() => plant[Symbol.asyncDispose]());

  it('(a) does not get in with a key of its own', async () => {
    const session = await enter(plant, {}, {}, newPrivateKey());
    expect(session).toMatchObject({ allowed: false });
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(a) cannot name its own key for the subject, with a ticket of its own for it', async () => {
    const leaf = thumbprintOf(publicJwkOf(newPrivateKey()));
    expect(await refused(plant, { leaf, loginProof: null }, { jkt: leaf })).toBe('subject_unknown');
    expect(await refused(plant, {}, { jkt: leaf })).toBe('no_ticket');
    // An offer that says two things of who comes is an error, and not whichever of them is true.
    expect(await refused(plant, { leaf }, { jkt: leaf })).toBe('not_the_holder');
    expect(await refused(plant, { leaf })).toBe('not_the_holder');
    const subject = { organisation: VENDOR, kind: 'person' as const, id: plant.right.claims.sub };
    for (const other of [{ id: 'somebody-else' as LocalId }, { organisation: BUYER }, { kind: 'machine' as const }])
      expect(await refused(plant, { subject: { ...subject, ...other } })).toBe('not_the_holder');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(b) gains nothing from a captured hello: another key cannot bring it', async () => {
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    expect(await comeTo(plant, offer, newPrivateKey())).toMatchObject({ allowed: false });
    expect(await refusalOf(plant, offer)).toBe('peer_key_mismatch');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(b) gains nothing from another ticket or proof inside the tunnel than was judged', async () => {
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    const other = await signLoginProof(
      { ...plant.right.claims, jti: 'fedcba9876543210' },
      plant.right.who.vendorAgent.signer,
    );
    expect(await comeTo(plant, { ...offer, loginProof: other })).toMatchObject({ refusal: { code: 'no_ticket' } });
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(b) gains nothing from a ticket for another session, gateway, grant or proof', async () => {
    const id = plant.right.who.gateway.id;
    for (const wrong of [
      { session: 'ses_zzzzzzzzzzzzzzzzzzzzzzzzzz' },
      { grant: 'grt_zzzzzzzzzzzzzzzzzzzzzzzzzz' },
      { gateway: { organisation: VENDOR, id } },
      { gateway: { organisation: BUYER, id: 'other-gateway' as LocalId } },
      { proof: `sha256:${'A'.repeat(43)}` },
    ])
      expect([wrong, await refused(plant, {}, wrong as never)]).toEqual([wrong, 'no_ticket']);
    expect(
      await refused(plant, {}, { exp: Math.floor(Date.now() / 1000) - 1, iat: Math.floor(Date.now() / 1000) - 60 }),
    ).toBe('token_expired');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(k) cannot pass off an ID token, however genuine, as a login proof', async () => {
    const { claims } = plant.right;
    const issuer = 'https://login.alpine-presses.example';
    const idToken = await new SignJWT({
      nonce: 'n-0S6_WzA2Mj',
      acr: claims.acr,
      auth_time: claims.auth_time,
      jkt: claims.jkt,
      grant: claims.grant,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'idp-1', typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(claims.sub)
      .setAudience('company-agent')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(newPrivateKey('P-256'));
    expect(await refused(plant, { loginProof: idToken })).toBe('malformed');
    // Even one that says the very same, by the very key that signs login proofs, is of another type.
    const sameWords = await signedJwt('JWT', claims, claims.iss, claims.iat, plant.right.who.vendorAgent.signer);
    expect(await refused(plant, { loginProof: sameWords })).toBe('wrong_type');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('(k) cannot sign a login proof, whether as itself or in the name of the vendor', async () => {
    const { claims, who } = plant.right;
    const { ticketSigner } = plant.broker;
    const asItself = await signLoginProof({ ...claims, iss: ticketSigner.organisation }, ticketSigner);
    expect(await refused(plant, { loginProof: asItself })).toBe('wrong_issuer');
    expect(await refused(plant, { loginProof: await signLoginProof(claims, ticketSigner) })).toBe('unknown_key');
    // A person's key of the right company is still no login key.
    expect(await refused(plant, { loginProof: await signLoginProof(claims, who.technician.signer) })).toBe(
      'wrong_purpose',
    );
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot stretch, reuse elsewhere or backdate a login proof', async () => {
    const { claims, who } = plant.right;
    const { iat } = claims;
    const proofs = [
      [{ exp: iat - 1, iat: iat - 300 }, 'token_expired'],
      [{ exp: iat + 901 }, 'token_too_long'],
      [{ iat: iat + 300, exp: iat + 600 }, 'signed_in_the_future'],
      [{ aud: VENDOR }, 'wrong_audience'],
      [{ grant: 'grt_zzzzzzzzzzzzzzzzzzzzzzzzzz' }, 'proof_of_other_grant'],
    ] as const;
    for (const [change, code] of proofs) {
      const loginProof = await signLoginProof({ ...claims, ...change } as never, who.vendorAgent.signer);
      expect([change, await refused(plant, { loginProof })]).toEqual([change, code]);
    }
    expect(await refused(plant, { action: 'vnc' as LocalId })).toBe('outside_grant');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('cannot make the gateway dial a relay that is not on the provisioning list', async () => {
    let dialled = 0;
    const decoy: Server = createServer((socket) => {
      dialled += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => decoy.listen(0, '127.0.0.1', resolve));
    const { port } = decoy.address() as { port: number };
    expect(await refused(plant, { relay: { host: '127.0.0.1', port } })).toBe('not_on_provisioning_list');
    expect(await refused(plant, { relay: { host: 'localhost', port: plant.relayPort } })).toBe(
      'not_on_provisioning_list',
    );
    expect(dialled).toBe(0);
    await new Promise((resolve) => decoy.close(resolve));
  });
});

describe('one admission', () => {
  it('carries one honest session, or this whole folder would prove nothing; and (b) never a second', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    const session = await comeTo(plant, offer);
    if (!session.allowed) throw new Error(session.refusal.code);
    expect(await echo(session.value, 'uptime\n')).toBe('uptime\n');
    expect(session.value.welcome.approvedBy).toEqual(['first-approver', 'second-approver']);
    session.value.close();
    await until(() => plant.broker.evidence.some((record) => record.kind === 'session.closed'));
    const before = plant.machine.bytes();
    plant.broker.say(offer);
    expect(await refusalOf(plant, offer)).toBe('ticket_used');
    const renamed = await plant.broker.offer(plant.right, plant.relayPort, { ticket: offer.ticket });
    plant.broker.say(renamed);
    expect(await refusalOf(plant, renamed)).toBe('no_ticket');
    expect(plant.machine.bytes()).toBe(before);
  });

  it('(c) ends at a relay that terminates TLS on both sides', async () => {
    await using relay = await meddlingRelay();
    await using plant = await aPlant({ relayPort: relay.port });
    await ready(plant);
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    expect(await comeTo(plant, offer)).toMatchObject({ refusal: { code: 'peer_key_mismatch' } });
    expect(await refusalOf(plant, offer)).toBe('peer_key_mismatch');
    expect(relay.read()).toBe('');
    expect(plant.machine.bytes()).toBe(0);
  });

  it('does not let a second session of the same name hide the first from every cut', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    const first = await comeTo(plant, offer);
    if (!first.allowed) throw new Error(first.refusal.code);
    // The vendor's own person plays along with the broker: another ticket, the same name.
    const again = await plant.broker.offer(
      plant.right,
      plant.relayPort,
      { session: offer.session },
      { session: offer.session },
    );
    plant.broker.say(again);
    await until(() => plant.heard.filter((line) => line.event === 'offer' && line.code === 'ticket_used').length === 1);
    expect((await stateOf(plant)).sessions).toHaveLength(1);
    first.value.close();
    await until(async () => (await stateOf(plant)).sessions.length === 0);
    plant.broker.say({
      ...again,
      ticket: (await plant.broker.offer(plant.right, plant.relayPort, {}, { session: offer.session })).ticket,
    });
    expect(await refusalOf(plant, offer)).toBe('ticket_used');
  });

  it('is not made for a second session of the same rendezvous, where a relay could join the two', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const offer = await plant.broker.offer(plant.right, plant.relayPort);
    plant.broker.say(offer);
    const first = await comeTo(plant, offer);
    if (!first.allowed) throw new Error(first.refusal.code);
    first.value.close();
    await until(async () => (await stateOf(plant)).sessions.length === 0);
    expect(await refused(plant, { rendezvous: offer.rendezvous })).toBe('ticket_used');
  });

  it('that outlives its ticket is still the only one of its name and its rendezvous', async () => {
    await using plant = await aPlant();
    await ready(plant);
    const exp = Math.floor(Date.now() / 1000) + 2;
    const offer = await plant.broker.offer(plant.right, plant.relayPort, {}, { exp });
    plant.broker.say(offer);
    const first = await comeTo(plant, offer);
    if (!first.allowed) throw new Error(first.refusal.code);
    await until(() => Date.now() > exp * 1000);
    const repeats = () => plant.heard.filter((line) => line.event === 'offer' && line.code === 'ticket_used').length;
    const { session, rendezvous } = offer;
    plant.broker.say(await plant.broker.offer(plant.right, plant.relayPort, { session }, { session }));
    await until(() => repeats() === 1);
    plant.broker.say(await plant.broker.offer(plant.right, plant.relayPort, { rendezvous }));
    await until(() => repeats() === 2);
    expect((await stateOf(plant)).sessions).toHaveLength(1);
  }, 30_000);
});
