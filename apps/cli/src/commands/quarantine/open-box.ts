import { type DropBox, dropBoxAgreement, openDropBox } from '@interlock/client';
import { allow, type Decision } from '@interlock/domain';
import { type VerifiedAgreement, verifiedAgreement } from '../agreement/verified-agreement.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { receiversLog } from '../data/say-received.js';
import { tell, WrongUsage, waitingFor } from '../perform.js';
import type { LetIn } from './let-in.js';

/** A drop box, with everything that a release of what waits in it is judged by but the scanner. */
export interface OpenBox extends Omit<LetIn, 'scanner'> {
  readonly dir: string;
  readonly box: DropBox;
  readonly company: CompanyBroker;
  readonly agreed: VerifiedAgreement;
}

/** The drop box in a folder; undefined where the folder is none. */
export async function inBox(dir: string, folder: string | undefined): Promise<Decision<OpenBox> | undefined> {
  const agreement = dropBoxAgreement(dir);
  if (agreement === undefined) return undefined;
  if (folder === undefined) throw new WrongUsage(`${dir} is a drop box; give --company, the folder of your company`);
  const company = companyBroker(folder);
  const agreed = await waitingFor('reading the agreement', verifiedAgreement(company, agreement));
  if (!agreed.allowed) return agreed;
  const log = receiversLog(company, agreement);
  const record: LetIn['record'] = ({ content }, by) =>
    log.say('scan.released', [content, ...by.map(({ digest }) => digest)], 1);
  return allow({ dir, box: openDropBox(dir, agreement, tell), company, agreed: agreed.value, record });
}
