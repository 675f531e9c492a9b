import type { Thumbprint } from '@interlock/domain';

const [vendorId, buyerId] = ['alpine-presses.example', 'delta-foods.example'];

/** Options of `interlock agreement new` that write a clause of every kind it can write. */
export const everyClause = (regionKey: Thumbprint): readonly string[] => [
  ...['--profile', 'both,machine-to-machine', '--region', `eu-1=${regionKey}@DE`, '--key', 'force:kN:process:pass'],
  ...['--hours', 'mon-fri=06:00-22:00@Europe/Berlin', '--embargo', `${vendorId}=eu`, '--notice', '30d'],
  ...['--resource-class', 'standard=2:closed', '--selector', `${buyerId}:north:pressing:standard=ssh`],
  ...[
    '--file-transfer',
    'ssh',
    '--sessions',
    '2',
    '--re-login',
    '8h',
    '--login-by',
    'urn:acr:passkey',
    '--clock-skew',
    '2s',
    '--safety-notice',
    '1h',
  ],
  ...['--time-limits', '30d,7d,8h', '--transfer', 'DE/DE,AT/DE,CH', '--transfer-mechanism', 'CH=adequacy-decision'],
  ...['--decision-point', `${buyerId}=1min`, '--equivalence', `${vendorId}:iec-62443-3-3/sr-1.1=7d`],
  ...['--machines', 'north=pressing', '--insolvency', `${vendorId}=30d`, '--delegation', `1=${vendorId}`],
  ...[
    '--signal',
    `${buyerId}:machine-stopped:resource:1min`,
    '--inspection',
    'region',
    '--label',
    'internal',
    '--scanning',
  ],
  ...['--identity-provider', `${buyerId}:${vendorId}/technician=guest-4711`],
  ...['--cosigning', 'one', '--witness-silence', '2h', '--single-custody', vendorId],
];
