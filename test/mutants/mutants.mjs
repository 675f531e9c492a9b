import { AGREEMENTS } from './agreements.mjs';
import { ANNEXES } from './annexes.mjs';
import { AUDIT } from './audit.mjs';
import { CODES } from './codes.mjs';
import { COMPANY_AGENT } from './company-agent.mjs';
import { DATA } from './data.mjs';
import { DELEGATION } from './delegation.mjs';
import { DEPUTIES } from './deputies.mjs';
import { DOMAIN } from './domain.mjs';
import { EMBARGO } from './embargo.mjs';
import { FUNCTIONS } from './functions.mjs';
import { GATEWAY } from './gateway.mjs';
import { IDENTITY_PROVIDER } from './identity-provider.mjs';
import { INNER_JUDGEMENTS } from './inner-judgements.mjs';
import { LESSONS } from './lessons.mjs';
import { MEMBER_LISTS } from './member-lists.mjs';
import { NARROWING } from './narrowing.mjs';
import { OPERATION } from './operation.mjs';
import { ORGANISATIONS } from './organisations.mjs';
import { PASSKEY } from './passkey.mjs';
import { PLANT } from './plant.mjs';
import { PROOF } from './proof.mjs';
import { ROOM } from './room.mjs';
import { SAFETY } from './safety.mjs';
import { SCAN } from './scan.mjs';
import { STANDING_APPROVAL } from './standing-approval.mjs';
import { STATUS } from './status.mjs';
import { STEP_UP } from './step-up.mjs';
import { STREAMS } from './streams.mjs';
import { SVID } from './svid.mjs';
import { VENDORS } from './vendors.mjs';
import { WORDS } from './words.mjs';

/** Every mutant: the refusal it should have cost, the exact text of one check, what takes its place, and the test that must go red. */
export const MUTANTS = [
  ...DOMAIN,
  ...AGREEMENTS,
  ...ANNEXES,
  ...AUDIT,
  ...CODES,
  ...COMPANY_AGENT,
  ...DATA,
  ...DELEGATION,
  ...DEPUTIES,
  ...EMBARGO,
  ...FUNCTIONS,
  ...IDENTITY_PROVIDER,
  ...INNER_JUDGEMENTS,
  ...LESSONS,
  ...MEMBER_LISTS,
  ...NARROWING,
  ...OPERATION,
  ...ORGANISATIONS,
  ...PASSKEY,
  ...PROOF,
  ...ROOM,
  ...SAFETY,
  ...SCAN,
  ...STANDING_APPROVAL,
  ...STATUS,
  ...STEP_UP,
  ...STREAMS,
  ...VENDORS,
  ...SVID,
  ...WORDS,
  ...GATEWAY,
  ...PLANT,
];

/** Which part of the product the file of a mutant belongs to; the first that fits counts. */
const AREAS = [
  ['data', /(telemetry|flow|seal|jwe|region|minimise|embargo|scan)/],
  ['audit', /(evidence|log|bundle|receipt|checkpoint|disclosure)/],
  ['gateway', /^apps\/edge-gateway\//],
  ['agreements', /(agreement|\/term\/|\/act\/|trust|envelope|canonical|key-ring|standing|parties|role)/],
  ['grants', /./],
];
export const areaOf = (file) => AREAS.find(([, pattern]) => pattern.test(file))[0];
