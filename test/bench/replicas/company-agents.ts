import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layout, newestEntityOf, readSigner, setBrokerKeys } from '@interlock/company-side';
import { signedAct } from '@interlock/contracts';
import type { Act, AgreementId, GrantId, LocalId, PublicJwk, Signed } from '@interlock/domain';
import { PROGRAMS } from '@interlock/testkit';
import { aPartnershipOf, type Company, companyOf, type Partnership } from '@interlock/testkit/builders';
import { type Launched, launch } from '@interlock/trial';
import { z } from 'zod';
import { signIn } from '../../../apps/cli/src/story/person.js';
import { identityProviderSettings } from '../../../apps/cli/src/up/identity-provider-files.js';
import { type CompanyPlace, makeCompanies, pinEachOther } from '../../../apps/cli/src/up/start-companies.js';
import { trialState } from '../../../apps/cli/src/up/trial-state.js';
import type { ReplicatedBroker } from './replicated-broker.js';

/** Both companies, each with folder, login and agent of its own: the agents are processes as they are shipped, and can be killed. */
export interface CompanyAgents {
  /** What a test signs in the companies' names, beside their agents and with other keys than theirs. */
  readonly who: Partnership;
  /** Programs and settings of both agents, by name. */
  readonly settings: Readonly<Record<string, readonly [string, Record<string, string>]>>;
  /** Has the buyer's own agent cut a grant, as a person logged in there; resolves when the agent has said that it is done, however often that took. */
  cut(agreementId: AgreementId, grant: GrantId): Promise<Signed<Act>>;
  stop(): Promise<void>;
}

const GIVE_UP_MS = 90_000;
const cutAnswer = z.object({ act: signedAct });

/** Makes the companies' folders in `dir` and starts their identity providers; who starts the agents starts what `settings` says. */
export async function companyAgents(
  dir: string,
  broker: ReplicatedBroker,
  keys: { readonly ticketKey: PublicJwk; readonly logKey: PublicJwk },
): Promise<CompanyAgents> {
  const state = await trialState(dir);
  const { vendor, buyer } = await makeCompanies({ dir, state, brokerOrigin: broker.origin, now: Date.now() });
  for (const place of [vendor, buyer]) setBrokerKeys(place.dir, { name: broker.name, ...keys });
  pinEachOther(vendor, buyer);
  const providers = await Promise.all([vendor, buyer].map(startProvider));
  return {
    who: await aPartnershipOf(companyIn(vendor), companyIn(buyer), 'second-agent'),
    settings: { 'agent-vendor': agentOf(vendor, broker), 'agent-buyer': agentOf(buyer, broker) },
    cut: cutter(buyer),
    stop: async () => void (await Promise.all(providers.map((one) => one.stop()))),
  };
}

const startProvider = ({ dir, company, issuer }: CompanyPlace): Promise<Launched> =>
  launch({
    name: `login-${company.organisation}`,
    program: process.execPath,
    args: [join(PROGRAMS, 'demo-peers', 'main.js'), 'oidc'],
    env: identityProviderSettings(dir, company.name, issuer),
    ready: { line: /^\{"ready":/ },
  });

const agentOf = ({ dir, agentOrigin }: CompanyPlace, broker: ReplicatedBroker): [string, Record<string, string>] => [
  'company-agent',
  {
    ...{ AGENT_FOLDER: dir, AGENT_PORT: new URL(agentOrigin).port, AGENT_ORIGIN: agentOrigin },
    BROKER_ORIGIN: broker.origin,
  },
];

function companyIn({ dir, company: { organisation } }: CompanyPlace): Company {
  const [root, certify, agreement] = (['root', 'certify', 'agreement'] as const).map((name) =>
    readSigner(layout(dir).offline, name, organisation),
  );
  if (!root || !certify || !agreement) throw new Error('three offline keys are read above');
  return companyOf(newestEntityOf(dir), { root, certify, agreement }, Date.now());
}

/** A person who is asked for a login again where the agent that knew him was killed. */
function cutter(place: CompanyPlace): CompanyAgents['cut'] {
  let officer: ReturnType<typeof signIn> | undefined;
  return async (agreementId, grant) => {
    const wish = { verb: 'revoke', agreementId, target: { kind: 'grant', id: grant }, reason: 'over' };
    for (const end = Date.now() + GIVE_UP_MS; ; await pause(200)) {
      try {
        officer ??= signIn(place, 'security-officer' as LocalId);
        return (await (await officer).post('/acts', wish, cutAnswer)).act;
      } catch (thrown) {
        officer = undefined;
        if (Date.now() > end) throw thrown;
      }
    }
  };
}
