import type { EvidenceOutcome } from '@interlock/domain';
import { EXPORT_FORMATS, type ExportName } from '../export-formats.js';
import type { ProvenRow } from '../proven-row.js';

/** RFC 5424, 6.2.1: facility 13 is "log audit"; severity 3 error, 4 warning, 5 notice, 6 informational. */
const FACILITY = 13;
const SEVERITY: Readonly<Record<EvidenceOutcome, number>> = {
  ...{ allow: 6, change: 6, delivery: 6, deny: 5, cut: 4, finding: 3 },
};

/**
 * A row as a syslog message of RFC 5424, framed by octet counting (RFC 5425, 4.3; RFC 6587, 3.4.1). The host is the source's organisation,
 * MSGID the kind of record. Letters beyond ASCII stand as JSON escapes, so that the message needs no byte order mark (RFC 5424, 6.4).
 */
export function syslogFrame(row: ProvenRow, format: ExportName): string {
  const { at, outcome, source, kind } = row.record;
  const priority = FACILITY * 8 + SEVERITY[outcome];
  const host =
    source
      .split('/')[0]
      ?.replace(/[^\x21-\x7e]/g, '?')
      .slice(0, 255) || '-';
  const said = EXPORT_FORMATS[format].line(row).trimEnd();
  const ascii = said.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const message = `<${priority}>1 ${new Date(at).toISOString()} ${host} interlock - ${kind} - ${ascii}`;
  return `${message.length} ${message}`;
}
