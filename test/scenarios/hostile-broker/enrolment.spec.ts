import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provisioning, Signed } from '@interlock/domain';
import { newPrivateKey, privateKeyToPem, signed } from '@interlock/proof';
import { aCompany, BUYER, VENDOR } from '@interlock/testkit/builders';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readProvisioning } from '../../../apps/edge-gateway/src/provisioning.js';
import { aPlant, type Plant } from './plant.js';

describe('(f) a gateway at its enrolment', () => {
  let plant: Plant;
  beforeAll(async () => {
    plant = await aPlant();
  }, 30_000);
  afterAll(() => plant[Symbol.asyncDispose]());

  /** Reads the folder as somebody changed it on its way to the gateway. */
  async function readWith(change: (folder: string) => Promise<void> | void) {
    const folder = mkdtempSync(join(tmpdir(), 'interlock-enrolment-'));
    try {
      cpSync(plant.folder, folder, { recursive: true });
      await change(folder);
      return await readProvisioning(folder, Date.now());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const write = (folder: string, name: string, content: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  const bundle = (folder: string) =>
    JSON.parse(readFileSync(join(folder, 'provisioning.json'), 'utf8')) as Signed<Provisioning>;

  it('takes what its own company gave it, or this file would prove nothing', async () => {
    expect(await readWith(() => undefined)).toMatchObject({ organisation: BUYER, gateway: 'plant-gateway' });
  });

  it('does not start with a swapped root of its own company or of the partner', async () => {
    const forged = await aCompany(BUYER, Date.now());
    await expect(readWith((folder) => write(folder, 'entity.json', forged.entity))).rejects.toThrow('root_mismatch');
    const pinned = (folder: string, organisation: string) => {
      const { document, signatures } = bundle(folder);
      const pins = document.pins.map((pin) => (pin.organisation === organisation ? { ...pin, root: forged.pin } : pin));
      write(folder, 'provisioning.json', { document: { ...document, pins }, signatures });
    };
    await expect(readWith((folder) => pinned(folder, VENDOR))).rejects.toThrow('bad_signature');
    await expect(readWith((folder) => pinned(folder, BUYER))).rejects.toThrow('root_mismatch');
  });

  it('does not start with a list that another key of the company, the partner or nobody signed', async () => {
    const { buyer, vendor, buyerAgent } = plant.right.who;
    for (const [signer, code] of [
      [buyer.agreement, 'wrong_purpose'],
      [buyerAgent.signer, 'unknown_key'],
      [vendor.certify, 'wrong_issuer'],
    ] as const)
      await expect(
        readWith(async (folder) =>
          write(folder, 'provisioning.json', await signed(bundle(folder).document, signer, Date.now())),
        ),
      ).rejects.toThrow(code);
  });

  it('does not start where the broker it is sent to is another machine without TLS', async () => {
    const { certify } = plant.right.who.buyer;
    await expect(
      readWith(async (folder) => {
        const { document } = bundle(folder);
        const broker = { ...document.broker, origin: 'http://broker.example' };
        write(folder, 'provisioning.json', await signed({ ...document, broker }, certify, Date.now()));
      }),
    ).rejects.toThrow('must be https://');
  });

  it('does not start with another key, another gateway’s certificate or a person’s', async () => {
    const { buyer } = plant.right.who;
    const other = await buyer.holder('gateway', 'other-gateway', ['enforce'], { resources: ['press-7' as never] });
    const person = await buyer.holder('person', 'plant-gateway', ['enforce']);
    const pem = (folder: string, key: Parameters<typeof privateKeyToPem>[0]) =>
      writeFileSync(join(folder, 'key.pem'), privateKeyToPem(key));
    await expect(readWith((folder) => pem(folder, newPrivateKey()))).rejects.toThrow(
      'not for this gateway and this key',
    );
    for (const holder of [other, person])
      await expect(
        readWith((folder) => {
          write(folder, 'certificate.json', holder.certificate);
          pem(folder, holder.key);
        }),
      ).rejects.toThrow('not for this gateway and this key');
    await expect(readWith((folder) => rmSync(join(folder, 'entity.json')))).rejects.toThrow(
      'interlock gateway provision',
    );
  });
});
