import { aPartnership, NOW } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { RememberedRings } from './index.js';

describe('rings that are remembered', () => {
  it('take no more than their bytes, the oldest going first, and none that is larger alone', async () => {
    const { vendor, buyer, pins } = await aPartnership();
    const one = JSON.stringify([[vendor.entity], [], [...pins]]).length;
    const rings = new RememberedRings(Math.ceil(one * 1.5));
    const first = await rings.of([vendor.entity], [], pins, NOW);
    expect(await rings.of([vendor.entity], [], pins, NOW)).toEqual(first);
    expect(rings.size).toEqual({ rings: 1, bytes: one });
    await rings.of([buyer.entity], [], pins, NOW);
    expect(rings.size.rings).toBe(1);
    await rings.of([vendor.entity, buyer.entity], [], pins, NOW);
    expect(rings.size.rings).toBe(1);
    expect(rings.size.bytes).toBeLessThanOrEqual(one * 1.5);
    expect(await rings.of([{ ...vendor.entity, signatures: [] }], [], pins, NOW)).toMatchObject({ allowed: false });
    expect(rings.size.rings).toBe(1);
  });

  it('answer for the very documents and pins they were made of, and for no other', async () => {
    const { vendor, buyer, pins, technician } = await aPartnership();
    const rings = new RememberedRings();
    const given = [[vendor.entity, buyer.entity], [technician.certificate]] as const;
    expect(await rings.of(...given, pins, NOW)).toMatchObject({ allowed: true });
    const swapped = new Map([...pins, [vendor.organisation, buyer.pin] as const]);
    expect(await rings.of(...given, swapped, NOW)).toMatchObject({ allowed: false });
    const { document, signatures } = technician.certificate;
    const altered = { document: { ...document, purposes: ['grant', 'approve'] }, signatures };
    expect(await rings.of(given[0], [altered], pins, NOW)).toMatchObject({ allowed: false });
  });
});
