import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout, readSigner } from '@interlock/company-side';
import { OWN_ZONES } from '@interlock/company-side/calendar';
import type { Grant, PlantCalendar, Signed } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  approvedGrant,
  askedGrant,
  BUYER,
  get,
  PASSPHRASE,
  post,
  programOf,
  signAs,
  until,
  type World,
  world,
} from '../../test/world.js';

jest.setTimeout(60_000);

let w: World;
let technician: Record<string, string>;
let approver: Record<string, string>;
beforeAll(async () => {
  w = await world((agreement) => ({ ...agreement, endsAt: agreement.endsAt + 10 * DAY }));
  technician = { authorization: `Bearer ${await programOf(w.vendor, 'technician')}` };
  approver = { authorization: `Bearer ${await programOf(w.buyer, 'first-approver')}` };
});
afterAll(() => w?.close());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** Every night at three by the clock of the plant, from tomorrow on. */
const nightly = () => ({
  rule: 'FREQ=DAILY',
  start: `${day(Date.now() + DAY)}T03:00:00`,
  zone: 'Europe/Vienna',
  seconds: 3_600,
  until: w.agreement.endsAt,
});
const request = (over: object) =>
  post(
    `${w.vendor.origin}/grants`,
    {
      ...{ agreementId: w.agreement.id, kind: 'remote-service', resources: [{ owner: BUYER, id: 'press-7' }] },
      ...{ actions: ['ssh'], purpose: 'repair', ticket: 'INC-4711', passphrase: PASSPHRASE, ...over },
    },
    technician,
  );
const asked = (answer: { body: Record<string, unknown> }): Signed<Grant> => answer.body.grant as Signed<Grant>;

async function approve({ document }: Signed<Grant>) {
  await get(`${w.buyer.origin}/grants/${document.id}`, approver.authorization?.slice(7) ?? '');
  const body = { digest: digestOf(document), passphrase: PASSPHRASE };
  return post(`${w.buyer.origin}/grants/${document.id}/approve`, body, approver);
}

async function closes(sequence: number, closed: PlantCalendar['closed']): Promise<PlantCalendar> {
  const document: PlantCalendar = {
    ...{ typ: 'plant-calendar', v: 1, organisation: BUYER, agreementId: w.agreement.id, sequence },
    ...{ zone: 'Europe/Vienna', zoneDatabase: OWN_ZONES.version, closed, issuedAt: Date.now() },
  };
  const certify = readSigner(layout(w.buyer.dir).offline, 'certify', BUYER);
  w.broker.annexes.push(await signed(document, certify, Date.now()));
  return document;
}

function findings(dir: string): readonly string[] {
  const journal = join(layout(dir).state, 'journal');
  const lines = readdirSync(journal).flatMap((file) => readFileSync(join(journal, file), 'utf8').split('\n'));
  return lines.filter((line) => line.includes('"finding"'));
}

describe('a window that recurs', () => {
  let nights: Grant['windows'];

  it('is asked for by its rule, shown by it, and approved where the plant’s own agent expands it to the same', async () => {
    const answer = await request({ recurrence: nightly() });
    expect(answer).toMatchObject({ status: 201 });
    const grant = asked(answer);
    nights = grant.document.windows;
    expect(grant.document.recurrence).toMatchObject({ zoneDatabase: OWN_ZONES.version, calendar: null });
    expect(nights.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer.body)).toContain('FREQ=DAILY from');
    expect(await approve(grant)).toMatchObject({ status: 200 });
  });

  it('is refused by the approver’s agent where the windows are those of another zone database, or of another rule', async () => {
    const rule = asked(await request({ recurrence: nightly() })).document;
    const shifted = rule.windows.map(({ from, to }) => ({ from: from + HOUR, to: to + HOUR }));
    for (const over of [{ windows: shifted }, { recurrence: { ...rule.recurrence, zone: 'Europe/London' } }]) {
      const wrong = await askedGrant(w, {
        windows: rule.windows,
        recurrence: rule.recurrence,
        ...over,
      } as Partial<Grant>);
      const document = { ...wrong.document };
      w.broker.grants.set(document.id, {
        signed: { document, signatures: [await signAs(w.vendor, 'technician', document)] },
        status: 'asked',
      });
      expect(await approve(wrong)).toMatchObject({ status: 403, body: { code: 'recurrence_differs' } });
    }
  });

  it('leaves out what the calendar of the plant closes, and is signed under the newest one alone', async () => {
    const [first] = nights;
    if (!first) throw new Error('a night at least');
    const before = asked(await request({ recurrence: nightly() }));
    const calendar = await closes(1, [{ name: 'shutdown', from: first.from - HOUR, to: first.to }]);
    expect(await approve(before)).toMatchObject({ body: { code: 'recurrence_differs' } });
    const anew = await request({ recurrence: { ...nightly(), rule: 'FREQ=DAILY;COUNT=2' } });
    const { document } = asked(anew);
    expect(document).toMatchObject({ windows: nights.slice(1, 2), recurrence: { calendar: digestOf(calendar) } });
    expect(await approve(asked(anew))).toMatchObject({ status: 200 });
    await closes(2, []);
    const open = asked(await request({ recurrence: nightly() }));
    expect(open.document.windows).toEqual(nights);
  });

  it.each([
    ['a rule that cannot be read', { rule: 'FREQ=SOMETIMES' }],
    ['a rule within a day', { rule: 'FREQ=HOURLY' }],
    ['windows that overlap', { seconds: 90_000 }],
    ['a zone that does not exist', { zone: 'Europe/Nowhere' }],
    ['a first time that does not exist', { start: '2026-02-30T03:00:00' }],
    ['no window at all', { until: 1 }],
  ])('is malformed with %s', async (_, over) => {
    expect(await request({ recurrence: { ...nightly(), ...over } })).toMatchObject({ body: { code: 'malformed' } });
  });

  it('is one thing or the other: windows, or a rule', async () => {
    const windows = [{ from: Date.now(), to: Date.now() + HOUR }];
    for (const both of [{ recurrence: nightly(), windows }, {}])
      expect(await request(both)).toMatchObject({ body: { code: 'malformed' } });
  });

  it('stands as it was signed when the zone database of the plant is another one since, and the plant is told', async () => {
    const rule = asked(await request({ recurrence: nightly() })).document;
    const shifted = rule.windows.map(({ from, to }) => ({ from: from + HOUR, to: to + HOUR }));
    const older = { ...rule.recurrence, zoneDatabase: '1999a' } as NonNullable<Grant['recurrence']>;
    const same = await approvedGrant(w, { windows: rule.windows, recurrence: older });
    const other = await approvedGrant(w, { windows: shifted, recurrence: older });
    await w.restart(w.buyer);
    const told = () => findings(w.buyer.dir).filter((line) => line.includes('recurrence_differs'));
    await until(() => told().length > 0);
    expect(told().join()).toContain(`${other.document.id}: signed by zone database 1999a`);
    expect(told().join()).not.toContain(same.document.id);
    const shown = await get(
      `${w.buyer.origin}/grants/${other.document.id}`,
      await programOf(w.buyer, 'first-approver'),
    );
    expect(shown).toMatchObject({ status: 200 });
    expect(w.broker.grants.get(other.document.id)).toMatchObject({ status: 'active' });
  });
});
