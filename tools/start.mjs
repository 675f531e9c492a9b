// npm start: prepares the clone and plays the trial. The command line runs in this very process, so signals and the
// exit code are its own, and its last line of output is the last line.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const CLI = join(ROOT, 'dist/apps/cli/main.js');
const args = process.argv.slice(2);
const say = args.includes('--json') ? (line) => console.error(line) : (line) => console.log(line);

/** npm and the shell between us do not pass on that they were killed: without a look now and then we would live on. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parentOf = (pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
    } catch {
      return 0;
    }
  };
  const line = () => {
    const parent = process.ppid;
    return `${parent} ${parent > 1 ? parentOf(parent) : 0}`;
  };
  const atStart = line();
  const timer = setInterval(() => {
    if (line() === atStart) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}

try {
  endWithNpm();
  const { prepare } = await import('./prepare.mjs');
  await prepare(say);
  if (!existsSync(CLI)) throw new Error('there is no command line yet: apps/cli/src/main.ts is missing.');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.argv = [process.execPath, CLI, 'up', ...args];
await import(CLI);
