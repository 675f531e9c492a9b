import {
  ownPin,
  readBrokerKeys,
  readCertificates,
  readEntities,
  readPins,
  readSettings,
} from '@interlock/company-side';
import type { Instant } from '@interlock/domain';
import type { Shown } from '../perform.js';
import { readOut, untilWords } from '../words.js';

/** What a company's folder says: who it is, the fingerprint to read out, whom it pinned, and when its certificates end. */
export function showAgent(dir: string, now: Instant): Shown {
  const settings = readSettings(dir);
  const { organisation, root } = ownPin(dir);
  const entity = readEntities(dir).at(-1)?.document;
  const certificates = readCertificates(dir).map(({ document }) => ({
    holder: `${document.holder.kind} ${document.holder.id}`,
    purposes: document.purposes,
    notAfter: document.notAfter,
    ended: document.notAfter <= now,
  }));
  const pins = [...readPins(dir)].filter(([name]) => name !== organisation);
  return {
    json: {
      organisation,
      name: settings.name,
      root,
      agentOrigin: settings.agentOrigin,
      brokerOrigin: settings.brokerOrigin,
      brokerKeysRecorded: readBrokerKeys(dir) !== undefined,
      entity: entity && { sequence: entity.sequence, expiresAt: entity.expiresAt },
      pins: pins.map(([name, pin]) => ({ organisation: name, root: pin })),
      certificates,
    },
    lines: [
      `${settings.name} (${organisation}), ${settings.jurisdiction}`,
      `root fingerprint, to be compared out of band:`,
      `  ${readOut(root)}`,
      `agent ${settings.agentOrigin}, broker ${settings.brokerOrigin}`,
      ...(entity ? [`entity document ${entity.sequence} ${untilWords(entity.expiresAt, now)}`] : []),
      ...(readBrokerKeys(dir) ? [] : ['the keys of the broker are not recorded; run "interlock agent broker-keys"']),
      pins.length === 0 ? 'no partner is pinned; run "interlock partner pin"' : 'pinned partners:',
      ...pins.map(([name, pin]) => `  ${name}  ${pin}`),
      'certificates:',
      ...certificates.map((one) => `  ${one.holder} (${one.purposes.join(', ')}) ${untilWords(one.notAfter, now)}`),
      ...(certificates.some((one) => one.ended) ? ['some have ended; run "interlock agent renew"'] : []),
    ],
  };
}
