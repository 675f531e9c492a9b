import { deriveNkey, type Nkey } from '@interlock/proof';

/** The keys the broker holds online for the bus of one region. The operator's identity key is not among them. */
export interface RegionKeys {
  /** Signs accounts. Named in the operator JWT; rotated by a new operator JWT. */
  readonly operatorSigner: Nkey;
  readonly systemAccount: AccountKeys;
  /** The one account that has JetStream: it holds the streams of all agreements of the region. */
  readonly regionAccount: AccountKeys;
  accountKeys(accountName: string): AccountKeys;
}

export interface AccountKeys {
  readonly publicKey: string;
  /** Signs the users of this account; the account's identity key signs nothing. */
  readonly signer: Nkey;
}

/**
 * All online keys of a region from its one secret. Whoever has the secret is the broker of that region
 * (trust-model section 2): it can deny and delay, and opens nothing that companies sealed.
 * @throws if the secret is shorter than 32 bytes
 */
export function regionKeys(secret: Uint8Array): RegionKeys {
  const known = new Map<string, AccountKeys>();
  const keysOf = (label: string): AccountKeys => {
    const found = known.get(label) ?? {
      publicKey: deriveNkey(secret, 'account', `identity/${label}`).publicKey,
      signer: deriveNkey(secret, 'account', `signing/${label}`),
    };
    known.set(label, found);
    return found;
  };
  return {
    operatorSigner: deriveNkey(secret, 'operator', 'signing'),
    systemAccount: keysOf('system'),
    regionAccount: keysOf('region'),
    accountKeys: (name) => keysOf(`agreement/${name}`),
  };
}
