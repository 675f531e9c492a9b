import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Runs as its own process and holds a pipe from ours. The kernel closes the pipe however we end, SIGKILL included;
 * then the guardian ends every process it was told of. A shell, because it costs one megabyte and is always there.
 *
 * Each line it reads: pid, signal, name, record file. The record file lets the next start find what was left
 * if the guardian itself was killed.
 */
const GUARDIAN = `
trap '' INT TERM HUP
boot=; { read -r boot < /proc/sys/kernel/random/boot_id; } 2>/dev/null
identity() {
  if [ -n "$boot" ]; then
    { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 1
    set -- \${stat##*) }
    case $1 in Z|X) return 1;; esac
    echo "\${20}.$boot"
  else
    set -- $(LC_ALL=C ps -o stat=,lstart= -p "$1" 2>/dev/null)
    case $1 in ''|Z*) return 1;; esac
    shift; IFS=_; echo "$*"
  fi
}
list=
while read -r pid signal name record; do
  id=$(identity "$pid") || continue
  list="$pid $id $signal
$list"
  [ -n "$record" ] && echo "$pid $id $signal $name" >> "$record"
done
left=
while read -r pid id signal; do
  [ -n "$pid" ] && [ "$(identity "$pid")" = "$id" ] || continue
  kill -"$signal" "$pid" && left="$left$pid $id
"
done <<END
$list
END
tries=0
while [ -n "$left" ]; do
  next=
  while read -r pid id; do
    [ -n "$pid" ] || continue
    if [ "$(identity "$pid")" = "$id" ]; then
      if [ $tries -lt 100 ]; then next="$next$pid $id
"; else kill -KILL -"$pid" || kill -KILL "$pid"; fi
    else kill -KILL -"$pid"; fi
  done <<END
$left
END
  left=$next; tries=$((tries+1)); [ -z "$left" ] || sleep 0.1
done
`;

/** Runs before the program, under its pid: nothing can be started that the guardian was not told of first. */
const ANNOUNCE = 'echo "$$ $1 $2 $3" >&3; shift 3; exec "$@" 3>&-';

let current: { readonly child: ChildProcess; readonly pipe: Writable } | undefined;
const announced = new Map<number, string>();

/** What `announcedSpawn` needs to know to have a process ended with ours. */
export interface Announcement {
  /** One word for the record. */
  readonly name: string;
  /** How the program is asked to end. */
  readonly signal: NodeJS.Signals;
  /** File that survives us and the guardian; see `lockDataFolder`. */
  readonly record?: string | undefined;
}

function guardianPipe(): Writable {
  if (current !== undefined) return current.pipe;
  const child = spawn('/bin/sh', ['-c', GUARDIAN, 'interlock-guardian'], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
  });
  const pipe = child.stdin;
  pipe.on('error', () => undefined);
  child.on('exit', () => {
    current = undefined;
    // Somebody ended the guardian while we live: the processes it watched get another one.
    if (announced.size > 0) for (const line of announced.values()) guardianPipe().write(line);
  });
  child.unref();
  (pipe as Writable & { unref?: () => void }).unref?.();
  current = { child, pipe };
  return pipe;
}

/** The pid of the guardian, if anything was started yet. */
export function guardianPid(): number | undefined {
  return current?.child.pid;
}

/** How to spawn a program so that it ends when we do, whatever ends us. */
export function announcedSpawn(
  program: string,
  args: readonly string[],
  announcement: Announcement,
): { readonly program: string; readonly args: string[]; readonly pipe: Writable } {
  const { name, signal, record = '' } = announcement;
  const word = signal.replace(/^SIG/, '');
  if (!/^[\w.-]+$/.test(name)) throw new Error(`a process name must be one word, not ${JSON.stringify(name)}`);
  return {
    program: '/bin/sh',
    args: ['-c', ANNOUNCE, 'sh', word, name, record, program, ...args],
    pipe: guardianPipe(),
  };
}

/** Keeps what to tell the next guardian, and forgets it when the process ends. */
export function remember(child: ChildProcess, announcement: Announcement): void {
  const { pid } = child;
  if (pid === undefined) return;
  const { name, signal, record = '' } = announcement;
  announced.set(pid, `${pid} ${signal.replace(/^SIG/, '')} ${name} ${record}\n`);
  child.once('exit', () => announced.delete(pid));
}
