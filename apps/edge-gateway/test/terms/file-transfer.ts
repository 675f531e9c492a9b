import type { TermOf } from '@interlock/domain';
import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';

const through = (...services: string[]): TermOf<'file-transfer'> => ({
  type: 'file-transfer',
  services: services.map(id),
});

export const fileTransfer: TermCase = {
  permits: 'a session of a service through which files may be brought',
  permitted: () => sessionOpens({ terms: [through('ssh')] }),
  refuses: 'a session of a service that carries files, where these come through another one',
  refused: () => sessionOpens({ terms: [through('sftp')] }),
  code: 'files_not_agreed',
};
