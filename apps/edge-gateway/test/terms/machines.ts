import type { TermOf } from '@interlock/domain';
import { NOW } from '@interlock/testkit/builders';
import { id, press7, sessionOpens, type TermCase } from '../at-the-gateway.js';

export const recorded: TermOf<'machines'> = {
  type: 'machines',
  resources: [press7],
  sites: [id('north')],
  zones: [id('pressing')],
  afterSupport: 'refuse',
};
export const record = (site: string) => ({
  typ: 'machine-record' as const,
  v: 1 as const,
  resource: press7,
  sequence: 1,
  previous: null,
  state: 'commissioned' as const,
  nameplate: { uri: '', manufacturer: 'Alpine', product: 'P7', serial: '1', built: '2019' },
  site: id(site),
  zone: id('pressing'),
  level: 1,
  firmware: '4.2',
  supportEndsAt: null,
  takenOver: null,
  issuedAt: NOW - 86_400_000,
});

export const machines: TermCase = {
  permits: 'a session on a machine that stands where it was agreed to stand',
  permitted: () => sessionOpens({ terms: [recorded], annexes: [record('north')] }),
  refuses: 'a session on a machine that was moved to a site which was not agreed',
  refused: () => sessionOpens({ terms: [recorded], annexes: [record('south')] }),
  code: 'machine_moved',
};
