import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings, writeDurably } from '@interlock/company-side';
import { allow, type Decision } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, tell, WrongUsage, withJson } from '../perform.js';
import { origin } from '../read-arguments.js';
import { utc } from '../words.js';
import type { AgentCall } from './ask-agent.js';
import { logIn } from './log-in.js';
import { connectorFile, keepSession, personFolder, readSession, withHome } from './person-folder.js';
import { type AddressOptions, showAddress, withAddress } from './show-address.js';

export interface PersonOptions extends JsonOption {
  readonly agent?: string;
  readonly home?: string;
  readonly company?: string;
}

/** Verbs that a person does at the own company's agent. */
export const asPerson = (command: Command): Command =>
  withHome(withJson(command))
    .option('--agent <origin>', "your own company's agent; the last one you logged in at", origin)
    .option('--company <folder>', "your company's own folder, which names its agent, where it is on this machine");

const agentOf = ({ agent, company }: PersonOptions): string | undefined =>
  agent ?? (company === undefined ? undefined : readSettings(company).agentOrigin);

/** The person's session, where one was kept. */
export function sessionAt(options: PersonOptions, now = Date.now()): Required<AgentCall> {
  const folder = personFolder(options.home);
  const { accessToken, agent: at } = readSession(folder, agentOf(options) ?? lastAgent(folder), now);
  return { agent: at, accessToken };
}

/** The same for a verb that may log the person in first: with `--open` or `--login-command` it does, whoever was logged in before. */
export async function sessionOrLogin(options: PersonOptions & AddressOptions): Promise<Decision<Required<AgentCall>>> {
  if (!options.open && options.loginCommand === undefined) return allow(sessionAt(options));
  const folder = personFolder(options.home);
  const session = await logIn(agentOf(options) ?? lastAgent(folder), showAddress(options));
  if (!session.allowed) return session;
  keepSession(folder, session.value);
  const { person, agent, accessToken } = session.value;
  tell(`you are ${person} at ${agent}`);
  return allow({ agent, accessToken });
}

function lastAgent(folder: string): string {
  const file = join(folder, 'agent');
  if (!existsSync(file))
    throw new WrongUsage('you have not logged in anywhere yet; run "interlock login --agent ORIGIN"');
  return readFileSync(file, 'utf8').trim();
}

/** `interlock login`, and the file that a company gives to the computers of its people. */
export function loginCommands(program: Command): void {
  withAddress(withHome(withJson(program.command('login'))))
    .description("log in at your own company's agent, with the login you already have; lasts an hour")
    .requiredOption('--agent <origin>', "your own company's agent", origin)
    .action((options: PersonOptions & AddressOptions & { agent: string }) =>
      perform(options, async () => {
        const session = await logIn(options.agent, showAddress(options));
        if (!session.allowed) return session;
        keepSession(personFolder(options.home), session.value);
        const { person, expiresAt, agent } = session.value;
        return allow({
          json: { agent, person, expiresAt },
          lines: [`you are ${person} at ${agent} until ${utc(expiresAt)}`],
        });
      }),
    );
}

/** `interlock agent connector-file`. */
export function connectorFileVerb(agent: Command): void {
  withJson(agent.command('connector-file'))
    .argument('<folder>', 'the folder of the company')
    .argument('<file>', 'the file to write')
    .description("write what your people's computers need to connect: origins and pins; it holds no secret")
    .action((dir: string, file: string, options: JsonOption) =>
      perform(options, async () => {
        writeDurably(file, connectorFile(dir), 0o644);
        return allow({ json: { file }, lines: [`written to ${file}; hand it to your people yourself`] });
      }),
    );
}
