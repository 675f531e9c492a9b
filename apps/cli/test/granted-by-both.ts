import { layout, newId, openPersonKey } from '@interlock/company-side';
import type { Agreement, Grant, GrantId, LocalId, Signed } from '@interlock/domain';
import { digestOf, type Signer, signDocument } from '@interlock/proof';
import { PRESS } from '../src/up/demo-companies.js';
import type { TwoCompanies } from './two-companies.js';

const id = (text: string) => text as LocalId;
const HOUR = 3_600_000;

/** A right of the technician to ssh of the press, signed by him and by an approver of its owner. */
export async function grantedByBoth(
  world: TwoCompanies,
  agreement: Agreement,
  over: Partial<Grant> = {},
): Promise<Signed<Grant>> {
  const [vendor, buyer] = [world.vendor.company.organisation, world.buyer.company.organisation];
  const document: Grant = {
    ...{ typ: 'grant', v: 1, id: newId('grt') as GrantId, kind: 'remote-service' },
    ...{ agreementId: agreement.id, agreement: digestOf(agreement) },
    requester: { organisation: vendor, id: id('technician') },
    subjects: [{ organisation: vendor, kind: 'person', id: id('technician') }],
    ...{ resources: [{ owner: buyer, id: PRESS }], actions: [id('ssh')], purpose: id('repair'), ticket: null },
    windows: [{ from: Date.now() - 1_000, to: Date.now() + HOUR }],
    ...{ issuedAt: Date.now(), ...over },
  };
  const signers = [keyOf(world.vendor, 'technician'), keyOf(world.buyer, 'shift-lead')];
  return { document, signatures: await Promise.all(signers.map((one) => signDocument(document, one, Date.now()))) };
}

/** The key of a person of a demo company, opened with its passphrase. */
export function keyOf(place: TwoCompanies['buyer'], person: string): Signer {
  const folder = layout(place.dir).person(id(person));
  const key = openPersonKey(folder, place.company.organisation, place.passphrase(person));
  if (!key.allowed) throw new Error(key.refusal.code);
  return key.value;
}
