import type { AgreedResource, Digest, LocalId, OrganisationId, Thumbprint } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { type ConditionFlags, conditionOptions, conditionTerms } from './condition-options.js';
import { draftAgreement } from './draft-agreement.js';

const read = (option: string, text: string) =>
  conditionOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseOptions([option, text]);

describe('a clause as it is typed', () => {
  it.each([
    ['--sessions', '0'],
    ['--sessions', '1.5'],
    ['--re-login', '0s'],
    ['--clock-skew', '2min'],
    ['--time-limits', '7d,1d'],
    ['--time-limits', '7d,0s,8h'],
    ['--time-limits', '7d,1d,8h,9h'],
    ['--file-transfer', 'SSH'],
    ['--resource-class', 'critical'],
    ['--resource-class', 'critical=10:closed'],
    ['--resource-class', 'critical=2:local'],
    ['--resource-class', 'huge=2:closed'],
    ['--selector', 'delta-foods.example:north:pressing=ssh'],
    ['--selector', 'delta-foods.example:north:pressing:huge=ssh'],
    ['--signal', 'delta-foods.example:stopped:resource'],
    ['--signal', 'delta-foods.example:stopped:weather:1min'],
    ['--signal', 'delta-foods.example:stopped:resource:0s'],
    ['--decision-point', 'delta-foods.example'],
    ['--transfer', 'DE/DE'],
    ['--transfer', 'de/DE/DE'],
    ['--transfer-mechanism', 'US=trust'],
    ['--transfer-mechanism', 'US=standard-contractual-clauses:here'],
    ['--delegation', '9=alpine-presses.example'],
    ['--delegation', '1='],
    ['--identity-provider', 'delta-foods.example:technician=guest-4711'],
    ['--identity-provider', 'delta-foods.example:alpine-presses.example/technician=Guest'],
    ['--equivalence', 'alpine-presses.example=7d'],
    ['--machines', 'north'],
    ['--insolvency', 'alpine-presses.example'],
    ['--insolvency', 'alpine-presses.example=30d:nobody at all'],
    ['--safety-notice', 'soon'],
  ])('is refused with what was expected: %s "%s"', (option, text) => {
    expect(() => read(option, text)).toThrow(/ is (not|no|more) | has not the form of /);
  });
});

describe('people who log in at the owner of the machines', () => {
  it('are one clause for each two companies, however many they are', () => {
    const one = (who: string) => ['--identity-provider', `delta-foods.example:alpine-presses.example/${who}`];
    const args = [...one('technician=guest-1'), ...one('colleague=guest-2')];
    const flags = conditionOptions(new Command()).parse(args, { from: 'user' }).opts<ConditionFlags>();
    const about = { kinds: ['remote-service' as const], resources: [], longestWindowSeconds: 60, data: [] };
    expect(conditionTerms(flags, about).filter(({ type }) => type === 'identity-provider')).toEqual([
      {
        ...{ type: 'identity-provider', party: 'alpine-presses.example', issuer: 'delta-foods.example' },
        persons: [
          { id: 'technician', login: 'guest-1' },
          { id: 'colleague', login: 'guest-2' },
        ],
      },
    ]);
  });
});

describe('machines that safety relies on', () => {
  const [vendor, buyer] = ['alpine-presses.example', 'delta-foods.example'] as OrganisationId[];
  const id = (text: string) => text as LocalId;
  const drafted = (...args: string[]) => {
    const flags = conditionOptions(new Command()).parse(args, { from: 'user' }).opts<ConditionFlags>();
    const resources: AgreedResource[] = [{ owner: buyer!, id: id('press-7'), class: 'safety', services: [id('opc')] }];
    const about = { kinds: ['machine-to-machine' as const], resources, longestWindowSeconds: 60 };
    const party = (organisation = vendor!) => ({ organisation, root: 'r' as Thumbprint, entity: 'sha256:e' as Digest });
    return draftAgreement({
      ...about,
      parties: [
        { ...party(), role: 'vendor' },
        { ...party(buyer), role: 'buyer' },
      ],
      ...{ approvals: [{ group: id('maintenance'), persons: 1 }], purposes: [id('interlocking')], ticketPattern: null },
      ...{ effectiveFrom: Date.now(), endsAt: Date.now() + 86_400_000 },
      conditions: (data) => conditionTerms(flags, { ...about, data }),
    });
  };

  it('are agreed with the notice that they need, and not without', () => {
    expect(drafted()).toMatchObject({ allowed: false, refusal: { clause: 'safety-notice' } });
    expect(drafted('--safety-notice', '1h')).toMatchObject({ allowed: true });
  });
});
