import type { LocalId } from '../names.js';

/** One requirement of a public profile, by its number there and in words of our own. */
export interface Control {
  readonly id: LocalId;
  readonly title: string;
}

/** NIST SP 800-207, section 2.1: the tenets of zero trust, by their order there. */
const TENETS = [
  'everything that holds data or computes is a resource',
  'communication is secured wherever it comes from',
  'access is given per session',
  'policy decides with what is known of the moment',
  'the state of every asset is watched and measured',
  'who asks is proven before access, strictly and again',
  'what happens is collected and makes the posture better',
];

/** IEC 62443-3-3: system requirements by foundational requirement; the position is the number. */
const SYSTEM: readonly (readonly string[])[] = [
  [
    'people are identified',
    'software and devices are identified',
    'accounts are managed',
    'identifiers are managed',
    'credentials are managed',
    'wireless users are identified',
    'passwords are strong',
    'certificates come from a public key infrastructure',
    'public keys are proven before they are believed',
    'feedback at login tells nothing',
    'failed logins are limited',
    'a notice is shown before use',
    'access through untrusted networks is controlled',
  ],
  [
    'rights are enforced',
    'wireless use is controlled',
    'portable and mobile devices are controlled',
    'mobile code is controlled',
    'idle sessions are locked',
    'remote sessions are ended',
    'parallel sessions are limited',
    'events worth an audit are recorded',
    'room for audit records is kept',
    'a failing audit is noticed',
    'records carry the time',
    'nobody can deny what he did',
  ],
  [
    'transmitted data is whole',
    'malicious code is kept out',
    'security functions are verified',
    'software and information are whole',
    'input is validated',
    'outputs go to a known state',
    'errors tell nothing to strangers',
    'sessions are whole',
    'audit information is protected',
  ],
  ['information stays confidential', 'information does not persist', 'cryptography is sound'],
  [
    'networks are segmented',
    'zone boundaries are protected',
    'messages between persons are kept out',
    'applications are partitioned',
  ],
  ['audit logs can be read', 'security is monitored without pause'],
  [
    'denial of service is withstood',
    'resources are managed',
    'the control system is backed up',
    'the control system is restored',
    'emergency power is there',
    'network and security settings are managed',
    'only what is needed is enabled',
    'components are inventoried',
  ],
];

/** IEC 62443-2-4: requirements of a service provider's programme that a federation leans on. */
const PROVIDER: Readonly<Record<string, string>> = {
  'sp.01.01': 'staff know the security requirements of the standard',
  'sp.01.02': 'staff know the security requirements of the owner',
  'sp.01.03': 'sensitive data of the owner is kept secret',
  'sp.01.04': 'staff with access had a background check',
  'sp.01.05': 'a contact for security is named',
  'sp.01.07': 'changes of staff end their access',
  'sp.02.03': 'the solution is hardened by a guide',
  'sp.03.01': 'security risk is assessed',
  'sp.03.02': 'the network is segmented by design',
  'sp.06.01': 'the architecture is documented',
  'sp.06.02': 'installed components are inventoried',
  'sp.07.01': 'remote access uses accepted tools',
  'sp.07.02': 'remote access is documented and justified',
  'sp.07.03': 'remote access needs the yes of the owner',
  'sp.07.04': 'remote access is encrypted and authenticated',
  'sp.08.01': 'security events are reported',
  'sp.08.02': 'security events are logged',
  'sp.09.01': 'accounts are managed',
  'sp.10.01': 'malicious code is kept out',
  'sp.11.01': 'patches are qualified',
  'sp.12.01': 'the solution is backed up',
};

const control = (id: string, title: string): Control => ({ id: id as LocalId, title });

/** Every control that a term can ask for. A control that is not here cannot be agreed: nobody could say what was attested. */
export const CONTROLS: readonly Control[] = [
  ...TENETS.map((title, at) => control(`nist-sp-800-207/tenet-${at + 1}`, title)),
  ...SYSTEM.flatMap((titles, family) =>
    titles.map((title, at) => control(`iec-62443-3-3/sr-${family + 1}.${at + 1}`, title)),
  ),
  ...Object.entries(PROVIDER).map(([id, title]) => control(`iec-62443-2-4/${id}`, title)),
];

const KNOWN: ReadonlyMap<string, string> = new Map(CONTROLS.map(({ id, title }) => [id, title]));
export const isControl = (id: string): boolean => KNOWN.has(id);

/** What a control asks for, in a few words; its id where it is not known. */
export const controlTitle = (id: string): string => KNOWN.get(id) ?? id;
