import { grantView } from '@interlock/contracts';
import type {
  AgreementId,
  Grant,
  GrantId,
  GrantKind,
  LocalId,
  ResourceRef,
  Signed,
  SubjectRef,
} from '@interlock/domain';
import { z } from 'zod';
import { companyBroker } from '../commands/company-broker.js';
import type { CompanyPlace } from '../up/start-companies.js';
import { type Person, textOf } from './person.js';
import { eventually, must, StepFailed } from './step.js';

export interface Wish {
  readonly agreementId: AgreementId;
  readonly kind: GrantKind;
  readonly subjects?: readonly SubjectRef[];
  readonly resources: readonly ResourceRef[];
  readonly actions: readonly LocalId[];
  readonly purpose: LocalId;
  readonly ticket: string | null;
  readonly windows: readonly { readonly from: number; readonly to: number }[];
}

const shown = z.object({
  id: z.string(),
  digest: z.string(),
  plain: z.array(z.unknown()),
  approvers: z.array(z.string()),
});

/** A person asks: his own agent writes the grant, he signs it with his own passphrase. */
export async function ask(person: Person, wish: Wish): Promise<GrantId> {
  const { id } = await person.post('/grants', { ...wish, passphrase: person.passphrase }, shown);
  return id as GrantId;
}

/** Approves on the page that the approver's own company serves: what the page shows is what is signed. */
export async function approveOnPage(person: Person, grant: GrantId, mustShow: readonly string[]): Promise<void> {
  const page = await person.open(`/grants/${grant}`);
  const missing = mustShow.find((words) => !textWhole(page.html).includes(words));
  if (missing) throw new StepFailed(`the page for ${grant} does not show "${missing}": ${textOf(page)}`);
  const answer = await person.submit(page, { passphrase: person.passphrase }, '/approve');
  if (answer.status !== 200)
    throw new StepFailed(`approval on the page was answered ${answer.status}: ${textOf(answer)}`);
}

/** Approves from the command line: reads what would be signed, then signs exactly that digest. */
export async function approveByProgram(person: Person, grant: GrantId): Promise<void> {
  const { digest } = await person.get(`/grants/${grant}`, shown);
  await person.post(`/grants/${grant}/approve`, { digest, passphrase: person.passphrase }, shown);
}

const textWhole = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** Waits until the broker, which can deny, does not: every signature is there. */
export async function active({ dir }: CompanyPlace, grant: GrantId): Promise<Signed<Grant>> {
  return eventually(`grant ${grant} active`, async () => {
    const view = must('reading the grant', await companyBroker(dir).broker.get(`/v1/grants/${grant}`, grantView));
    const { document, signatures } = view.grant;
    return view.status === 'active' && document.typ === 'grant' ? { document, signatures } : undefined;
  });
}

export type SignedGrant = Signed<Grant>;
export type { Grant };
