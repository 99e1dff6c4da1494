import tseslint from 'typescript-eslint';

const PURE_ROOMS = [
  'proto/src/**/*.ts',
  'coordinator/src/round/**/*.ts',
  'participant/src/session/**/*.ts',
  'participant/src/view/**/*.ts',
];

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      '.tools/',
      'proto/gen/',
      'admin-client/src/schema.ts',
      'console/dist/',
      'proto/assembly/',
      'proto/src/kernel/kernel-binary.ts',
      '*.config.js',
      '.dependency-cruiser.cjs',
      // Served to browsers as it is; compiled by nobody.
      'participant/src/http/assets/',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './page/tsconfig.json', './console/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNever: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@noble/curves/ed25519*'],
              message:
                'its verification is cofactored: it takes signatures that Go, OpenSSL and WebCrypto refuse',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60 }],
      'max-params': ['error', 4],
    },
  },
  {
    files: PURE_ROOMS,
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'the core has no clock: time is an event' },
        {
          object: 'Math',
          property: 'random',
          message: 'the core has no randomness: random bytes arrive as arguments',
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'the core has no clock',
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 400 }],
    },
  },
);
