import { Command } from 'commander';
import { agentCommands } from './commands/agent/agent-commands.js';
import { agreementCommands } from './commands/agreement/agreement-commands.js';
import { auditCommands } from './commands/audit/audit-commands.js';
import { backupCommands } from './commands/backup/backup-commands.js';
import { calendarCommands } from './commands/calendar/calendar-commands.js';
import { connectCommand } from './commands/connect/connect-command.js';
import { dataCommands } from './commands/data/data-commands.js';
import { embargoCommands } from './commands/embargo/embargo-commands.js';
import { explainCommand } from './commands/explain/explain-command.js';
import { gatewayCommands } from './commands/gateway/gateway-commands.js';
import { grantCommands } from './commands/grant/grant-commands.js';
import { reachCommand } from './commands/grant/reach-command.js';
import { keyCommands } from './commands/key/key-commands.js';
import { loginCommands } from './commands/login/login-commands.js';
import { machineCommands } from './commands/machine/machine-commands.js';
import { partnerCommands } from './commands/partner/partner-commands.js';
import { roleCommands } from './commands/role/role-commands.js';
import { upCommand } from './up/up-command.js';
import { verifyCommand } from './verify/verify-command.js';

/** Every verb of the command line. What is not understood throws, for `runProgram` to turn into an exit code. */
export function interlockProgram(): Command {
  const program = new Command('interlock')
    .exitOverride()
    .description(
      'Two companies, two keys: nothing crosses the fence unless both agreed, either can stop it at once, both hold the same proof.',
    )
    .showHelpAfterError('(--help shows what this command takes)');
  upCommand(program);
  verifyCommand(program);
  agentCommands(program);
  keyCommands(program);
  roleCommands(program);
  partnerCommands(program);
  gatewayCommands(program);
  agreementCommands(program);
  machineCommands(program);
  calendarCommands(program);
  loginCommands(program);
  grantCommands(program);
  reachCommand(program);
  connectCommand(program);
  dataCommands(program);
  auditCommands(program);
  embargoCommands(program);
  backupCommands(program);
  explainCommand(program);
  return program;
}
