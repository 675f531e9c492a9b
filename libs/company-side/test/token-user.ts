import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OrganisationId } from '@interlock/domain';
import {
  initCompany,
  layout,
  readSettings,
  readSigner,
  renewEntity,
  signRoleMapping,
} from '../src/company-folder/index.js';

/** Makes a token, a company whose offline keys are in it, and has them sign; prints what a fresh reader finds. */
const [dir = '', module = '', pinFile = '', pin = ''] = process.argv.slice(2);
const now = Date.UTC(2026, 5, 1);
if (pin) {
  const lib = createRequire(join(process.cwd(), 'package.json'))('pkcs11js');
  const api = new lib.PKCS11();
  api.load(module);
  api.C_Initialize();
  const slot = api.C_GetSlotList(true).at(-1);
  api.C_InitToken(slot, pin, 'offline'.padEnd(32));
  const session = api.C_OpenSession(api.C_GetSlotList(true)[0], lib.CKF_SERIAL_SESSION | lib.CKF_RW_SESSION);
  api.C_Login(session, lib.CKU_SO, pin);
  api.C_InitPIN(session, pin);
  api.C_Logout(session);
  api.C_Finalize();
} else {
  const organisation = 'delta-foods.example' as OrganisationId;
  const place = { agentOrigin: 'http://127.0.0.1:1', brokerOrigin: 'http://127.0.0.1:2' };
  const identityProvider = { issuer: 'http://127.0.0.1:3', clientId: 'agent' };
  await initCompany(dir, {
    ...{ organisation, name: 'Delta Foods', jurisdiction: 'NL', ...place, identityProvider, now },
    token: { module, token: 'offline', pinFile },
  });
  await renewEntity(dir, now + 1);
  const mapped = await signRoleMapping(dir, { scopes: [], rules: [], outsideAuditors: [] }, now);
  const kids = ['root', 'certify', 'agreement'].map(
    (name) => readSigner(layout(dir).offline, name, readSettings(dir).organisation).kid,
  );
  console.log(JSON.stringify({ mapped: mapped.allowed, kids }));
}
