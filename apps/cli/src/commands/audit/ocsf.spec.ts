import { EVIDENCE_KINDS, type EvidenceKind, type EvidenceOutcome, type EvidenceRecord } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { OCSF_CLASSES } from '../../../test/ocsf-1-8-0.js';
import { ocsfEvent } from './ocsf.js';

const ajv = new Ajv2020();
const validators = new Map([...OCSF_CLASSES].map(([uid, schema]) => [uid, ajv.compile(schema)]));

/** A record that says as little as a record may, or as much. */
function recordOf(kind: EvidenceKind, outcome: EvidenceOutcome, full: boolean): EvidenceRecord {
  const digest = `sha256:${'A'.repeat(43)}`;
  const said = {
    organisation: 'delta-foods.example',
    subject: { organisation: 'alpine-presses.example', kind: 'person', id: 'technician' },
    resource: { owner: 'delta-foods.example', id: 'press-7' },
    ...{ agreement: digest, grant: digest, session: 'ses_1', clause: 'remote-service', code: 'taken_away' },
    ...{ region: 'eu-1', recipients: ['alpine-presses.example'], correlation: 'cor_1', reason: 'a leaking valve' },
  };
  const nothing = Object.fromEntries(Object.keys(said).map((name) => [name, name === 'recipients' ? [] : null]));
  const { reason: _reason, ...without } = nothing;
  return {
    ...{ v: 1, id: 'evd_1', log: 'agr_1', kind, outcome, at: Date.UTC(2026, 0, 2), source: 'delta-foods.example/gate' },
    ...{ approvers: [], documents: [], count: 1 },
    ...(full ? said : without),
  } as unknown as EvidenceRecord;
}

const faultsOf = (event: Readonly<Record<string, unknown>>) => {
  const validate = validators.get(event.class_uid as number);
  return validate?.(event) ? [] : [event.class_uid, ...(validate?.errors ?? ['no such class'])];
};

describe('an OCSF event', () => {
  it('of every kind of record and every outcome is as the pinned schema of its class demands', () => {
    for (const kind of EVIDENCE_KINDS)
      for (const outcome of ['allow', 'deny', 'cut', 'change', 'delivery', 'finding'] as const)
        for (const full of [true, false])
          expect([kind, faultsOf(ocsfEvent({ index: 3, record: recordOf(kind, outcome, full) }))]).toEqual([kind, []]);
  });

  it('is refused by that schema with a member missing, one too many, or a number that the class does not know', () => {
    const event = ocsfEvent({ index: 3, record: recordOf('session.opened', 'allow', true) });
    const { metadata: _metadata, ...without } = event;
    const wrong = [without, { ...event, press: 'press-7' }, { ...event, activity_id: 8 }, { ...event, type_uid: 1 }];
    for (const one of wrong) expect(faultsOf(one)).not.toEqual([]);
  });

  it('says who, on what and with which outcome in the words of the schema, and keeps the whole record', () => {
    const record = recordOf('session.refused', 'deny', true);
    expect(ocsfEvent({ index: 3, record })).toMatchObject({
      ...{ class_uid: 4001, activity_id: 5, type_uid: 400_105, status_id: 2, status_code: 'taken_away' },
      src_endpoint: { name: 'alpine-presses.example/person/technician' },
      dst_endpoint: { name: 'delta-foods.example/press-7' },
      metadata: { uid: 'evd_1', log_name: 'agr_1', sequence: 3, correlation_uid: 'cor_1' },
      unmapped: { record },
    });
    expect(ocsfEvent({ index: 0, record: recordOf('grant.revoked', 'change', true) })).toMatchObject({
      ...{ class_uid: 3005, activity_id: 2, user: { uid: 'alpine-presses.example/person/technician', type_id: 1 } },
    });
    expect(ocsfEvent({ index: 0, record: recordOf('flow.delivered', 'delivery', true) })).toMatchObject({
      ...{ class_uid: 6005, activity_id: 5, databucket: { uid: 'delta-foods.example/press-7' } },
    });
  });
});
