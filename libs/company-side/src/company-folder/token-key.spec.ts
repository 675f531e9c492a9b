import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrganisationId } from '@interlock/domain';
import { trust } from '@interlock/proof';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundle } from '../../test/bundle.js';
import { layout, readCompany } from './index.js';
import { makeKeyFile, readSigner } from './key-files.js';

const ROOT = join(import.meta.dirname, '../../../..');
// Of the distribution ("softhsm2"); which folder it lies in differs.
const MODULES = ['/usr/lib/softhsm', '/usr/lib/x86_64-linux-gnu/softhsm', '/usr/lib/aarch64-linux-gnu/softhsm'];
const module = [process.env.SOFTHSM2_MODULE ?? '', ...MODULES.map((folder) => join(folder, 'libsofthsm2.so'))].find(
  (file) => file !== '' && existsSync(file),
);
const withTokens = module !== undefined && hasPackage() ? describe : describe.skip;

function hasPackage(): boolean {
  try {
    return createRequire(import.meta.url)('pkcs11js') !== undefined;
  } catch {
    return false;
  }
}

withTokens('offline keys in a PKCS#11 token (SoftHSM)', () => {
  const root = mkdtempSync(join(tmpdir(), 'token-'));
  const dir = join(root, 'company');
  let said: { mapped: boolean; kids: string[] };

  beforeAll(() => {
    mkdirSync(join(root, 'tokens'));
    writeFileSync(join(root, 'softhsm2.conf'), `directories.tokendir = ${join(root, 'tokens')}\nlog.level = ERROR\n`);
    writeFileSync(join(root, 'pin'), '1234567890\n', { mode: 0o600 });
    const program = bundle(
      join(ROOT, 'libs/company-side/test/token-user.ts'),
      join(ROOT, `node_modules/.token-user-${process.pid}.mjs`),
    );
    const env = { ...process.env, SOFTHSM2_CONF: join(root, 'softhsm2.conf') };
    const run = (...more: string[]) =>
      execFileSync(process.execPath, [program, dir, module ?? '', join(root, 'pin'), ...more], {
        cwd: ROOT,
        env,
        encoding: 'utf8',
      });
    try {
      run('1234567890');
      said = JSON.parse(run());
    } finally {
      rmSync(program, { force: true });
    }
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('sign what the company publishes, and lie in no file', async () => {
    const view = readCompany(dir);
    const ring = await trust(view.entities, view.certificates, view.pins, Date.UTC(2026, 5, 1) + 1);
    expect(ring).toMatchObject({ allowed: true });
    expect(view.entities.at(-1)?.document.root.crv).toBe('P-256');
    expect(said.mapped).toBe(true);
    expect(said.kids).toContain([...view.pins.values()][0]);
    const { offline } = layout(dir);
    expect(readdirSync(offline).filter((name) => name.endsWith('.pem'))).toEqual([]);
  });

  it('are not taken where a file of the same name lies beside them: which one would sign is not for chance', () => {
    const { offline } = layout(dir);
    makeKeyFile(offline, 'agreement');
    expect(() => readSigner(offline, 'agreement', 'delta-foods.example' as OrganisationId)).toThrow(/both there/);
    rmSync(join(offline, 'agreement.pem'));
  });
});
