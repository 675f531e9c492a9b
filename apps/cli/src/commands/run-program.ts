import { inTraceOf } from '@interlock/company-side';
import { type Command, CommanderError } from 'commander';

/**
 * Parses the command line and runs the one verb it names. What is not understood ends with exit code 2 and, where `--json` was asked for,
 * with one JSON object all the same. All that it asks belongs to one trace: the one `TRACEPARENT` names, or a new one. The program must have been made with `exitOverride()`, before its verbs were added.
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  // Whoever writes learns it from the write; a reader that left, such as "head", is no fault of this program.
  process.stdout.on('error', () => undefined);
  try {
    await inTraceOf(process.env.TRACEPARENT, () => program.parseAsync([...argv]));
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    process.exitCode = 2;
    if (argv.includes('--json')) {
      const message = error.code === 'commander.help' ? 'a verb is missing; --help lists them' : error.message;
      process.stdout.write(`${JSON.stringify({ ok: false, error: message })}\n`);
    }
  }
}
