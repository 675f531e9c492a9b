import type { LocalId, Provisioning } from '@interlock/domain';
import { aRight } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, offerOf, press7, sceneOf } from '../../test/at-the-gateway.js';
import { provisionedFor } from '../../test/two-sides.js';
import { admitSession, targetOf } from './admit-session.js';

type Target = Provisioning['targets'][number];
/** Every machine of this maker leaves the factory with this address. */
const EQUAL = { host: '192.168.0.10', port: 22 };
const at = (resource: string, over: Partial<Target> = {}): Target => ({
  ...{ resource: id(resource), service: id('ssh'), ...EQUAL },
  ...over,
});
const refused = (code: string) => ({ allowed: false, refusal: { code } });

/** A gateway of the same company in another hall, with the twin of press-7 at the very same address. */
async function theOtherHall() {
  const scene = await sceneOf('remote-service', {});
  const own = { ...scene.self, document: { ...scene.self.document, targets: [at('press-7')] } };
  const twin = { ...scene.self.document, targets: [at('press-8')] };
  const other = { ...scene.self, gateway: id('hall-2'), resources: [id('press-8')] as LocalId[], document: twin };
  return { scene, own, other, offer: await offerOf(scene.right, id('ssh')) };
}

describe('machines of one address', () => {
  it('behind two gateways are told apart: a right to one opens nothing at the gateway of its twin', async () => {
    const { scene, own, other, offer } = await theOtherHall();
    expect(await admitSession(offer, { ...scene, self: own })).toMatchObject({ allowed: true });
    const anew = { ...scene, ticketsSeen: new Map<string, number>() };
    expect(await admitSession(offer, { ...anew, self: other })).toMatchObject(refused('not_on_provisioning_list'));
    // Were both machines on its list, the broker's admission would still name one gateway.
    const both = { ...other, resources: [id('press-7'), id('press-8')] };
    expect(await admitSession(offer, { ...anew, self: both })).toMatchObject(refused('no_ticket'));
    expect(targetOf(other, id('press-7'), id('ssh'))).toBeUndefined();
  });

  it('behind one gateway are dialled by the name that was granted, each by its own network', async () => {
    const right = await aRight({}, Date.now());
    const targets = [at('press-7', { from: '10.0.7.2' }), at('press-8', { from: '10.0.8.2' })];
    const self = provisionedFor(right, { targets });
    expect(targetOf(self, id('press-7'), id('ssh'))).toMatchObject({ ...EQUAL, from: '10.0.7.2' });
    expect(targetOf(self, id('press-8'), id('ssh'))).toMatchObject({ ...EQUAL, from: '10.0.8.2' });
    // Nothing else finds a machine: neither its address nor another service of it.
    expect(targetOf(self, id('192.168.0.10'), id('ssh'))).toBeUndefined();
    expect(targetOf(self, id('press-7'), id('vnc'))).toBeUndefined();
  });

  it('keep vendors apart: no offer takes a right to the other machine, another agreement, or a meeting place in use', async () => {
    const { scene, own, offer } = await theOtherHall();
    const self = { ...own, resources: [id('press-7'), id('press-8')] };
    const swapped = { ...offer, resource: { ...press7, id: id('press-8') } };
    expect(await admitSession(swapped, { ...scene, self })).toMatchObject(refused('outside_grant'));
    const another = { ...scene.held, digest: 'sha256:of-another-vendor' as typeof scene.held.digest };
    const anew = { ...scene, ticketsSeen: new Map<string, number>() };
    expect(await admitSession(offer, { ...anew, self, held: another })).toMatchObject(refused('not_what_is_held'));
    const taken = new Map([[offer.rendezvous as string, Number.POSITIVE_INFINITY]]);
    expect(await admitSession(offer, { ...scene, self, ticketsSeen: taken })).toMatchObject(refused('ticket_used'));
  });
});
