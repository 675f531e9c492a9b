import { createRequire } from 'node:module';

type Handle = Buffer;
interface Attribute {
  readonly type: number;
  readonly value?: unknown;
}
interface Mechanism {
  readonly mechanism: number;
}

/** What is used of a PKCS#11 module, by the names of the standard (version 2.40). */
export interface Cryptoki {
  load(module: string): void;
  C_Initialize(): void;
  C_GetSlotList(tokenPresent: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { readonly label: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_Login(session: Handle, user: number, pin: string): void;
  C_GenerateKeyPair(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): { readonly publicKey: Handle };
  C_GetAttributeValue(session: Handle, object: Handle, wanted: readonly Attribute[]): readonly Attribute[];
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void;
  C_FindObjects(session: Handle, most: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_Sign(session: Handle, input: Buffer, room: Buffer): Buffer;
}

type Constant =
  | `CKA_${'TOKEN' | 'LABEL' | 'CLASS' | 'PRIVATE' | 'SIGN' | 'VERIFY' | 'SENSITIVE' | 'EXTRACTABLE' | 'EC_PARAMS' | 'EC_POINT'}`
  | `CKM_${'EC_KEY_PAIR_GEN' | 'ECDSA'}`
  | `CKO_${'PUBLIC' | 'PRIVATE'}_KEY`
  | `CKF_${'SERIAL' | 'RW'}_SESSION`
  | 'CKU_USER';

export type Pkcs11 = { readonly PKCS11: new () => Cryptoki } & Readonly<Record<Constant, number>>;

/**
 * The package that speaks PKCS#11. Typed here and loaded when a token is used: it is compiled where it is installed, is missing where that failed, and
 * nothing else needs it.
 */
export function loadPkcs11(): Pkcs11 {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Pkcs11;
  } catch (cause) {
    throw new Error('keys in a token need the package pkcs11js; install it with a C++ compiler at hand', { cause });
  }
}
