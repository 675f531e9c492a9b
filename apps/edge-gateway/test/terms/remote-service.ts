import { id, sessionOpens, type TermCase } from '../at-the-gateway.js';
import { access } from './honest-terms.js';

export const remoteService: TermCase = {
  permits: 'a technician for an agreed purpose, approved by two of the agreed group',
  permitted: () => sessionOpens({ terms: [access('remote-service')] }),
  refuses: 'a technician for a purpose that is not agreed',
  refused: () => sessionOpens({ terms: [{ ...access('remote-service'), purposes: [id('training')] }] }),
  code: 'purpose_not_agreed',
};
