import { runProgram } from './commands/run-program.js';
import { interlockProgram } from './interlock-program.js';

await runProgram(await interlockProgram(process.argv.slice(2)), process.argv);
