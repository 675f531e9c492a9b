import { allow, type Decision } from '@interlock/domain';
import type { Command } from 'commander';
import { companyBroker, type HistorySource } from '../company-broker.js';
import { type AgentCall, askAgent, fetchFromAgent } from '../login/ask-agent.js';
import { sessionOrLogin } from '../login/login-commands.js';
import { connectorSettings, withHome } from '../login/person-folder.js';
import { type AddressOptions, withAddress } from '../login/show-address.js';
import { WrongUsage } from '../perform.js';

export interface SourceOptions extends AddressOptions {
  readonly company?: string;
  readonly connector?: string;
  readonly home?: string;
}

/** Who asks: whoever holds the folder is the company; everybody else is a person with a login, who needs the role. */
export const withSource = (command: Command): Command =>
  withAddress(
    withHome(
      command
        .option('--company <folder>', 'the folder of your company; whoever can read it is the company')
        .option(
          '--connector <file>',
          'the connector file of your company: you ask as yourself, and need the auditor role',
        ),
    ),
  );

/** The history as these options ask for it. A person is logged in at the company's own agent, which asks on his behalf. */
export async function historySource(options: SourceOptions): Promise<Decision<HistorySource>> {
  const { company, connector, home, open, loginCommand } = options;
  if ((company === undefined) === (connector === undefined))
    throw new WrongUsage(
      'give --company, the folder of your company, or --connector, its connector file, to ask as yourself',
    );
  if (connector === undefined) return allow(companyBroker(company ?? ''));
  const { organisation, agentOrigin: agent, pins, log } = connectorSettings({ connector });
  const session = await sessionOrLogin({
    agent,
    ...(home !== undefined && { home }),
    ...(open !== undefined && { open }),
    ...(loginCommand !== undefined && { loginCommand }),
  });
  if (!session.allowed) return session;
  return allow({ organisation, pins, brokerKeys: log, now: Date.now, ...throughAgent(session.value) });
}

/** What the broker answers comes through the agent as it is; it is verified here, not there. */
const throughAgent = (call: Required<AgentCall>): Pick<HistorySource, 'broker' | 'file'> => ({
  broker: { get: (target, shape) => askAgent(call, `/history${target}`, shape) },
  file: (target) => fetchFromAgent(call, `/history${target}`),
});
