import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['static/**', 'node_modules/**', 'test-results/**', 'playwright-report/**'] },
  {
    files: ['web/**/*.{ts,tsx}', 'e2e/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'All text of a process is hostile.' },
        { selector: 'JSXAttribute[name.name="style"][value.type="Literal"]', message: 'Inline style attributes are refused by the content security policy; use a class.' },
      ],
    },
  },
  { files: ['web/**/*.test.{ts,tsx}', 'e2e/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['e2e/**/*.ts'], rules: { 'no-console': 'off' } },
);
