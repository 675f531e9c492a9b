import { type EvidenceRecord, evidenceOf, type LocalId, type OrganisationId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from './canonical-json.js';
import { digestOfDisclosure, disclosedMember, disclosureOf, newSalt, openRecord, withhold } from './disclosure.js';

const vendor = 'alpine-presses.example' as OrganisationId;
const record = (): EvidenceRecord =>
  evidenceOf('broker/grants', 'evd_00000000000000000000000001', {
    ...{
      log: 'operator',
      kind: 'session.opened',
      outcome: 'allow',
      at: 1_000,
      reason: 'Ventil undicht',
      ticket: 'INC-1',
    },
    subject: { organisation: vendor, kind: 'person', id: 'technician' as LocalId },
    approvers: ['shift-lead', 'plant-engineer'] as LocalId[],
  });

describe('a disclosure', () => {
  it('is that of RFC 9901, section 4.2: its bytes, and the digest of them', () => {
    const given = 'WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';
    expect(digestOfDisclosure(given)).toBe('sha256:X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0');
    const ours = disclosureOf('_26bc4LT-ac6q2KI6cBW5es', 'family_name', 'Möbius');
    expect(JSON.parse(Buffer.from(ours, 'base64url').toString())).toEqual(
      JSON.parse(Buffer.from(given, 'base64url').toString()),
    );
  });

  it('has a salt of 128 bits of its own, so that the same name is another digest each time', () => {
    const [one, other] = [withhold(record(), newSalt), withhold(record(), newSalt)];
    expect(Buffer.from(newSalt(), 'base64url')).toHaveLength(16);
    expect(one.record.withheld?.subject).not.toBe(other.record.withheld?.subject);
  });
});

describe('a record that withholds', () => {
  it('says nothing of a person in its bytes, and is opened to the same record again', () => {
    const { record: logged, opened } = withhold(record(), newSalt);
    for (const name of ['technician', 'shift-lead', 'undicht']) expect(JSON.stringify(logged)).not.toContain(name);
    const open = openRecord(logged, opened);
    expect(open).toEqual({ allowed: true, value: { ...record(), withheld: logged.withheld } });
  });

  it('is the same log entry after what opens it is gone', () => {
    const { record: logged, opened } = withhold(record(), newSalt);
    const before = digestOf(logged);
    expect(openRecord(logged, opened.slice(1))).toMatchObject({ allowed: true, value: { subject: null } });
    expect(openRecord(logged)).toEqual({ allowed: true, value: logged });
    expect(digestOf(logged)).toBe(before);
  });

  it('is untouched where it tells of nobody', () => {
    const machine = { ...record(), subject: null, approvers: [], reason: undefined };
    expect(withhold(machine as EvidenceRecord, newSalt)).toEqual({ record: machine, opened: [], own: [] });
  });

  it('keeps what belongs to one company apart from what tells of persons, and opens it with its own disclosure alone', () => {
    const kept = { internalReason: 'no spare part', internalTicket: 'M-17', explanation: 'embargo_blocked' };
    const { record: logged, opened, own } = withhold({ ...record(), ...kept }, newSalt);
    expect([opened.length, own.map(disclosedMember)]).toEqual([3, Object.keys(kept)]);
    for (const said of Object.values(kept)) expect(JSON.stringify([logged, opened])).not.toContain(said);
    expect(openRecord(logged, [...opened, ...own])).toMatchObject({ value: { ...record(), ...kept } });
    expect(openRecord(logged, opened)).toMatchObject({ value: record() });
    expect(openRecord({ ...logged, internalTicket: 'M-18' })).toMatchObject({ allowed: false });
    // Where the two lie apart, neither may lie with the other.
    expect(openRecord(logged, opened, own)).toMatchObject({ value: { ...record(), ...kept } });
    expect(openRecord(logged, [...opened, ...own], [])).toMatchObject({ allowed: false });
    expect(openRecord(logged, [], [...opened, ...own])).toMatchObject({ allowed: false });
  });

  it('opens to nothing but what was committed to', () => {
    const { record: logged, opened } = withhold(record(), newSalt);
    const [subject = '', approvers = '', reason = ''] = opened;
    const salt = JSON.parse(Buffer.from(subject, 'base64url').toString())[0];
    const other = { organisation: vendor, kind: 'person', id: 'somebody-else' };
    const wrong = [
      [disclosureOf(salt, 'subject', other)],
      [disclosureOf(newSalt(), 'subject', record().subject)],
      [subject, subject],
      [`${subject}A`],
      [reason.slice(1)],
      [disclosureOf(newSalt(), 'ticket', 'INC-2')],
      ['bm90IGpzb24'],
    ];
    for (const disclosed of wrong) expect(openRecord(logged, disclosed)).toMatchObject({ allowed: false });
    // The same digest under another name would put an approver where a subject stood.
    const swapped = { ...logged, withheld: { ...logged.withheld, subject: digestOfDisclosure(approvers) } };
    expect(openRecord(swapped, [approvers])).toMatchObject({ allowed: true });
    expect(openRecord({ ...logged, withheld: { subject: digestOfDisclosure(approvers) } }, [approvers])).toMatchObject({
      allowed: false,
    });
    expect(openRecord(record(), [subject])).toMatchObject({ allowed: false });
  });

  it('is refused where it says what it claims to withhold, or something that is no value of that member', () => {
    const { record: logged } = withhold(record(), newSalt);
    expect(openRecord({ ...logged, reason: 'something else' })).toMatchObject({ allowed: false });
    const disclosed = disclosureOf(newSalt(), 'approvers', 'not a list');
    const odd = { ...logged, withheld: { approvers: digestOfDisclosure(disclosed) } };
    expect(openRecord(odd, [disclosed])).toMatchObject({ allowed: false });
  });
});
