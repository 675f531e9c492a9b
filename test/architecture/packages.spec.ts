import { describe, expect, it } from '@jest/globals';
import { jsonOf, textOf } from './repository.js';

interface LockEntry {
  resolved?: string;
  link?: boolean;
  version?: string;
  optionalDependencies?: Record<string, string>;
}
interface Lock {
  packages: Record<string, LockEntry>;
}
interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

// Plain JavaScript, because it must run before anything is installed.
const LOCK_FILL = '../../tools/lock-fill.mjs';
const { fillLock } = (await import(LOCK_FILL)) as { fillLock: (lock: Lock) => { added: string[]; stripped: number } };

const root = jsonOf<Manifest>('package.json');
const named = (): [string, string][] =>
  [root.dependencies, root.optionalDependencies, root.devDependencies].flatMap((some) => Object.entries(some));

describe('the lock file', () => {
  it('an address and a missing platform are found where they are planted', () => {
    const lock: Lock = {
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          resolved: 'https://mirror.example/a.tgz',
          optionalDependencies: { 'a-darwin-arm64': '1.0.0' },
        },
        'node_modules/@interlock/b': { resolved: 'libs/b', link: true },
      },
    };
    expect(fillLock(lock)).toEqual({ added: ['node_modules/a-darwin-arm64'], stripped: 1 });
    expect(lock.packages['node_modules/a-darwin-arm64']).toEqual({
      version: '1.0.0',
      cpu: ['arm64'],
      optional: true,
      os: ['darwin'],
    });
    expect(lock.packages['node_modules/@interlock/b']?.resolved).toBe('libs/b');
    expect(fillLock(lock)).toEqual({ added: [], stripped: 0 });
  });

  it('is complete and names no address (else: npm run lock)', () => {
    expect(fillLock(jsonOf<Lock>('package-lock.json'))).toEqual({ added: [], stripped: 0 });
  });

  it('knows every package that package.json names, at that version', () => {
    const { packages } = jsonOf<Lock>('package-lock.json');
    const differing = named().filter(([name, version]) => {
      const wanted = version.startsWith('npm:') ? version.slice(version.lastIndexOf('@') + 1) : version;
      return packages[`node_modules/${name}`]?.version !== wanted;
    });
    expect(differing).toEqual([]);
  });
});

describe('the packages of the project', () => {
  it('each is pinned to one version', () => {
    expect(named().filter(([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('each has one line that says why it is here, and no line is left of one that went', () => {
    const lines = [...textOf('docs/decisions/dependencies.md').matchAll(/^- `([^`]+)`: \S.*$/gm)].map(
      (match) => match[1] ?? '',
    );
    expect(lines.toSorted()).toEqual(
      named()
        .map(([name]) => name)
        .toSorted(),
    );
  });
});
