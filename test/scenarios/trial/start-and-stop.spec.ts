import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walkable } from '@interlock/trial';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { comesTrue } from '../comes-true.js';
import { interlockUp, ROOT, STARTS_WITHIN, type Up } from './interlock-up.js';
import { alive, family, naming, type SeenProcess } from './processes.js';

const STAYS_UP = /The trial stays up until Ctrl-C/;
/** PostgreSQL wants a user that the system knows; this one every system has. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const goneAfter = async (processes: readonly SeenProcess[], milliseconds = 60_000): Promise<string[]> => {
  await comesTrue(async () => alive(processes).length === 0, milliseconds);
  return alive(processes).map(({ name }) => name);
};

/** A folder of this test; the second is an ordinary user's where this test runs as root and that user can reach this clone. */
function places() {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-trial-'));
  chmodSync(folder, 0o711);
  const closed = join(folder, 'closed');
  const home = join(folder, 'home');
  for (const one of [closed, home]) mkdirSync(one, { mode: 0o700 });
  const user = isRoot && walkable(join(ROOT, 'dist/apps/cli/main.js')) ? { uid: NOBODY, home } : undefined;
  if (user) chownSync(home, user.uid, user.uid);
  return { folder, first: join(closed, 'data'), second: join(home, 'data'), user };
}

describe('two trials side by side', () => {
  const { folder, first: firstDir, second: secondDir, user } = places();
  let first: Up;
  let second: Up;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      interlockUp({ dir: firstDir, args: ['--through', '1'] }),
      interlockUp({ dir: secondDir, args: ['--through', '1'], ...(user && { user }) }),
    ]);
    await Promise.all([first.says(STAYS_UP), second.says(STAYS_UP)]);
  }, STARTS_WITHIN + 10_000);

  afterAll(async () => {
    for (const up of [first, second]) up?.send('SIGKILL');
    await comesTrue(async () => naming(folder).length === 0, 60_000);
    rmSync(folder, { recursive: true, force: true });
  }, 70_000);

  it('both play the first step, one in a folder that only its owner can enter, one as an ordinary user', () => {
    for (const up of [first, second]) {
      expect(up.said()).toMatch(/1\/1 pin: /);
      expect(up.said()).not.toMatch(/FAILED|ended by itself/);
      expect(existsSync(join(up.dir, 'proofs', '1-pin.json'))).toBe(true);
    }
    expect(statSync(join(folder, 'closed')).mode & 0o777).toBe(0o700);
    if (user) expect(statSync(secondDir).uid).toBe(NOBODY);
  });

  it('listen on ports of their own and have keys of their own', () => {
    const [one, other] = [firstDir, secondDir].map((dir) => readFileSync(join(dir, 'trial.json'), 'utf8'));
    const portsOf = (text = '{}') => Object.values((JSON.parse(text) as { ports: Record<string, number> }).ports);
    expect(portsOf(one).filter((port) => portsOf(other).includes(port))).toEqual([]);
    const rootOf = (dir: string) => readFileSync(join(dir, 'companies/buyer/offline/root.pem'), 'utf8');
    expect(rootOf(firstDir)).not.toBe(rootOf(secondDir));
  });

  it('a third start on the folder of one of them is refused and names the process that holds it', async () => {
    const third = await interlockUp({ dir: firstDir, args: ['--once', '--json', '--through', '1'] });
    expect(await third.ended()).toEqual({ code: 1, signal: null });
    expect(third.said()).toContain(`in use by process ${first.pid}`);
    expect(third.report()).toEqual({ ok: false, steps: [] });
    expect(alive(family(first.pid)).length).toBeGreaterThan(15);
  }, 60_000);

  it('Ctrl-C leaves nothing behind of the one, and the other goes on', async () => {
    const its = family(second.pid);
    expect(its.length).toBeGreaterThan(15);
    second.send('SIGINT');
    expect(await second.ended(60_000)).toEqual({ code: 0, signal: null });
    expect(await goneAfter(its)).toEqual([]);
    expect(naming(secondDir).map(({ name }) => name)).toEqual([]);
    expect(first.said()).not.toContain('ended by itself');
  }, 130_000);

  it('a killed start leaves no process, and the next one on its folder plays the step again, says which one failed, and goes no further', async () => {
    const its = family(first.pid);
    const rootBefore = readFileSync(join(firstDir, 'companies/buyer/offline/root.pem'), 'utf8');
    first.send('SIGKILL');
    expect(await first.ended(10_000)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await goneAfter(its)).toEqual([]);
    expect(naming(firstDir).map(({ name }) => name)).toEqual([]);
    // Where the proof of the second step is to stand there is something else: a step without a proof has failed.
    mkdirSync(join(firstDir, 'proofs', '2-agree.json', 'in the way'), { recursive: true });
    const next = await interlockUp({ dir: firstDir, args: ['--once', '--json', '--through', '3'] });
    expect({ ending: await next.ended(), said: next.said() }).toMatchObject({ ending: { code: 1, signal: null } });
    expect(next.report()).toMatchObject({
      ok: false,
      steps: [
        { id: 'pin', ok: true },
        { id: 'agree', ok: false, proof: null },
      ],
    });
    expect(next.said()).toMatch(/FAILED after \d+ ms: .*2-agree\.json/);
    expect(readFileSync(join(firstDir, 'companies/buyer/offline/root.pem'), 'utf8')).toBe(rootBefore);
    expect(naming(firstDir).map(({ name }) => name)).toEqual([]);
  }, 200_000);
});

describe('interlock up', () => {
  it.each([
    [['--through', '9'], /--through.*from 1 to/s],
    [['--through', '0'], /--through.*from 1 to/s],
    [['--through', 'all'], /--through.*whole number/s],
    [['--thruogh', '3'], /unknown option '--thruogh'/],
    [['--telemetry', 'no-such-recording.txt'], /no-such-recording\.txt/],
    [['--scrub', 'ab'], /--scrub.*at least/s],
  ])(
    '%j is refused with what is wrong, before anything is started',
    async (args, wanted) => {
      const dir = join(tmpdir(), `interlock-never-${process.pid}`);
      const up = await interlockUp({ dir, args: [...args, '--once'] });
      const { code } = await up.ended(60_000);
      expect(up.said()).toMatch(wanted);
      expect(code).not.toBe(0);
      expect(existsSync(dir)).toBe(false);
    },
    70_000,
  );
});
