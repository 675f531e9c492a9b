import {
  allow,
  type DataTerm,
  type Decision,
  type LocalId,
  type MachineEvent,
  type OrganisationId,
  refuse,
  type SubjectRef,
} from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { MOST_QUEUED, PushQueue } from './push-queue.js';
import { MOST_WAITING, type Spool } from './spool.js';

const owner = 'delta-foods.example' as OrganisationId;
const subject = (name: string): SubjectRef => ({ organisation: owner, kind: 'workload', id: name as LocalId });
const event = (id: string, readings = 1): MachineEvent => ({
  source: '//delta-foods.example/press-7',
  id,
  machine: { owner, id: 'press-7' as LocalId },
  readings: Array.from({ length: readings }, () => ({ at: '', key: 'force', value: id })),
  labels: [],
  claimedRegion: null,
});

function aQueue(spool: Partial<Spool> = {}) {
  const on = { size: 0, seen: () => false, ...spool } as Spool;
  const minimise = (said: MachineEvent['readings']) => ({
    leaving: said.map((one) => ({ ...one, unit: null, category: 'process' as LocalId, condition: null })),
    dropped: [],
  });
  const queue = new PushQueue(minimise, on, { keys: [] } as unknown as DataTerm);
  const push = (id: string, presenter = 'historian', readings = 1) =>
    queue.take(event(id, readings), { presenter: subject(presenter), receivedAt: 1 });
  return { queue, push };
}
const codeOf = (outcome: Decision<string>) => (outcome.allowed ? outcome.value : outcome.refusal.code);

describe('events on their way to the disk', () => {
  it('are answered when their batch is there, the twin of one with it', async () => {
    const { queue, push } = aQueue();
    const answers = [push('a'), push('a'), push('b')];
    const lot = queue.next();
    expect(lot.observations.map((one) => one.value)).toEqual(['a', 'b']);
    lot.settle(allow(true));
    expect((await Promise.all(answers)).map(codeOf)).toEqual(['accepted', 'repeated', 'accepted']);
  });

  it('are refused with their batch, and may come again', async () => {
    const { queue, push } = aQueue();
    const answers = [push('a'), push('a')];
    queue.next().settle(refuse('evidence_unavailable'));
    expect((await Promise.all(answers)).map(codeOf)).toEqual(['evidence_unavailable', 'evidence_unavailable']);
    const again = push('a');
    queue.next().settle(allow(true));
    expect(codeOf(await again)).toBe('accepted');
  });

  it('are refused with what their presenter pushed before them, so that nothing overtakes; those of others wait on', async () => {
    const { queue, push } = aQueue();
    const answers = [push('a'), push('b', 'edge-box'), push('c')];
    queue.next().settle(refuse('scanner_unavailable'));
    queue.refuseAll({ code: 'scanner_unavailable' }, subject('historian'));
    expect(queue.size).toBe(1);
    queue.next().settle(allow(true));
    expect((await Promise.all(answers)).map(codeOf)).toEqual([
      'scanner_unavailable',
      'accepted',
      'scanner_unavailable',
    ]);
  });

  it('that one company refuses by its own lists are so for itself; another company hears that it judged', async () => {
    const { queue } = aQueue();
    const of = (organisation: string, id: string) =>
      queue.take(event(id), {
        presenter: { ...subject('historian'), organisation: organisation as OrganisationId },
        receivedAt: 1,
      });
    const answers = [of('alpine-presses.example', 'a'), of(owner, 'b'), of('alpine-presses.example', 'b')];
    queue.refuseAll({ code: 'embargo_blocked', clause: `embargo ${owner}` });
    expect((await Promise.all(answers)).map(codeOf)).toEqual([
      'other_side_denied',
      'embargo_blocked',
      'other_side_denied',
    ]);
  });

  it('share a batch with events of their own presenter only, and are never cut in two', () => {
    const { queue, push } = aQueue();
    void push('a', 'historian', 1_500);
    void push('b', 'historian', 1_500);
    void push('c', 'edge-box');
    void push('d', 'historian');
    const lots = [];
    while (queue.size > 0) lots.push(queue.next());
    expect(lots.map((lot) => [lot.presenter?.id, lot.observations.length])).toEqual([
      ['historian', 1_500],
      ['historian', 1_500],
      ['edge-box', 1],
      ['historian', 1],
    ]);
  });

  it('wait outside while the region is away and the disk holds all it may', async () => {
    expect(codeOf(await aQueue({ size: MOST_WAITING }).push('a'))).toBe('edge_full');
    const { queue, push } = aQueue();
    const waiting = Array.from({ length: MOST_QUEUED }, (_, at) => push(`e${at}`));
    expect(codeOf(await push('one more'))).toBe('edge_full');
    queue.refuseAll({ code: 'no_flow' });
    expect(codeOf(await (waiting[0] as (typeof waiting)[number]))).toBe('no_flow');
  });

  it('that were seen before have no second effect', async () => {
    expect(codeOf(await aQueue({ seen: () => true }).push('a'))).toBe('repeated');
  });
});
