import ssh2 from 'ssh2';

/**
 * A new SSH key pair (Ed25519, OpenSSH form). About one in 200 that the library makes cannot be read by its own reader, so each is read before it is
 * kept. Throws where ten in a row cannot.
 */
export function newHostKey(): { readonly private: string; readonly public: string } {
  for (let tries = 0; tries < 10; tries += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
  throw new Error('no SSH key that can be read was made in ten tries');
}
