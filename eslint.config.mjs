// The boundaries Nx sees: projects by tag, and the npm packages a project imports directly. The rest of linting is
// done by Biome and oxlint; folders, built-ins and cycles by dependency-cruiser.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const BROKER_ONLY = ['@nestjs/*', 'typeorm', 'pg'];
const BELOW = ['kind:domain', 'kind:contracts', 'kind:proof'];

const depConstraints = [
  { sourceTag: 'kind:domain', onlyDependOnLibsWithTags: ['kind:domain'], bannedExternalImports: ['*'] },
  {
    sourceTag: 'kind:contracts',
    onlyDependOnLibsWithTags: ['kind:domain', 'kind:contracts'],
    bannedExternalImports: [...BROKER_ONLY, '@nats-io/*', 'jose'],
  },
  { sourceTag: 'kind:proof', onlyDependOnLibsWithTags: BELOW, bannedExternalImports: [...BROKER_ONLY, '@nats-io/*'] },
  {
    sourceTag: 'kind:company-side',
    onlyDependOnLibsWithTags: [...BELOW, 'kind:company-side'],
    bannedExternalImports: BROKER_ONLY,
  },
  {
    sourceTag: 'kind:client',
    onlyDependOnLibsWithTags: [...BELOW, 'kind:company-side', 'kind:client'],
    bannedExternalImports: BROKER_ONLY,
  },
  { sourceTag: 'kind:bus', onlyDependOnLibsWithTags: [...BELOW, 'kind:bus'], bannedExternalImports: BROKER_ONLY },
  { sourceTag: 'kind:trial', onlyDependOnLibsWithTags: [...BELOW, 'kind:trial'] },
  { sourceTag: 'kind:chassis', onlyDependOnLibsWithTags: [...BELOW, 'kind:bus', 'kind:chassis'] },
  { sourceTag: 'kind:testkit', notDependOnLibsWithTags: ['kind:service', 'kind:partner'] },
  { sourceTag: 'kind:service', notDependOnLibsWithTags: ['kind:service', 'kind:partner', 'kind:company-side'] },
  {
    sourceTag: 'kind:partner',
    notDependOnLibsWithTags: ['kind:service', 'kind:partner', 'kind:chassis', 'kind:testkit'],
    bannedExternalImports: BROKER_ONLY,
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/*.spec.ts', '**/test/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parser: tseslint.parser },
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints }] },
  },
);
