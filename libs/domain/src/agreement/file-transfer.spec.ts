import { describe, expect, it } from '@jest/globals';
import { agreementOf, id } from '../../test/a-right.js';
import { goes, use, withTerms } from '../../test/papers.js';
import type { FileTransferTerm } from '../documents/agreement.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { bringsFiles } from './file-transfer.js';

const through = (...services: string[]): FileTransferTerm => ({ type: 'file-transfer', services: services.map(id) });
const no = { allowed: false, refusal: { code: 'files_not_agreed', clause: 'file-transfer' } };

describe('files for a machine', () => {
  it('come through the agreed services, and a service that nobody can look into counts as one that carries them', () => {
    expect(use([through('ssh')])).toMatchObject(goes);
    expect(use([through('sftp')])).toEqual(no);
    expect(use([through()])).toEqual(no);
    expect(use([])).toMatchObject(goes);
  });

  it.each<[string, boolean]>([
    ['modbus', true],
    ['modbus:read', false],
    ['modbus:write', true],
    ['sftp', false],
    ['sftp:read', false],
    ['a:b:c', true],
    ['constructor', true],
  ])('may come by %s where sftp alone was agreed: %s', (action, brings) =>
    expect(bringsFiles(withTerms(through('sftp')), 'machine-to-machine', id(action))).toBe(brings),
  );

  it('do not come by data that leaves', () =>
    expect(bringsFiles(withTerms(through()), 'data-collection', id('telemetry'))).toBe(false));

  it('are refused a way by one side alone', () => {
    const effects = (before: readonly FileTransferTerm[], after: readonly FileTransferTerm[]) =>
      compareVersions(withTerms(...before), withTerms(...after)).map(({ effect }) => effect);
    expect(effects([through('ssh', 'sftp')], [through('sftp')])).toEqual(['narrower']);
    expect(effects([through('sftp')], [through('ssh')])).toEqual(['wider']);
    expect(effects([], [through('sftp')])).toEqual(['narrower']);
    expect(effects([through()], [])).toEqual(['wider']);
    expect(compareVersions(agreementOf(), agreementOf())).toEqual([]);
  });

  it('are spoken of in plain words', () =>
    expect(termWords(through('sftp'))).toBe(
      'files may be brought to a machine through sftp; of any other service, into which nobody can look, only functions that read are used',
    ));
});
