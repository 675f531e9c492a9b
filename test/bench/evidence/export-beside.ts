import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Exported, type ExportTask, exportRows } from './export-rows.js';

const TASK = 'INTERLOCK_BENCH_EXPORT';

/** Whether this process was started to export, and what. */
export function exportAsked(): ExportTask | undefined {
  const task = process.env[TASK];
  return task === undefined ? undefined : (JSON.parse(task) as ExportTask);
}

/** In the process that was started. */
export async function answerExport(task: ExportTask): Promise<void> {
  process.stdout.write(JSON.stringify(await exportRows(task)));
}

/** Starts this program again for the export alone, so that its memory is nobody else's. */
export async function exportBeside(task: ExportTask): Promise<Exported> {
  const program = fileURLToPath(import.meta.url);
  const env = { ...process.env, [TASK]: JSON.stringify(task) };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  return JSON.parse(stdout) as Exported;
}
