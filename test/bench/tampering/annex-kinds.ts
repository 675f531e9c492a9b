// The kinds of document that hang on an agreement beside its text.

import type { AnnexKind, Digest } from '@interlock/domain';
import { digestOf, verifyAnnex } from '@interlock/proof';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { annexed, control, DAY, dates, evidence, heads, id, type Made, nameplate, press, sign } from './make-target.js';

export const ANNEX_KINDS: { readonly [K in AnnexKind]: Made } = {
  attestation: async (world) => [
    await annexed(
      {
        ...{ typ: 'attestation', ...heads(world.right), organisation: VENDOR, control, evidence, ...dates },
        statement: 'security keys for everybody',
      },
      world,
    ),
  ],
  acceptance: async (world) => [
    await annexed(
      {
        ...{ typ: 'acceptance', ...heads(world.right), organisation: BUYER, validUntil: NOW + DAY },
        attestation: digestOf('attestation'),
      },
      world,
    ),
  ],
  exception: async (world) => [
    await annexed(
      {
        ...{ typ: 'exception', ...heads(world.right), organisation: VENDOR, acceptedBy: BUYER, control, ...dates },
        ...{ owner: id('security-lead'), reason: 'an old tool', compensation: 'a second person watches' },
      },
      world,
    ),
  ],
  'machine-record': async (world) => [
    await annexed(
      {
        ...{
          typ: 'machine-record',
          v: 1,
          resource: press,
          sequence: 1,
          previous: null,
          state: 'commissioned',
          nameplate,
        },
        ...{ site: id('north'), zone: id('pressing'), level: 1, firmware: '4.2', supportEndsAt: null, takenOver: null },
        issuedAt: NOW,
      },
      world,
    ),
  ],
  'machine-transfer': async (world) => [
    await annexed(
      {
        ...{ typ: 'machine-transfer', v: 1, from: press, to: { owner: VENDOR, id: id('press-1') }, reason: 'sold' },
        ...{ nameplate: digestOf(nameplate) as Digest, at: NOW + DAY, issuedAt: NOW },
      },
      world,
    ),
  ],
  'insolvency-notice': async (world) => [
    await annexed(
      {
        ...{ typ: 'insolvency-notice', ...heads(world.right), organisation: BUYER, party: VENDOR, evidence },
        reason: 'opened by the court',
      },
      world,
    ),
  ],
  'activation-review': async ({ right, ring, shiftLead }) => {
    const document = {
      ...{ typ: 'activation-review', ...heads(right), organisation: BUYER, session: 'ses_0123456789abcdefghjkmnpqrs' },
      ...{ activation: digestOf('activation'), activatedBy: id('first-approver'), reviewer: id('shift-lead') },
      ...{ finding: 'in-order', statement: 'the press stood, and the line was cut' },
    } as const;
    return [
      {
        ...{ name: 'activation-review', late: false, door: 'annex' },
        real: await sign(document as never, shiftLead.signer),
        verify: (input, now = NOW) => verifyAnnex(input, ring, right.agreement, now),
      },
    ];
  },
  'member-list': async (world) => [
    await annexed(
      {
        ...{ typ: 'member-list', ...heads(world.right), organisation: VENDOR, group: id('experts'), of: 'person' },
        members: [id('technician')],
      },
      world,
    ),
  ],
  'plant-calendar': async (world) => [
    await annexed(
      {
        ...{ typ: 'plant-calendar', ...heads(world.right), organisation: BUYER, sequence: 1, zone: 'Europe/Vienna' },
        ...{ zoneDatabase: '2026a', closed: [{ name: 'christmas', from: NOW, to: NOW + DAY }] },
      },
      world,
    ),
  ],
};
