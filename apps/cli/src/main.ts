import { runProgram } from './commands/run-program.js';
import { interlockProgram } from './interlock-program.js';

await runProgram(interlockProgram(), process.argv);
