import { REFUSALS, RELAY_REFUSALS, TUNNEL_REFUSALS } from '@interlock/contracts';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Command } from 'commander';
import { bundledInterlock, type Interlock } from '../../test/run-interlock.js';
import { EXAMPLES } from '../examples.js';
import { interlockProgram } from '../interlock-program.js';

// Each verb is a program of its own to start, on a machine that may be busy.
jest.setTimeout(120_000);

let interlock: Interlock;
beforeAll(async () => {
  interlock = bundledInterlock();
});
afterAll(() => interlock?.remove());

/** Every verb with what it answers to `--help`, by its words. */
function helpOf(command: Command, words: readonly string[] = []): [string, string][] {
  if (command.commands.length === 0) return [[words.join(' '), command.helpInformation()]];
  return command.commands.flatMap((verb) => helpOf(verb, [...words, verb.name()]));
}

const STORY =
  'up, verify, login, inbox, who-can-reach, connect, explain, agent init, agent run, gateway run, agent show, agent tell-signals, agent renew, agent broker-keys, agent connector-file, agent revoke-all, agent follow-accounts, agent decision-point, agent caller-proof, ' +
  'key person add, key person deputy, key person hours, key person passkey, key machine add, key rotate, key svid-issuer, role show, role map, role auditor, partner pin, gateway provision, gateway lockout, gateway unlock, gateway state, gateway hand, gateway signal, gateway activate, quarantine list, quarantine release, quarantine hand, ' +
  'agreement new, agreement bring-in, agreement draft, agreement drafts, agreement discard, agreement propose, agreement list, agreement show, agreement sign, agreement diff, agreement suspend, agreement narrow, ' +
  'agreement resume, agreement terminate, agreement attest, agreement accept, agreement withdraw, agreement attestations, ' +
  'agreement except, agreement exceptions, agreement insolvent, agreement sheet, agreement archive, agreement simulate, agreement signal, agreement signals, machine import, machine show, machine move, machine transfer, machine decommission, calendar publish, calendar show, group publish, group list, group strike, ' +
  'grant request, grant list, grant show, grant approve, grant delegate, grant deny, grant revoke, ' +
  'grant revoke-own, grant standing, data pull, data push, data credentials, data deliver, data hold, data export, data erase, data erased, audit query, audit who-touched, audit left-region, audit copy, audit verify, audit export, audit stream, audit report, audit review, audit usage, audit when, audit disclose, audit erase, audit hold, ' +
  'embargo import, embargo rule, embargo status, embargo check, embargo review, embargo authorise, backup, restore, operator parked, operator handle-parked, operator letters, operator handle-letter';

describe('every verb', () => {
  it('is there, explains itself, and answers programs in JSON', async () => {
    const verbs = helpOf(await interlockProgram());
    expect(verbs.map(([name]) => name).sort()).toEqual(STORY.split(', ').sort());
    for (const [name, help] of verbs) {
      expect({ name, json: help.includes('--json') }).toEqual({ name, json: true });
      expect(help).toMatch(/^Usage: interlock .*\n\n[a-z]/);
    }
  });

  it('has an example, which it understands as it stands', async () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length > 0 ? command.commands.flatMap(leaves) : [command];
    const named = {
      AGREEMENT: `agr_${'0'.repeat(26)}`,
      GRANT: `grt_${'0'.repeat(26)}`,
      SESSION: `ses_${'0'.repeat(26)}`,
      DIGEST: `sha256:${'A'.repeat(43)}`,
    };
    const typed = (line: string): string[] =>
      [...line.replaceAll('FINGERPRINT', 'A'.repeat(43)).matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) =>
        (quoted ?? plain).replace(/\$([A-Z]+)/, (_, name: keyof typeof named) => named[name] ?? ''),
      );
    const verbs = helpOf(await interlockProgram()).map(([name]) => name);
    expect(Object.keys(EXAMPLES).sort()).toEqual(verbs.sort());
    const understood: string[] = [];
    for (const [name, example] of Object.entries(EXAMPLES)) {
      const words = [...name.split(' '), ...typed(example)];
      const program = await interlockProgram(words);
      for (const verb of leaves(program)) {
        verb.action(() => void understood.push(name)).configureOutput({ writeErr: () => undefined });
      }
      const fault = (thrown: Error) => void understood.push(`${name}: ${thrown.message}`);
      await program.parseAsync(words, { from: 'user' }).catch(fault);
    }
    expect(understood).toEqual(Object.keys(EXAMPLES));
  });

  it('says which options are required, defaults in the units they are typed in, and one example', async () => {
    const helps = new Map(helpOf(await interlockProgram()));
    expect(helps.get('agent init')).toMatch(/--name <name> .*\(required\)/);
    const fresh = helps.get('agreement new') ?? '';
    expect(fresh.replace(/\s+/g, ' ')).toContain('without a fresh "still agreed" (default: 30min)');
    expect(fresh).toContain('SPAN is a whole number with s, min, h or d');
    expect(fresh).toContain('Example:\n  interlock agreement new acme --profile remote-service');
  });

  it('shows its help as a program too', async () => {
    const [all, one] = await Promise.all([interlock.run('--help'), interlock.run('grant', 'revoke', '--help')]);
    expect([all.code, one.code]).toEqual([0, 0]);
    expect(one.stdout).toContain('live sessions and flows under it end at once');
  });

  it('says what it does not understand, with exit code 2 and one JSON object for programs', async () => {
    const wrong = [
      ['agent', '--json'],
      ['nothing', '--json'],
      ['agent', 'show', '.', '--colour', '--json'],
      ['grant', 'revoke-own', 'company:us', '--json'],
      ['data', 'pull', '--endpoint', 'nowhere', '--json'],
      ['audit', 'query', '--company', '.', '--kind', 'press.touched', '--json'],
      ['audit', 'query', '--company', '.', '--from', '2026-06-01T22:00', '--json'],
    ];
    for (const words of wrong) {
      const ran = await interlock.run(...words);
      expect({ words, code: ran.code, ok: ran.json.ok }).toEqual({ words, code: 2, ok: false });
    }
  });

  it('asks for a login where none is kept, and says how', async () => {
    const shown = await interlock.run('inbox', '--json');
    expect(shown).toMatchObject({ code: 2 });
    expect(String(shown.json.error)).toContain('interlock login --agent');
  });

  it('names a connector file that is missing, and where it comes from', async () => {
    const ran = await interlock.run('connect', `grt_${'0'.repeat(26)}`, 'press-7/ssh', '--json');
    expect(ran).toMatchObject({ code: 2 });
    expect(String(ran.json.error)).toContain('interlock agent connector-file');
  });

  it('says of a path that is wrong which one it is, and of a fingerprint what is wrong with it', async () => {
    const roots = ['--roots', `acme.example=${'A'.repeat(43)}`];
    const wrong = [
      [['verify', 'no-bundle.json', ...roots], /no-bundle.json cannot be read; check the path/],
      [['data', 'push', '.', 'no-events.ndjson'], /no-events.ndjson cannot be read; check the path/],
    ] as const;
    for (const [words, said] of wrong) {
      const ran = await interlock.run(...words);
      expect({ words, code: ran.code, lines: ran.stderr.trim().split('\n').length < 4 }).toEqual({
        words,
        code: 2,
        lines: true,
      });
      expect(ran.stderr).toMatch(said);
    }
  });

  it('keeps standard output for the stream where it is the stream', async () => {
    const ran = await interlock.run('connect', `grt_${'0'.repeat(26)}`, 'press-7/ssh', '--stdio', '--json');
    expect(ran).toMatchObject({ code: 2 });
  });
});

describe('interlock explain', () => {
  it('explains every refusal there is, and how a session may end', async () => {
    const { json } = await interlock.run('explain', '--json');
    const codes = json.codes as { code: string; means: string; whatToDo: string | null }[];
    for (const code of Object.keys({ ...REFUSALS, ...TUNNEL_REFUSALS, ...RELAY_REFUSALS }))
      expect(codes.map((one) => one.code)).toContain(code);
    for (const one of codes)
      expect({ ...one, said: one.means !== '' && (one.whatToDo ?? '') !== '' }).toMatchObject({ said: true });
  });

  it('says what one code means, who can mend it and what to do', async () => {
    const lease = await interlock.run('explain', 'not_pinned');
    expect(lease).toMatchObject({ code: 0 });
    expect(lease.stdout).toContain('Who can mend it: The company itself');
    expect(lease.stdout).toContain('What to do: Compare root fingerprints and run "interlock partner pin"');
    expect(await interlock.run('explain', 'control_lost')).toMatchObject({ code: 0 });
  });

  it('helps with a code that is not one', async () => {
    const ran = await interlock.run('explain', 'window-over');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('window_over');
  });
});
