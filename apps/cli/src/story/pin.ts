import { ownPin, readCertificates, readEntities } from '@interlock/company-side';
import { publishedDocuments } from '@interlock/contracts';
import { emptyBundle } from '@interlock/proof';
import { eventually, type Step } from './step.js';

/** Each company publishes its entity document through its own agent; fingerprints are compared past the broker. */
export const pin: Step = {
  id: 'pin',
  title: 'two companies, two keys: publish, and compare fingerprints past the broker',
  async run({ trial, say }) {
    const { vendor, buyer } = trial;
    say('comparing root fingerprints and provisioning the gateways with them');
    await trial.pinAndProvision();
    const roots = [vendor, buyer].map((place) => ownPin(place.dir));
    say('waiting until the broker has what each agent published');
    for (const { root } of roots) {
      await eventually(`the publication of ${root}`, async () => {
        const response = await fetch(new URL(`/v1/entities/${root}`, trial.broker.origin));
        const told = response.ok ? publishedDocuments.safeParse(await response.json()) : undefined;
        // The keys come after the document they hang on.
        return told?.success && told.data.certificates.length > 0 ? true : undefined;
      });
    }
    return {
      shown: roots.map(({ organisation, root }) => `${organisation} is known by root ${root}, compared out of band`),
      bundle: {
        ...emptyBundle,
        entities: [vendor, buyer].flatMap(({ dir }) => [...readEntities(dir)]),
        certificates: [vendor, buyer].flatMap(({ dir }) => [...readCertificates(dir)]),
      },
    };
  },
};
