// Whoever plays schedules imports this first, and the programs only then, by `await import`: they run as they are, with a small ring
// and small parts instead of the real ones, hashing by the platform, and functions that remember their answers.
import { registerHooks } from 'node:module';
import { REMEMBERED } from './remembered-functions.ts';

const ROOT = new URL('../../', import.meta.url).href;
const MEMORY = new URL('./remembered-functions.ts', import.meta.url).href;
const PLATFORM = new URL('./platform-bytes.ts', import.meta.url).href;
const SIGNATURES = new URL('./simulated-signatures.ts', import.meta.url).href;
const P256 = new URL('./simulated-p256.ts', import.meta.url).href;
const REAL = '?real';

/** A contribution has several parts, and all of it takes little time. */
const SMALL: readonly (readonly [real: string, small: string])[] = [
  ['export const N = 4096;', 'export const N = 128;'],
  ['export const PART_BYTES = 1 << 20;', 'export const PART_BYTES = 1 << 10;'],
];

registerHooks({
  load(url, context, next) {
    const path = url.startsWith(ROOT) ? url.slice(ROOT.length) : '';
    const source = REPLACED[path]?.(url);
    if (source !== undefined) return { format: 'module', source, shortCircuit: true };
    const loaded = next(url, context);
    return path === 'proto/src/parameter-set.ts'
      ? { ...loaded, source: withSmallParts(loaded.source) }
      : loaded;
  },
});

const REPLACED: Readonly<Record<string, (url: string) => string>> = {
  ...Object.fromEntries(Object.keys(REMEMBERED).map((path) => [path, (url) => rememberingModule(path, url)])),
  'proto/node/ed25519.ts': () => `export * from '${SIGNATURES}';`,
  'proto/node/ecdsa-p256.ts': () => `export * from '${P256}';`,
  'node_modules/@noble/hashes/sha2.js': (url) => platformModule(url, ['sha256']),
  'node_modules/@noble/hashes/utils.js': (url) =>
    platformModule(url, ['bytesToHex', 'hexToBytes', 'utf8ToBytes', 'concatBytes']),
};

function rememberingModule(path: string, url: string): string {
  const names = Object.keys(REMEMBERED[path]!);
  const functions = names.map((name) => `export const ${name} = of.${name}(real.${name});`);
  return [
    `import * as real from '${url}${REAL}';`,
    `import { REMEMBERED } from '${MEMORY}';`,
    `export * from '${url}${REAL}';`,
    `const of = REMEMBERED['${path}'];`,
    ...functions,
  ].join('\n');
}

/** The portable module, with the platform's functions of these names. */
function platformModule(url: string, names: readonly string[]): string {
  return [
    `import * as real from '${url}${REAL}';`,
    `import * as platform from '${PLATFORM}';`,
    `export * from '${url}${REAL}';`,
    // What else hangs on the portable function stays there.
    ...names.map((name) => `export const ${name} = Object.assign(platform.${name}, real.${name});`),
  ].join('\n');
}

function withSmallParts(source: unknown): string {
  return SMALL.reduce((text, [real, small]) => {
    if (!text.includes(real)) throw new Error(`the parameter set has no ${real}`);
    return text.replace(real, small);
  }, String(source));
}
