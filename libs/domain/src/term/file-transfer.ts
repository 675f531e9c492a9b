import type { FileTransferTerm } from '../documents/agreement.js';
import type { TermDeclaration } from './declare-term.js';
import { listed } from './plain.js';

export const fileTransfer: TermDeclaration<FileTransferTerm> = {
  meaning:
    'files are brought to a machine through these services alone; any other service is used only by functions that the gateway tells apart and that read',
  evaluator: 'agreement/file-transfer',
  points: ['gateway', 'broker'],
  order: { services: 'fewer' },
  added: 'narrower',
  removed: 'wider',
  words: ({ services }) =>
    `files may be brought to a machine through ${listed(services, 'no service')}; of any other service, into which nobody can look, only functions that read are used`,
};
