import type { AgreementId, OrganisationId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { cosignWatch } from './cosign-watch.js';

const [log, other] = ['agr_1', 'agr_2'] as [AgreementId, AgreementId];
const [VENDOR, BUYER] = ['alpine-presses.example', 'delta-foods.example'] as [OrganisationId, OrganisationId];

function watched() {
  let now = 0;
  const watch = cosignWatch(() => now);
  const at = (then: number) => {
    now = then;
    return watch;
  };
  const waits = (then: number, of = log) => Object.fromEntries(at(then).waiting(of));
  return { at, waits };
}

describe('what waits for a witness', () => {
  it('is counted from the oldest record that was written since its log last grew', () => {
    const { at, waits } = watched();
    at(0).heard(log, VENDOR, 4);
    at(0).heard(log, BUYER, 4);
    at(10).wrote(log);
    at(20).wrote(log);
    expect(waits(50)).toEqual({ [VENDOR]: 40, [BUYER]: 40 });
    at(60).heard(log, VENDOR, 6);
    expect(waits(70)).toEqual({ [BUYER]: 60 });
    at(80).wrote(log);
    expect(waits(90)).toEqual({ [VENDOR]: 10, [BUYER]: 80 });
  });

  it('goes on to wait whatever is said again: the same size, a smaller one, or that of another log', () => {
    const { at, waits } = watched();
    at(0).heard(log, VENDOR, 4);
    at(0).heard(other, VENDOR, 4);
    at(10).wrote(log);
    for (const size of [4, 3, 0]) at(20).heard(log, VENDOR, size);
    at(20).heard(other, VENDOR, 9);
    expect([waits(30), waits(30, other)]).toEqual([{ [VENDOR]: 20 }, {}]);
  });

  it('is nothing of a log that nobody has beaten for, however often a stranger names it', () => {
    const { at, waits } = watched();
    for (let turn = 0; turn < 100; turn++) at(turn).wrote(`agr_${turn}`);
    expect(waits(200)).toEqual({});
  });
});
