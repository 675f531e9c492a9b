import { spawn } from 'node:child_process';
import { program } from '../up/programs.js';
import { WrongUsage } from './perform.js';

/**
 * Runs one process of a company in the foreground until it ends or this one is told to: its log goes to standard error, its ready line to standard
 * output. It ends with this process, however that ends. Throws `WrongUsage` where it could not start or ended with a fault; its own log says why.
 */
export async function runProcess(
  app: 'company-agent' | 'edge-gateway',
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', program(app)], {
    // What is set in the environment of this shell may add to what the folder says, and never replaces it.
    env: { ...process.env, ...settings, INTERLOCK_PARENT_PIPE: '1' },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const tell = (signal: NodeJS.Signals) => () => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, tell(signal));
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('error', failed);
    child.once('exit', ended);
  });
  if (code !== 0 && code !== null) throw new WrongUsage(`the ${app} ended with ${code}; what it wrote above says why`);
}
