import { Command } from 'commander';
import { upCommand } from './up/up-command.js';
import { verifyCommand } from './verify/verify-command.js';

const program = new Command('interlock')
  .description(
    'Two companies, two keys: nothing crosses the fence unless both agreed, either can stop it at once, both hold the same proof.',
  )
  .showHelpAfterError('(--help shows what this command takes)');
upCommand(program);
verifyCommand(program);

await program.parseAsync(process.argv);
