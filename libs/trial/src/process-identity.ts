import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Says which process holds a pid now: its start time, with the boot it belongs to. A pid alone is not a process:
 * it is given to another one later, and after a reboot even the start time comes round again.
 *
 * @param proc where the kernel shows its processes; where it does not, `ps` is asked
 * @returns `undefined` if no process runs under that pid (one that only waits to be collected does not run)
 */
export function processIdentity(pid: number, proc = '/proc'): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const boot = read(`${proc}/sys/kernel/random/boot_id`);
  if (boot === undefined) return identityByPs(pid);
  // The program's name may hold spaces and brackets; the fields follow its last bracket.
  const fields = read(`${proc}/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${fields[19]}.${boot.trim()}`;
}

/** True if the process that once had this pid and identity still runs. */
export function stillRuns(pid: number, identity: string): boolean {
  return processIdentity(pid) === identity;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function identityByPs(pid: number): string | undefined {
  try {
    const options = { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stdio: 'pipe' } as const;
    const [state = '', ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options)
      .trim()
      .split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join('_');
  } catch {
    return undefined;
  }
}
