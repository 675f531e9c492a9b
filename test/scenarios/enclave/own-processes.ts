import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ownProcess, type Processes } from './an-enclave.js';

const children: ChildProcess[] = [];
async function inChild(role: string, given: object): Promise<{ port: number; stop(): Promise<void> }> {
  const child = fork(process.argv[1] ?? '', ['--role', role]);
  children.push(child);
  child.send(given);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const stop = async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  };
  return { port, stop };
}
/** Relay and gateway as processes of their own: the program that runs is started again, with `--role`. */
export const ownProcesses: Processes = {
  startRelay: () => inChild('relay', {}),
  startGateway: async (folder, beatSeconds) => {
    const { port, stop } = await inChild('gateway', { folder, beatSeconds });
    return { localPort: port, close: stop };
  },
};

/** What such a process does until its parent lets go of it. */
export async function serveRole(role: string): Promise<void> {
  const [given] = (await once(process, 'message')) as [{ folder: string; beatSeconds: number }];
  const made =
    role === 'relay'
      ? await ownProcess.startRelay(30_000)
      : await ownProcess.startGateway(given.folder, given.beatSeconds).then((gateway) => ({
          port: gateway.localPort,
          stop: () => gateway.close(),
        }));
  process.once('disconnect', () => void made.stop().finally(() => process.exit(0)));
  process.send?.({ port: made.port });
}

/** Ends what a failed run left. */
export const endChildren = (): void => {
  for (const child of children) child.kill();
};
