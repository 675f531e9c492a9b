import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Resolves when a program that was started takes connections; rejects where it ended or took none within ten seconds. */
export async function reachable(port: number, child: ChildProcess): Promise<void> {
  let failed = false;
  child.once('error', () => (failed = true)).once('exit', () => (failed = true));
  for (const end = performance.now() + 10_000; !(await answers(port)); await pause(20))
    if (failed || performance.now() > end) throw new Error('it did not come up');
}
