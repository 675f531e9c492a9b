import { resolve } from 'node:path';
import { newId } from '@interlock/company-side';
import { allow, asLogged, type Decision, type EvidenceRecord, evidenceOf } from '@interlock/domain';
import { digestOf, type Pins } from '@interlock/proof';
import {
  type BackupManifest,
  backUp,
  type KeptLog,
  type KeptRecord,
  readBackup,
  recordOfOperator,
} from '@interlock/trial';
import type { Command } from 'commander';
import { parseRoots } from '../../verify/verify-command.js';
import { verifyCopy } from '../audit/copy-log.js';
import { perform, type Shown, tell, WrongUsage } from '../perform.js';
import { gather } from '../read-arguments.js';
import { type InstallationOptions, namedInstallation, withInstallation } from './installation.js';
import { restoreInstallation, restoreTrial } from './restore.js';
import { runningTrial } from './running-trial.js';

/** `interlock backup` and `interlock restore`: what the broker alone holds. A company's folder is a company's own to keep. */
export function backupCommands(program: Command): void {
  withInstallation(program.command('backup'))
    .argument('<out>', 'the folder to make; whoever holds it can deny, and can allow nothing')
    .description("back up what is the broker's alone: every table as of one instant, and its keys. It may run on")
    .action((out: string, options: InstallationOptions) =>
      perform(options, async () => {
        const { adminUrl, keys } = namedInstallation(options) ?? runningTrial(options.trial ?? '');
        const made = await backUp(adminUrl, keys, resolve(out), sayFor(options));
        await recordOfOperator(adminUrl, operatorDid('backup.made', made));
        return allow(shown(made, `backed up into ${out}`, { out }));
      }),
    );
  withInstallation(program.command('restore'))
    .argument('<backup>', 'a folder that "interlock backup" made')
    .description(
      'restore a backup into an installation that is empty; its bus must be empty too. The services are started after it',
    )
    .option(
      '--log-copy <folder>',
      'what "interlock audit copy" kept at a company; may be given again',
      gather(resolve),
      [],
    )
    .option('--roots <list>', 'organisation=thumbprint of every root, to verify those copies with', parseRoots)
    .action((backup: string, options: RestoreOptions) => perform(options, () => restore(backup, options)));
}

interface RestoreOptions extends InstallationOptions {
  readonly logCopy: readonly string[];
  readonly roots?: Pins;
}

async function restore(given: string, options: RestoreOptions): Promise<Decision<Shown>> {
  const folder = resolve(given);
  const named = namedInstallation(options);
  const backup = await readBackup(folder);
  const kept: KeptLog[] = [];
  for (const copy of options.logCopy) {
    if (!options.roots) throw new WrongUsage('--log-copy needs --roots: a copy counts only as the companies signed it');
    const records: KeptRecord[] = [];
    const verified = await verifyCopy(copy, options.roots, (_index, record, opened) =>
      records.push({ record: asLogged(record), opened }),
    );
    if (!verified.allowed) return verified;
    kept.push({ log: verified.value.log, records });
  }
  const restored = { folder, backup, kept, record: operatorDid('backup.restored', backup) };
  if (named) await restoreInstallation(named, restored, sayFor(options));
  else await restoreTrial(options.trial ?? '', restored, sayFor(options));
  return allow(shown(backup, `restored ${given} of ${backup.takenAt}`, {}));
}

/** An act of the operator, with the backup by the digest of its list of contents. */
const operatorDid = (kind: 'backup.made' | 'backup.restored', backup: BackupManifest): EvidenceRecord =>
  evidenceOf('broker/operator', newId('evd'), {
    ...{ log: 'operator', kind, outcome: 'change', at: Date.now() },
    ...{ documents: [digestOf(backup)], code: backup.takenAt, count: backup.tables.length },
  });

const sayFor =
  ({ json }: InstallationOptions) =>
  (what: string) =>
    json ? undefined : tell(`  ${what}`);

function shown(backup: BackupManifest, line: string, more: Readonly<Record<string, unknown>>): Shown {
  const rows = backup.tables.reduce((sum, table) => sum + table.rows, 0);
  return {
    json: { ...more, takenAt: backup.takenAt, tables: backup.tables.length, rows, keys: backup.keys.length },
    lines: [`${line}: ${rows} rows of ${backup.tables.length} tables, ${backup.keys.length} key files`],
  };
}
