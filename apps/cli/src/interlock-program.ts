import { RELEASE } from '@interlock/contracts';
import { Command } from 'commander';
import { HELP_OF_VERBS } from './help-of-verbs.js';

type AddVerbs = (program: Command) => unknown;

// Each is read from disk when its verb is typed: who asks for a key waits for no bus, no database, no SSH.
const VERBS: readonly { readonly names: readonly string[]; readonly load: () => Promise<AddVerbs> }[] = [
  { names: ['up'], load: async () => (await import('./up/up-command.js')).upCommand },
  { names: ['verify'], load: async () => (await import('./verify/verify-command.js')).verifyCommand },
  { names: ['agent'], load: async () => (await import('./commands/agent/agent-commands.js')).agentCommands },
  { names: ['key'], load: async () => (await import('./commands/key/key-commands.js')).keyCommands },
  { names: ['role'], load: async () => (await import('./commands/role/role-commands.js')).roleCommands },
  { names: ['partner'], load: async () => (await import('./commands/partner/partner-commands.js')).partnerCommands },
  { names: ['gateway'], load: async () => (await import('./commands/gateway/gateway-commands.js')).gatewayCommands },
  {
    names: ['quarantine'],
    load: async () => (await import('./commands/quarantine/quarantine-commands.js')).quarantineCommands,
  },
  {
    names: ['agreement'],
    load: async () => (await import('./commands/agreement/agreement-commands.js')).agreementCommands,
  },
  { names: ['machine'], load: async () => (await import('./commands/machine/machine-commands.js')).machineCommands },
  {
    names: ['calendar'],
    load: async () => (await import('./commands/calendar/calendar-commands.js')).calendarCommands,
  },
  { names: ['group'], load: async () => (await import('./commands/group/group-commands.js')).groupCommands },
  { names: ['login'], load: async () => (await import('./commands/login/login-commands.js')).loginCommands },
  { names: ['grant', 'inbox'], load: async () => (await import('./commands/grant/grant-commands.js')).grantCommands },
  { names: ['who-can-reach'], load: async () => (await import('./commands/grant/reach-command.js')).reachCommand },
  { names: ['connect'], load: async () => (await import('./commands/connect/connect-command.js')).connectCommand },
  { names: ['data'], load: async () => (await import('./commands/data/data-commands.js')).dataCommands },
  { names: ['audit'], load: async () => (await import('./commands/audit/audit-commands.js')).auditCommands },
  { names: ['embargo'], load: async () => (await import('./commands/embargo/embargo-commands.js')).embargoCommands },
  {
    names: ['backup', 'restore'],
    load: async () => (await import('./commands/backup/backup-commands.js')).backupCommands,
  },
  {
    names: ['operator'],
    load: async () => (await import('./commands/operator/operator-commands.js')).operatorCommands,
  },
  { names: ['explain'], load: async () => (await import('./commands/explain/explain-command.js')).explainCommand },
];

/**
 * The command line, for the verb it begins with; with every verb where it begins with none of them. What is not understood
 * throws, for `runProgram` to turn into an exit code.
 *
 * @param words what was typed after `interlock`
 */
export async function interlockProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('interlock')
    .exitOverride()
    .configureHelp(HELP_OF_VERBS)
    .description(
      'Two companies, two keys: nothing crosses the fence unless both agreed, either can stop it at once, both hold the same proof.',
    )
    .showHelpAfterError('(--help shows what this command takes)');
  // Only where it stands first: "agreement show --version 2" asks for another one.
  if (words[0] === '--version' || words[0] === '-V') program.version(RELEASE, '-V, --version');
  const typed = VERBS.filter(({ names }) => names.includes(words[0] ?? ''));
  for (const { load } of typed.length > 0 ? typed : VERBS) (await load())(program);
  return program;
}
