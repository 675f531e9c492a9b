import type { Agreement, GrantKind } from '../documents/agreement.js';
import { actionParts } from '../function/function-right.js';
import type { LocalId } from '../names.js';
import { termsOfType } from './find-terms.js';

/**
 * Whether this action could bring a file to a machine past what was agreed. What passes through a service is encrypted from end to end or unknown to
 * the gateway, so a service that is not listed counts as one that carries files (SSH carries SFTP and SCP); only a right to functions that read,
 * which the gateway enforces in the protocol itself, brings nothing.
 */
export function bringsFiles(agreement: Agreement, kind: GrantKind, action: LocalId): boolean {
  const [term] = termsOfType(agreement, 'file-transfer');
  if (!term || kind === 'data-collection') return false;
  const parts = actionParts(action);
  return !parts || (!term.services.includes(parts.service) && parts.functions !== 'read');
}
