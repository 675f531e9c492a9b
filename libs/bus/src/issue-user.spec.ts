import { nkeyFromSeed } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import { aFlow, anAgreement, publisherOf, recipientOf } from '../test/agreements.js';
import { compileBus } from './compile.js';
import { type BusUserAsk, issueUser } from './issue-user.js';
import { verifyBusJwt } from './jwt.js';
import { regionKeys } from './region-keys.js';

const NOW = 1_000_000;
const keys = regionKeys(Buffer.alloc(32, 5));
const plan = (flows = [aFlow('a'), aFlow('b'), aFlow('c', { retentionSeconds: 7 })]) =>
  compileBus({ region: 'eu', agreements: [anAgreement('one', { flows })] }, (name) => keys.accountKeys(name).publicKey);
const publicKey = nkeyFromSeed('user', Buffer.alloc(32, 9)).publicKey;

const ask = (more: Partial<BusUserAsk> = {}) => {
  const template = more.template ?? publisherOf(plan(), 'one');
  const whole = { template, publicKey, lifeSeconds: 600, rightEndsAt: NOW + 9_000, ...more };
  return issueUser(whole, keys.accountKeys(template.account).signer, NOW);
};
const claims = (more: Partial<BusUserAsk> = {}) => {
  const issued = ask(more);
  if (!issued.allowed) throw new Error(issued.refusal.code);
  const template = more.template ?? publisherOf(plan(), 'one');
  const read = verifyBusJwt('user', issued.value.jwt, 'account', [keys.accountKeys(template.account).signer.publicKey]);
  return { ...issued.value, claims: read };
};

describe('a user of the bus', () => {
  it('may publish the flows of its gateway and hear its own inbox, and nothing else', () => {
    const { claims: read, inboxPrefix } = claims();
    const subjects = publisherOf(plan(), 'one').flows.map(({ subject }) => subject);
    expect(read?.nats).toMatchObject({ pub: { allow: subjects }, sub: { allow: [`${inboxPrefix}.>`] } });
    expect(inboxPrefix).toContain(publicKey);
  });

  it('may ask its durables and acknowledge, and nothing else', () => {
    const template = recipientOf(plan(), 'one');
    const allow = template.pulls.flatMap(({ next, ack }) => [next, ack]);
    expect(claims({ template }).claims?.nats).toMatchObject({ pub: { allow } });
    expect(allow).toHaveLength(4);
  });

  it('can be narrowed to some flows and some networks', () => {
    const [, second] = publisherOf(plan(), 'one').flows;
    const { claims: read } = claims({ flows: [second?.flowId ?? ''], src: ['192.0.2.0/24', '2001:db8::/32'] });
    expect(read?.nats).toMatchObject({ pub: { allow: [second?.subject] }, src: ['192.0.2.0/24', '2001:db8::/32'] });
  });

  it('never outlives the right it stands for', () => {
    expect(claims({ rightEndsAt: NOW + 9_000 }).expiresAt).toBe(NOW + 600);
    expect(claims({ rightEndsAt: NOW + 17 }).claims?.exp).toBe(NOW + 17);
  });

  it.each<[string, Partial<BusUserAsk>, string]>([
    ['a key of another kind', { publicKey: keys.operatorSigner.publicKey }, 'bus_user_key_invalid'],
    ['a key that is none', { publicKey: 'U'.repeat(56) }, 'bus_user_key_invalid'],
    ['a second under five minutes', { lifeSeconds: 299 }, 'bus_user_life_out_of_range'],
    ['a second over a quarter of an hour', { lifeSeconds: 901 }, 'bus_user_life_out_of_range'],
    ['no number of seconds', { lifeSeconds: Number.NaN }, 'bus_user_life_out_of_range'],
    ['a right that ends now', { rightEndsAt: NOW }, 'bus_user_right_ended'],
    ['a right that ends never', { rightEndsAt: Number.NaN }, 'bus_user_right_ended'],
    ['a network that is none', { src: ['192.0.2.0/33'] }, 'bus_user_source_invalid'],
    ['an address without its length', { src: ['192.0.2.1'] }, 'bus_user_source_invalid'],
    ['no network at all', { src: [] }, 'bus_user_source_invalid'],
    ['a flow of somebody else', { flows: ['a', 'z'] }, 'bus_user_flow_not_agreed'],
    ['no flow', { flows: [] }, 'bus_user_flow_not_agreed'],
    [
      'one of two flows of a durable',
      { template: recipientOf(plan(), 'one'), flows: ['a'] },
      'bus_user_flow_not_agreed',
    ],
    [
      'more flows than fit the line of a connect',
      { template: publisherOf(plan(Array.from({ length: 100 }, (_, n) => aFlow(`flow-${n}`))), 'one') },
      'bus_user_too_many_flows',
    ],
  ])('is refused for %s', (_why, more, code) => {
    expect(ask(more)).toMatchObject({ allowed: false, refusal: { code } });
  });

  it('is issued at both ends of the allowed life, and for a whole durable', () => {
    expect(claims({ lifeSeconds: 300 }).expiresAt).toBe(NOW + 300);
    expect(claims({ lifeSeconds: 900 }).expiresAt).toBe(NOW + 900);
    const template = recipientOf(plan(), 'one');
    expect(claims({ template, flows: ['a', 'b'] }).claims?.nats).toMatchObject({
      pub: { allow: template.pulls.filter(({ flows }) => flows.length === 2).flatMap(({ next, ack }) => [next, ack]) },
    });
  });
});
