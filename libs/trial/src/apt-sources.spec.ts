import { describe, expect, it } from '@jest/globals';
import { readListFile, readSourcesFile } from './apt-sources.js';

describe('the archives a machine uses', () => {
  it('reads the one-line form with and without a key, and nothing that is commented out or from elsewhere', () => {
    const text = [
      'deb http://mirror.example/debian bookworm main',
      '# deb http://off.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] https://two.example/debian/ bookworm main contrib',
      'deb http://mirror.example/debian-security bookworm-security main',
      'deb-src http://source.example/debian bookworm main',
    ].join('\n');
    expect(readListFile(text)).toEqual([
      { uri: 'http://mirror.example/debian' },
      { uri: 'https://two.example/debian/', signedBy: '/usr/share/keyrings/a.gpg' },
    ]);
  });

  it('reads stanzas, with lines that go on and comments inside, and leaves out those switched off', () => {
    const text = [
      'Types: deb deb-src',
      '# a remark',
      'URIs: http://one.example/debian',
      '  http://two.example/debian',
      'Suites: bookworm',
      'Signed-By: /usr/share/keyrings/a.gpg',
      '',
      'Enabled: no',
      'Types: deb',
      'URIs: http://off.example/debian',
      '',
      'Types: deb-src',
      'URIs: http://source.example/debian',
    ].join('\n');
    expect(readSourcesFile(text)).toEqual([
      { uri: 'http://one.example/debian', signedBy: '/usr/share/keyrings/a.gpg' },
      { uri: 'http://two.example/debian', signedBy: '/usr/share/keyrings/a.gpg' },
    ]);
  });
});
