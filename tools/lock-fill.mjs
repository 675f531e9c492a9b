// Completes package-lock.json: run it after every change of a dependency.
//
// npm leaves a platform's package out of the lock when the registry in use does not carry it, and then refuses the lock
// on every machine. This adds a stub for each of them, and removes the address each package was downloaded from, so
// that a clone asks the registry its own machine is set up for.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];

/** Finds the package that `require(name)` would give to a package installed at `from`. */
function resolveFrom(packages, from, name) {
  for (let at = from; ; ) {
    const found = packages[`${at ? `${at}/` : ''}node_modules/${name}`];
    if (found || !at) return found;
    const up = at.lastIndexOf('/node_modules/');
    at = up < 0 ? '' : at.slice(0, up);
  }
}

/** What npm itself writes for a package of a foreign platform, as far as its name tells. */
function stub(name, version, dev) {
  const word = name.slice(name.indexOf('/') + 1);
  const os = OS.find((one) => word.includes(one)) ?? (word.includes('windows') ? 'win32' : undefined);
  const cpu = CPU.find((one) => word.includes(one));
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    optional: true,
    ...(os && { os: [os] }),
    ...(word.includes('musl') && { libc: ['musl'] }),
  };
}

/**
 * Completes a parsed lock in place.
 *
 * @returns {{ added: string[], stripped: number }} what was missing, and how many addresses were removed
 */
export function fillLock(lock) {
  const packages = lock.packages;
  const added = [];
  let stripped = 0;
  for (const entry of Object.values(packages)) {
    // A link's "resolved" is a folder of this repository.
    if (entry.resolved === undefined || entry.link) continue;
    delete entry.resolved;
    stripped += 1;
  }
  for (const [at, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const version = /^[\^~]?(\d+\.\d+\.\d+\S*)$/.exec(range)?.[1];
      if (version === undefined) continue;
      const found = resolveFrom(packages, at, name);
      if (found && (found.version === version || range !== version)) continue;
      const taken = found || packages[`node_modules/${name}`];
      const place = taken ? `${at}/node_modules/${name}` : `node_modules/${name}`;
      packages[place] = stub(name, version, entry.dev);
      added.push(place);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { added, stripped };
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const file = process.argv[2] ?? 'package-lock.json';
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const { added, stripped } = fillLock(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${file}: ${added.length} missing entries added, ${stripped} addresses removed`);
}
